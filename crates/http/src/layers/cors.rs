//! Which other origins may read answers.

use std::sync::Arc;

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

use super::Origin;

const ALLOWED_METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
const ALLOWED_HEADERS: &str = "authorization, content-type, tus-resumable, upload-length, upload-metadata, \
    upload-offset, x-http-method-override";
const EXPOSED_HEADERS: &str = "x-request-id, retry-after, location, tus-resumable, tus-version, tus-extension, \
    tus-max-size, upload-expires, upload-file, upload-length, upload-metadata, upload-offset";
const PREFLIGHT_SECONDS: &str = "600";

/// The layer that lets pages of the listed origins use the API with a bearer token.
///
/// Nothing is allowed unless it is listed, letter by letter. Cookies are never shared with
/// another origin, therefore there is no `Access-Control-Allow-Credentials`.
pub struct Cors {
    origins: Arc<[Origin]>,
}

impl Cors {
    /// Allows these origins; none of them is the page's own.
    pub fn new(origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { origins: origins.into_iter().collect() }
    }
}

impl<E: Endpoint> Middleware<E> for Cors {
    type Output = CorsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        CorsEndpoint { inner, origins: Arc::clone(&self.origins) }
    }
}

/// See [`Cors`].
pub struct CorsEndpoint<E> {
    inner: E,
    origins: Arc<[Origin]>,
}

impl<E: Endpoint> CorsEndpoint<E> {
    fn allowed(&self, request: &Request) -> Option<HeaderValue> {
        let origin = request.headers().get(header::ORIGIN)?;
        self.origins
            .iter()
            .any(|allowed| allowed.as_str().as_bytes() == origin.as_bytes())
            .then(|| origin.clone())
    }
}

impl<E: Endpoint> Endpoint for CorsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let allowed = self.allowed(&request);
        let mut response = if is_preflight(&request) {
            preflight(allowed.is_some())
        } else {
            self.inner.call(request).await?.into_response()
        };
        let headers = response.headers_mut();
        // A cache must not give one origin the answer made for another.
        headers.append(header::VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
        }
        Ok(response)
    }
}

fn is_preflight(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight(allowed: bool) -> Response {
    if !allowed {
        return StatusCode::FORBIDDEN.into_response();
    }
    Response::builder()
        .status(StatusCode::NO_CONTENT)
        .header(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS)
        .header(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS)
        .header(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS)
        .finish()
}

#[cfg(test)]
mod tests {
    use poem::test::{TestClient, TestResponse};
    use poem::{EndpointExt, handler};

    use super::*;

    #[handler]
    fn hello() -> &'static str {
        "hello"
    }

    fn client(origins: &[&str]) -> TestClient<impl Endpoint> {
        TestClient::new(hello.with(Cors::new(origins.iter().map(|origin| origin.parse().unwrap()))))
    }

    async fn preflight_from(origin: &str, allowed: &[&str]) -> TestResponse {
        client(allowed)
            .options("/")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "PUT")
            .send()
            .await
    }

    #[tokio::test]
    async fn no_origin_is_allowed_unless_it_is_listed() {
        let response = client(&[]).get("/").header("Origin", "https://evil.example").send().await;
        response.assert_header_is_not_exist("Access-Control-Allow-Origin");
        response.assert_header("Vary", "Origin");
        preflight_from("https://evil.example", &[]).await.assert_status(StatusCode::FORBIDDEN);
    }

    #[tokio::test]
    async fn a_listed_origin_is_allowed_without_cookies() {
        let response = preflight_from("https://app.example", &["https://app.example"]).await;
        response.assert_status(StatusCode::NO_CONTENT);
        response.assert_header("Access-Control-Allow-Origin", "https://app.example");
        response.assert_header_is_not_exist("Access-Control-Allow-Credentials");
    }

    #[tokio::test]
    async fn lookalikes_of_a_listed_origin_are_refused() {
        for origin in [
            "https://app.example.evil",
            "https://evil-app.example",
            "http://app.example",
            "https://app.example:8443",
            "null",
        ] {
            let response = preflight_from(origin, &["https://app.example"]).await;
            response.assert_status(StatusCode::FORBIDDEN);
            response.assert_header_is_not_exist("Access-Control-Allow-Origin");
        }
    }
}
