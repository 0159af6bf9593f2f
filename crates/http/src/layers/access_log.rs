//! One log line per request.

use std::sync::{Arc, OnceLock};

use poem::http::Method;
use poem::{Endpoint, IntoResponse, Middleware, PathPattern, Request, Response, Result};
use uuid::Uuid;

use super::RequestId;

/// Where the code that finds out who is asking leaves the user's id for the access log.
#[derive(Debug, Clone, Default)]
pub struct UserTag(Arc<OnceLock<Uuid>>);

impl UserTag {
    /// Notes the user of a request; the first one counts.
    pub fn set(request: &Request, user: Uuid) {
        if let Some(tag) = request.data::<Self>() {
            tag.0.get_or_init(|| user);
        }
    }
}

/// The layer that logs method, route, status, time, user and request id.
///
/// It logs the route's pattern instead of the address, and no header: what people look for,
/// whom they write to and their tokens stay out of the log.
pub struct AccessLog;

impl<E: Endpoint> Middleware<E> for AccessLog {
    type Output = AccessLogEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        AccessLogEndpoint { inner }
    }
}

/// See [`AccessLog`].
pub struct AccessLogEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for AccessLogEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let user = UserTag::default();
        request.extensions_mut().insert(user.clone());
        let method = request.method().clone();
        let id = request.data::<RequestId>().map(ToString::to_string).unwrap_or_default();
        let start = tokio::time::Instant::now();

        let response = self.inner.get_response(request).await.into_response();

        tracing::info!(
            target: "parlor::access",
            method = name(&method),
            route = route(&response),
            status = response.status().as_u16(),
            milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
            user = user.0.get().map(tracing::field::display),
            request_id = id,
            "request"
        );
        Ok(response)
    }
}

/// The page's pattern is empty, because it takes every path that nothing else takes.
pub(super) fn route(response: &Response) -> &str {
    match response.data::<PathPattern>() {
        Some(pattern) if pattern.0.is_empty() => "page",
        Some(pattern) => &pattern.0,
        None => "unmatched",
    }
}

/// A method is any word a client likes; the log has the standard ones only.
pub(super) fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use poem::test::TestClient;
    use poem::{EndpointExt, Route, handler};

    use super::super::test_log::logged;
    use super::super::{Problems, RequestIds};
    use super::*;

    #[handler]
    fn user(request: &Request) -> &'static str {
        UserTag::set(request, Uuid::from_u128(7));
        "hello"
    }

    async fn log_of(path: &str) -> String {
        let app = Route::new().at("/users/:id", user).with(Problems).with(AccessLog).with(RequestIds);
        logged(async { _ = TestClient::new(app).get(path).header("Authorization", "canary").send().await })
            .await
    }

    #[tokio::test]
    async fn a_line_has_the_pattern_and_the_user_but_not_the_address() {
        let log = log_of("/users/secret-name?search=canary").await;
        assert!(log.contains("/users/:id"), "{log}");
        assert!(log.contains("status=200"), "{log}");
        assert!(log.contains("00000000-0000-0000-0000-000000000007"), "{log}");
        assert!(!log.contains("secret-name") && !log.contains("canary"), "{log}");
        assert_eq!(log.lines().count(), 1);
    }

    #[tokio::test]
    async fn an_unknown_path_is_logged_as_unmatched() {
        let log = log_of("/nowhere/canary").await;
        assert!(log.contains("unmatched") && log.contains("status=404"), "{log}");
        assert!(!log.contains("canary"), "{log}");
    }
}
