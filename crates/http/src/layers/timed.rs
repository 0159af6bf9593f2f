//! How long requests take.

use std::sync::Arc;

use parlor_realtime::Timings;
use poem::{Endpoint, Middleware, Request, Response, Result};
use tokio::time::Instant;

use super::access_log::{name, route};

/// The layer that notes how long each request took until its answer began, by method and route.
pub struct Timed(Arc<Timings>);

impl Timed {
    /// Notes it there.
    pub fn new(timings: Arc<Timings>) -> Self {
        Self(timings)
    }
}

impl<E: Endpoint> Middleware<E> for Timed {
    type Output = TimedEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        TimedEndpoint { inner, timings: Arc::clone(&self.0) }
    }
}

/// See [`Timed`].
pub struct TimedEndpoint<E> {
    inner: E,
    timings: Arc<Timings>,
}

impl<E: Endpoint> Endpoint for TimedEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let method = name(request.method());
        let began = Instant::now();
        let response = self.inner.get_response(request).await;
        self.timings.record(method, route(&response), began.elapsed());
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt, Route, handler};

    use super::super::Problems;
    use super::*;

    #[handler]
    fn user() -> &'static str {
        "hello"
    }

    #[tokio::test]
    async fn requests_are_timed_by_their_route_and_not_by_their_address() {
        let timings = Arc::new(Timings::default());
        let app = Route::new().at("/users/:id", user).with(Problems).with(Timed::new(timings.clone()));
        let client = TestClient::new(app);
        for path in ["/users/ana", "/users/ben", "/nowhere"] {
            client.get(path).send().await;
        }
        let mut kinds: Vec<_> =
            timings.slowest(9).into_iter().map(|timing| (timing.kind, timing.count)).collect();
        kinds.sort_unstable();
        assert_eq!(kinds, [("GET /users/:id".to_owned(), 2), ("GET unmatched".to_owned(), 1)]);
    }
}
