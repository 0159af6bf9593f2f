//! How large a body may be, and how deep JSON may go.

use poem::error::ReadBodyError;
use poem::http::{Method, header};
use poem::{Endpoint, Middleware, Request, Result};

use super::uploads::is_upload;
use crate::problem::Problem;

/// The deepest JSON that is read; every input of the API is far below.
pub const MAX_JSON_DEPTH: usize = 16;

/// The layer that refuses bodies above a limit before they are in memory.
///
/// A declared length is refused at once; a chunked body is counted while it is read. What is
/// within the limit reaches the handler as it came. Files are left to their handlers.
pub struct BodyLimit {
    bytes: usize,
}

impl BodyLimit {
    /// Bodies of this many bytes are accepted, larger ones are not.
    pub fn new(bytes: usize) -> Self {
        Self { bytes }
    }
}

impl<E: Endpoint> Middleware<E> for BodyLimit {
    type Output = BodyLimitEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        BodyLimitEndpoint { inner, bytes: self.bytes }
    }
}

/// See [`BodyLimit`].
pub struct BodyLimitEndpoint<E> {
    inner: E,
    bytes: usize,
}

impl<E: Endpoint> Endpoint for BodyLimitEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        if is_file(&request) {
            return self.inner.call(request).await;
        }
        if declared_length(&request).is_some_and(|length| length > self.bytes as u64) {
            return Err(Problem::too_large(self.bytes).into());
        }
        let body = request.take_body().into_bytes_limit(self.bytes).await;
        let body = body.map_err(|error| refusal(&error, self.bytes))?;
        if is_json(&request) && depth(&body) > MAX_JSON_DEPTH {
            let detail = format!("JSON may be nested {MAX_JSON_DEPTH} levels deep at most.");
            return Err(Problem::invalid_request(detail).into());
        }
        request.set_body(body);
        self.inner.call(request).await
    }
}

/// Whether the body is a file, which is larger than what is held against this limit. Its handler
/// reads it, up to a limit of its own, once it knows whose it is.
fn is_file(request: &Request) -> bool {
    let path = request.uri().path();
    let is_picture = path.ends_with("/picture") || path.ends_with("/poster");
    is_upload(request) || request.method() == Method::PUT && is_picture
}

/// What a body that could not be read is answered with.
pub(crate) fn refusal(error: &ReadBodyError, limit: usize) -> Problem {
    match error {
        ReadBodyError::PayloadTooLarge => Problem::too_large(limit),
        _ => Problem::invalid_request("The body ended before it was complete."),
    }
}

fn declared_length(request: &Request) -> Option<u64> {
    request.header(header::CONTENT_LENGTH)?.parse().ok()
}

fn is_json(request: &Request) -> bool {
    request.content_type().is_some_and(|kind| kind.to_ascii_lowercase().contains("json"))
}

/// How deep objects and arrays are nested. It only counts brackets outside strings: whether the
/// text is JSON at all is the parser's question, which a shallow text cannot harm.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut bytes = json.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => _ = bytes.next(),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;
    use poem::test::TestClient;
    use poem::{Body, EndpointExt, handler};

    use super::*;

    #[handler]
    fn echo(body: Vec<u8>) -> Vec<u8> {
        body
    }

    fn chunked(bytes: usize) -> Body {
        let chunks = (0..bytes).map(|_| Ok::<_, std::io::Error>(&b"x"[..]));
        Body::from_bytes_stream(futures_util::stream::iter(chunks))
    }

    #[tokio::test]
    async fn a_body_at_the_limit_arrives_whole() {
        let client = TestClient::new(echo.with(BodyLimit::new(100)));
        client.post("/").body(vec![b'x'; 100]).send().await.assert_bytes(vec![b'x'; 100]).await;
    }

    #[tokio::test]
    async fn a_declared_length_above_the_limit_is_refused() {
        let client = TestClient::new(echo.with(BodyLimit::new(100)));
        for bytes in ["101", "1000"] {
            let response = client.post("/").header("Content-Length", bytes).send().await;
            response.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
        }
    }

    #[tokio::test]
    async fn a_chunked_body_is_counted_while_it_is_read() {
        let client = TestClient::new(echo.with(BodyLimit::new(100)));
        client.post("/").body(chunked(100)).send().await.assert_status_is_ok();
        client.post("/").body(chunked(101)).send().await.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn json_deeper_than_the_limit_is_refused() {
        let client = TestClient::new(echo.with(BodyLimit::new(1_000)));
        for (depth, status) in [(16, StatusCode::OK), (17, StatusCode::BAD_REQUEST)] {
            let body = "[".repeat(depth) + &"]".repeat(depth);
            let response = client.post("/").content_type("application/json").body(body).send().await;
            response.assert_status(status);
        }
    }

    #[test]
    fn brackets_inside_strings_do_not_count() {
        assert_eq!(depth(br#"{"a": "[[[\"[[[", "b": [1]}"#), 2);
        assert_eq!(depth(br#""unfinished [[["#), 0);
    }
}
