//! What the tus protocol asks of every request and answer.

use poem::http::{HeaderName, HeaderValue, Method, StatusCode};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::uploads::is_resumable;

/// The version of the protocol.
pub const TUS_VERSION: &str = "1.0.0";

const VERSION: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
const METHOD: HeaderName = HeaderName::from_static("x-http-method-override");

/// The layer that writes the protocol's version on all answers about resumable uploads, and takes a
/// `POST` for what it says that it is: some networks let no other methods through.
pub struct Tus;

impl<E: Endpoint> Middleware<E> for Tus {
    type Output = TusEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        TusEndpoint { inner }
    }
}

/// See [`Tus`].
pub struct TusEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for TusEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        if !is_resumable(&request) {
            return Ok(self.inner.call(request).await?.into_response());
        }
        if request.method() == Method::POST {
            match request.header(&METHOD) {
                Some("PATCH") => request.set_method(Method::PATCH),
                Some("DELETE") => request.set_method(Method::DELETE),
                Some("HEAD") => request.set_method(Method::HEAD),
                _ => {}
            }
        }
        let mut response = self.inner.call(request).await?.into_response();
        let is_of_other_version = response.status() == StatusCode::PRECONDITION_FAILED;
        let headers = response.headers_mut();
        headers.insert(VERSION, HeaderValue::from_static(TUS_VERSION));
        if is_of_other_version {
            headers.insert(VERSIONS, HeaderValue::from_static(TUS_VERSION));
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt, Route, handler};

    use super::*;

    #[handler]
    fn method(request: &Request) -> String {
        request.method().to_string()
    }

    #[tokio::test]
    async fn a_post_is_what_it_says_for_uploads_alone() {
        let everything = poem::get(method).post(method).patch(method).delete(method);
        let client = TestClient::new(Route::new().at("/*any", everything).with(Tus));
        for (path, said, is) in [
            ("/api/v1/uploads/7", "PATCH", "PATCH"),
            ("/api/v1/uploads/7", "DELETE", "DELETE"),
            ("/api/v1/uploads/7", "TRACE", "POST"),
            ("/api/v1/groups/7", "DELETE", "POST"),
        ] {
            let response = client.post(path).header("X-HTTP-Method-Override", said).send().await;
            response.assert_text(is).await;
        }
        client.get("/api/v1/uploads/7").send().await.assert_header("Tus-Resumable", "1.0.0");
        client.get("/api/v1/users").send().await.assert_header_is_not_exist("Tus-Resumable");
    }
}
