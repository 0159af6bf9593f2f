//! A page of another site cannot act with a visitor's cookie.

use std::sync::Arc;

use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Middleware, Request, Result};

use super::Origin;
use super::uploads::is_upload;
use crate::problem::Problem;

/// The cookie's name; the prefix binds it to TLS and to this host.
pub const SESSION_COOKIE: &str = "__Host-session";
/// The cookie's name on plain HTTP, where browsers refuse the prefix.
pub const PLAIN_SESSION_COOKIE: &str = "session";

/// The layer that refuses changes which carry the session cookie from elsewhere.
///
/// Such a request must come from the page's own origin, as `Sec-Fetch-Site` or, in a browser
/// without it, `Origin` says, and its body must be of a type that a plain HTML form cannot
/// send, unless it is a file, which has the type that it has. Requests with a bearer token are not concerned: no browser adds that by itself.
pub struct SameOrigin {
    own: Arc<[Origin]>,
}

impl SameOrigin {
    /// The origins under which the page is reached.
    pub fn new(own_origins: impl IntoIterator<Item = Origin>) -> Self {
        Self { own: own_origins.into_iter().collect() }
    }
}

impl<E: Endpoint> Middleware<E> for SameOrigin {
    type Output = SameOriginEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        SameOriginEndpoint { inner, own: Arc::clone(&self.own) }
    }
}

/// See [`SameOrigin`].
pub struct SameOriginEndpoint<E> {
    inner: E,
    own: Arc<[Origin]>,
}

impl<E: Endpoint> Endpoint for SameOriginEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> Result<E::Output> {
        if changes_by_cookie(&request)
            && !(self.is_own(&request) && (is_upload(&request) || has_safe_body(&request)))
        {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                "cross_origin",
                "A change with the session cookie must come from the page's own origin, as JSON. \
                 If this is the own page, set server.public_urls to the address in the address bar.",
            )
            .into());
        }
        self.inner.call(request).await
    }
}

impl<E> SameOriginEndpoint<E> {
    fn is_own(&self, request: &Request) -> bool {
        match (request.header("sec-fetch-site"), request.headers().get(header::ORIGIN)) {
            (Some(site), _) => matches!(site, "same-origin" | "none"),
            (None, Some(origin)) => is_listed(&self.own, origin.as_bytes()),
            (None, None) => false,
        }
    }
}

/// Whether the value of an `Origin` header is one of these origins, letter by letter. The
/// WebSocket upgrade asks the same question.
pub fn is_listed(origins: &[Origin], header: &[u8]) -> bool {
    origins.iter().any(|origin| origin.as_str().as_bytes() == header)
}

fn changes_by_cookie(request: &Request) -> bool {
    !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        && !request.headers().contains_key(header::AUTHORIZATION)
        && has_session_cookie(request)
}

fn has_session_cookie(request: &Request) -> bool {
    request
        .headers()
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
        .filter_map(|cookie| cookie.split(|byte| *byte == b'=').next())
        .map(<[u8]>::trim_ascii)
        .any(|name| name == SESSION_COOKIE.as_bytes() || name == PLAIN_SESSION_COOKIE.as_bytes())
}

fn has_safe_body(request: &Request) -> bool {
    let has_body = request.headers().contains_key(header::TRANSFER_ENCODING)
        || request.header(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
    let kind = request.content_type().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // Forms of other sites send no bodies of these kinds, but for the last one.
    let is_file = kind == "application/octet-stream" || kind.starts_with("image/");
    !has_body || is_file || matches!(kind.as_str(), "application/json" | "multipart/form-data")
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt, handler};

    use super::*;

    #[handler]
    fn change() -> &'static str {
        "changed"
    }

    async fn status(method: Method, headers: &[(&'static str, &'static str)]) -> u16 {
        let own = "https://chat.example".parse().unwrap();
        let client = TestClient::new(change.with(SameOrigin::new([own])));
        let mut request = client.request(method, "/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.0.status().as_u16()
    }

    const COOKIE: (&str, &str) = ("Cookie", "theme=dark; __Host-session=abc");
    const JSON: [(&str, &str); 2] =
        [("Content-Type", "application/json; charset=utf-8"), ("Content-Length", "2")];

    #[tokio::test]
    async fn the_own_page_may_change_things() {
        let fetch = ("Sec-Fetch-Site", "same-origin");
        let origin = ("Origin", "https://chat.example");
        assert_eq!(status(Method::POST, &[COOKIE, JSON[0], JSON[1], fetch]).await, 200);
        assert_eq!(status(Method::POST, &[COOKIE, JSON[0], JSON[1], origin]).await, 200);
        assert_eq!(status(Method::DELETE, &[COOKIE, origin]).await, 200);
    }

    #[tokio::test]
    async fn another_site_may_not() {
        for from in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Origin", "https://evil.example"),
            ("Origin", "http://chat.example"),
            ("Origin", "https://chat.example.evil"),
            ("Origin", "null"),
            ("Referer", "https://chat.example/"),
        ] {
            assert_eq!(status(Method::POST, &[COOKIE, JSON[0], JSON[1], from]).await, 403, "{from:?}");
            assert_eq!(status(Method::POST, &[("Cookie", "session=abc"), from]).await, 403, "{from:?}");
        }
    }

    #[tokio::test]
    async fn a_form_is_refused_whatever_it_says_about_its_origin() {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "text/plain;application/json"] {
            let headers =
                [COOKIE, ("Content-Type", kind), ("Content-Length", "2"), ("Sec-Fetch-Site", "same-origin")];
            assert_eq!(status(Method::POST, &headers).await, 403, "{kind}");
        }
    }

    #[tokio::test]
    async fn reading_bearer_tokens_and_requests_without_the_cookie_are_not_concerned() {
        let evil = ("Origin", "https://evil.example");
        assert_eq!(status(Method::GET, &[COOKIE, evil]).await, 200);
        assert_eq!(status(Method::POST, &[COOKIE, evil, ("Authorization", "Bearer x")]).await, 200);
        assert_eq!(status(Method::POST, &[evil, ("Cookie", "my_session=abc")]).await, 200);
    }
}
