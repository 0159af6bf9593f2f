//! How long a request may take.

use std::time::Duration;

use poem::http::{StatusCode, header};
use poem::{Endpoint, Middleware, Request, Result};

use super::uploads::is_upload;
use crate::problem::Problem;

/// The layer that gives up on a request after a while.
///
/// It covers reading the body and handling it. A file has more time to come in. A request to upgrade is left alone, because it
/// lives as long as its socket.
pub struct RequestTimeout {
    limit: Duration,
    upload: Duration,
}

impl RequestTimeout {
    /// Requests that take longer are answered 503; those with a file may take `upload` longer.
    pub fn new(limit: Duration, upload: Duration) -> Self {
        Self { limit, upload }
    }
}

impl<E: Endpoint> Middleware<E> for RequestTimeout {
    type Output = RequestTimeoutEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        RequestTimeoutEndpoint { inner, limit: self.limit, upload: self.upload }
    }
}

/// See [`RequestTimeout`].
pub struct RequestTimeoutEndpoint<E> {
    inner: E,
    limit: Duration,
    upload: Duration,
}

impl<E: Endpoint> Endpoint for RequestTimeoutEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<E::Output> {
        if request.headers().contains_key(header::UPGRADE) {
            return self.inner.call(request).await;
        }
        let more = if is_upload(&request) { self.upload } else { Duration::ZERO };
        match tokio::time::timeout(self.limit + more, self.inner.call(request)).await {
            Ok(result) => result,
            Err(_) => Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "timeout",
                "The request took too long; try again in a moment.",
            )
            .retry_after_ms(1_000)
            .into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt, handler};

    use super::*;

    #[handler]
    async fn slow() -> &'static str {
        tokio::time::sleep(Duration::from_secs(31)).await;
        "done"
    }

    fn timeout() -> RequestTimeout {
        RequestTimeout::new(Duration::from_secs(30), Duration::from_mins(10))
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_has_more_time() {
        let client = TestClient::new(slow.with(timeout()));
        client.post("/api/v1/files").send().await.assert_status_is_ok();
        client.get("/api/v1/files").send().await.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_takes_too_long_is_answered() {
        let client = TestClient::new(slow.with(timeout()));
        client.get("/").send().await.assert_status(StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test(start_paused = true)]
    async fn an_upgrade_may_take_as_long_as_it_wants() {
        let client = TestClient::new(slow.with(timeout()));
        client.get("/").header("Upgrade", "websocket").send().await.assert_status_is_ok();
    }
}
