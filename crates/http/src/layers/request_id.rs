//! An id for every request, under which its log lines and its error are found.

use poem::http::HeaderValue;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use uuid::Uuid;

/// The id of the request at hand; in the request's extensions and in `X-Request-Id`.
///
/// The server makes it. One that a client or a proxy sends is not taken over, because it would
/// let a stranger write into the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    #[expect(clippy::disallowed_methods, reason = "nothing depends on it, and it is stored nowhere")]
    fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.simple().fmt(formatter)
    }
}

/// The layer that gives each request its [`RequestId`].
pub struct RequestIds;

impl<E: Endpoint> Middleware<E> for RequestIds {
    type Output = RequestIdsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        RequestIdsEndpoint { inner }
    }
}

/// See [`RequestIds`].
pub struct RequestIdsEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for RequestIdsEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let id = RequestId::new();
        request.extensions_mut().insert(id);
        let mut response = self.inner.call(request).await?.into_response();
        if let Ok(value) = HeaderValue::try_from(id.to_string()) {
            response.headers_mut().insert("x-request-id", value);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt, handler};

    use super::*;

    #[handler]
    fn echo(request: &Request) -> String {
        request.data::<RequestId>().unwrap().to_string()
    }

    #[tokio::test]
    async fn the_id_in_the_header_is_the_one_the_handler_sees() {
        let client = TestClient::new(echo.with(RequestIds));
        let response = client.get("/").header("X-Request-Id", "from-outside").send().await;
        let header = response.0.header("X-Request-Id").unwrap().to_owned();
        assert_eq!(header.len(), 32);
        response.assert_text(header).await;
    }

    #[tokio::test]
    async fn two_requests_have_different_ids() {
        let client = TestClient::new(echo.with(RequestIds));
        let first = client.get("/").send().await.0.into_body().into_string().await.unwrap();
        let second = client.get("/").send().await.0.into_body().into_string().await.unwrap();
        assert_ne!(first, second);
    }
}
