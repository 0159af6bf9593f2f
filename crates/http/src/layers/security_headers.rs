//! What browsers are told to refuse.

use poem::http::header::{self, HeaderName};
use poem::http::{HeaderMap, HeaderValue};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};

/// For the page and its scripts, one of which is a worker and follows its own headers. Vue makes
/// the Trusted Types policy `vue` for its static markup, and the page makes `parlor-worker` to
/// register the worker; no other code may turn text into markup or script.
const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
    media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types vue parlor-worker";

/// For everything else: should a browser ever show it as a document, it can do nothing.
const DATA_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(self), payment=(), usb=(), browsing-topics=()",
    ),
];

/// One year, as long as browsers remember at most.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// The layer that adds security headers to every answer, errors included.
///
/// A handler that sets one of them itself is left alone: assets say how long they may be
/// cached, a page of API documentation may need another policy.
pub struct SecurityHeaders {
    https: bool,
}

impl SecurityHeaders {
    /// `https`: browsers reach the server through TLS, its own or a proxy's.
    pub fn new(https: bool) -> Self {
        Self { https }
    }
}

impl<E: Endpoint> Middleware<E> for SecurityHeaders {
    type Output = SecurityHeadersEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        SecurityHeadersEndpoint { inner, https: self.https }
    }
}

/// See [`SecurityHeaders`].
pub struct SecurityHeadersEndpoint<E> {
    inner: E,
    https: bool,
}

impl<E: Endpoint> Endpoint for SecurityHeadersEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let mut response = self.inner.get_response(request).await.into_response();
        let policy = if runs_code(response.headers()) { PAGE_POLICY } else { DATA_POLICY };
        let headers = response.headers_mut();
        for (name, value) in ALWAYS {
            set_default(headers, name, value);
        }
        set_default(headers, header::CONTENT_SECURITY_POLICY, policy);
        // A cache between the server and two people must not show one what the other may see.
        if !headers.contains_key(header::CACHE_CONTROL) {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.append(header::VARY, HeaderValue::from_static("Cookie, Authorization"));
        }
        if self.https {
            set_default(headers, header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
        }
        Ok(response)
    }
}

fn runs_code(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    kind.starts_with(b"text/html") || kind.starts_with(b"text/javascript")
}

fn set_default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;
    use poem::test::{TestClient, TestResponse};
    use poem::web::Html;
    use poem::{EndpointExt, Route, handler};

    use super::*;

    #[handler]
    fn page() -> Html<&'static str> {
        Html("<!doctype html>")
    }

    #[handler]
    fn asset() -> Response {
        Response::builder().header("Cache-Control", "public, max-age=1").body("x")
    }

    async fn get(path: &str, https: bool) -> TestResponse {
        let app = Route::new().at("/", page).at("/asset", asset).with(SecurityHeaders::new(https));
        TestClient::new(app).get(path).send().await
    }

    #[tokio::test]
    async fn the_page_runs_only_its_own_scripts() {
        let response = get("/", true).await;
        let policy = response.0.header("Content-Security-Policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';"));
        assert!(!policy.contains("unsafe"));
        response.assert_header("Cache-Control", "no-store");
        response.assert_header("Strict-Transport-Security", STRICT_TRANSPORT);
    }

    #[tokio::test]
    async fn an_error_has_them_too() {
        let response = get("/missing", true).await;
        response.assert_status(StatusCode::NOT_FOUND);
        for name in ["X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy", "Cache-Control"]
        {
            assert!(response.0.header(name).is_some(), "{name}");
        }
    }

    #[tokio::test]
    async fn plain_http_is_not_told_to_insist_on_tls() {
        get("/", false).await.assert_header_is_not_exist("Strict-Transport-Security");
    }

    #[tokio::test]
    async fn what_a_handler_says_about_caching_stays() {
        get("/asset", false).await.assert_header("Cache-Control", "public, max-age=1");
    }
}
