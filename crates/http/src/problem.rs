//! Errors as RFC 9457 problem details.

use poem::error::ResponseError;
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::Object;
use serde::Serialize;

/// One field of the request that is not acceptable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
pub struct FieldError {
    /// The field's name in the request, such as `username`.
    pub field: String,
    /// A stable word a program can act on, such as `too_short`.
    pub code: String,
    /// A sentence that says what to do.
    pub message: String,
}

/// Why and until when the caller is banned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
pub struct BanDetail {
    /// What the moderator wrote.
    pub reason: String,
    /// When it ends, as RFC 3339; null when it does not end by itself.
    pub until: Option<String>,
}

/// An error as a client sees it: `application/problem+json`.
///
/// Handlers return it as the error of a `Result`; `?` turns it into a [`poem::Error`].
/// The request id is filled in by [`crate::layers::Problems`].
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}: {}", .0.code, .0.detail)]
pub struct Problem(
    // In a box, because each handler's result has room for one.
    Box<Details>,
);

#[derive(Debug, Clone, Serialize)]
struct Details {
    // The problem types of this API are told apart by `code`; RFC 9457 asks for "about:blank"
    // when the title is nothing but the status.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: Status,
    code: &'static str,
    detail: String,
    request_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ban: Option<BanDetail>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_bytes: Option<u64>,
    /// How many bytes there are, when other ones were asked for.
    #[serde(skip)]
    whole_bytes: Option<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Status(StatusCode);

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(self.0.as_u16())
    }
}

impl Problem {
    /// A problem with a status, a stable code in snake case and a sentence that says what to do.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: Status(status),
            code,
            detail: detail.into(),
            request_id: String::new(),
            errors: Vec::new(),
            retry_after_ms: None,
            ban: None,
            max_bytes: None,
            left_bytes: None,
            whole_bytes: None,
        }))
    }

    /// 400: the request cannot be understood.
    pub fn invalid_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", detail)
    }

    /// 422: the request is understood, but some values are not acceptable; all of them at once.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let detail = "Some fields are not acceptable; see `errors`.";
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_fields", detail);
        problem.0.errors = errors;
        problem
    }

    /// 401: nobody is signed in.
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Sign in first.")
    }

    /// 403: the caller may not do this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 403: the account is banned.
    pub fn banned(ban: BanDetail) -> Self {
        let mut problem = Self::new(StatusCode::FORBIDDEN, "banned", "This account is banned.");
        problem.0.ban = Some(ban);
        problem
    }

    /// 403: the account is banned from this group.
    pub fn banned_from_group(ban: BanDetail) -> Self {
        let text = "You are banned from this group; `ban` says why and until when.";
        let mut problem = Self::new(StatusCode::FORBIDDEN, "banned_from_group", text);
        problem.0.ban = Some(ban);
        problem
    }

    /// 404: it does not exist, or the caller may not know that it does.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", detail)
    }

    /// 409: it contradicts what is there already.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 413: the body is larger than `limit_bytes`.
    pub fn too_large(limit_bytes: usize) -> Self {
        let detail = format!("The body may have {limit_bytes} bytes at most.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
    }

    /// 413: a file has more bytes than one may have.
    pub fn file_too_large(max_bytes: u64) -> Self {
        let detail = format!("A file may have {max_bytes} bytes at most; make it smaller.");
        let mut problem = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large", detail);
        problem.0.max_bytes = Some(max_bytes);
        problem
    }

    /// 413: with this file somebody's files would have more bytes than they may.
    pub fn quota_exceeded(left_bytes: u64) -> Self {
        let detail = format!(
            "You may upload {left_bytes} bytes more; delete messages with files that you no longer need."
        );
        let mut problem = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "quota_exceeded", detail);
        problem.0.left_bytes = Some(left_bytes);
        problem
    }

    /// 416: of so many bytes, others were asked for than there are.
    pub fn range_not_satisfiable(whole_bytes: u64) -> Self {
        let detail = format!("The file has {whole_bytes} bytes; ask for some of them.");
        let mut problem = Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", detail);
        problem.0.whole_bytes = Some(whole_bytes);
        problem
    }

    /// 429: too often; the same request may be repeated after `retry_after_ms`.
    pub fn rate_limited(retry_after_ms: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many requests; wait and try again.")
            .retry_after_ms(retry_after_ms)
    }

    /// 503: the server has too much to do; try again after `retry_after_ms`.
    pub fn busy(retry_after_ms: u64) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The server is busy; try again in a moment.")
            .retry_after_ms(retry_after_ms)
    }

    /// 503: something the server needs does not answer, such as the database.
    pub fn unavailable() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available now; try again in a moment.")
    }

    /// 500: a fault of the server. Who makes it logs the cause; the client never sees it.
    pub fn internal() -> Self {
        let detail = "Something went wrong on the server; its log has the cause under this request id.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// Names a field at fault.
    #[must_use]
    pub fn with_field(mut self, field: &str, code: &str, message: impl Into<String>) -> Self {
        self.0.errors.push(FieldError { field: field.into(), code: code.into(), message: message.into() });
        self
    }

    /// Says when to try again, in the body and as `Retry-After`.
    #[must_use]
    pub fn retry_after_ms(mut self, milliseconds: u64) -> Self {
        self.0.retry_after_ms = Some(milliseconds);
        self
    }

    /// Sets the id under which the log has this request.
    #[must_use]
    pub fn with_request_id(mut self, id: impl Into<String>) -> Self {
        self.0.request_id = id.into();
        self
    }

    /// The HTTP status.
    pub fn status_code(&self) -> StatusCode {
        self.0.status.0
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    fn render(&self) -> Response {
        // Only strings and numbers are in it, so that it always has a JSON form.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = Response::builder()
            .status(self.status_code())
            .content_type("application/problem+json")
            .body(Body::from_vec(body));
        if let Some(milliseconds) = self.0.retry_after_ms {
            let seconds = milliseconds.div_ceil(1000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status_code() == StatusCode::PAYLOAD_TOO_LARGE {
            // The rest of the body is not read, so that no other request can follow it.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if let Some(bytes) = self.0.whole_bytes
            && let Ok(range) = HeaderValue::try_from(format!("bytes */{bytes}"))
        {
            response.headers_mut().insert(header::CONTENT_RANGE, range);
        }
        if self.status_code() == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"parlor\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        self.0.status.0
    }

    fn as_response(&self) -> Response {
        self.render()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.render()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn json(problem: Problem) -> serde_json::Value {
        problem.into_response().take_body().into_json().await.unwrap()
    }

    #[tokio::test]
    async fn a_problem_has_the_shape_of_rfc_9457() {
        let problem = Problem::not_found("No such group.").with_request_id("r1");
        let expected = serde_json::json!({
            "type": "about:blank", "title": "Not Found", "status": 404,
            "code": "not_found", "detail": "No such group.", "request_id": "r1",
        });
        assert_eq!(json(problem).await, expected);
    }

    #[tokio::test]
    async fn fields_at_fault_are_listed_together() {
        let problem = Problem::invalid_fields(Vec::new())
            .with_field("username", "too_short", "Use 3 characters at least.")
            .with_field("password", "common", "Choose a password that is less common.");
        let body = json(problem).await;
        assert_eq!(body["errors"][1]["field"], "password");
        assert_eq!(body["status"], 422);
    }

    #[test]
    fn a_wait_is_rounded_up_to_whole_seconds_in_the_header() {
        let response = Problem::rate_limited(1_200).into_response();
        assert_eq!(response.header("Retry-After"), Some("2"));
    }

    #[test]
    fn a_handler_can_return_it_with_the_question_mark() {
        let error: poem::Error = Problem::busy(500).into();
        assert_eq!(error.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(error.is::<Problem>());
    }
}
