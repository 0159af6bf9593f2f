//! A file that is refused before it came is read on for a while.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use poem::http::{Method, header};
use poem::{Body, Endpoint, Middleware, Request, Result};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

/// How much of a file is read that nobody wants.
const MOST: usize = 64 << 20;

/// How long it is read in all.
const LONGEST: Duration = Duration::from_secs(30);

/// How long one waits for the next bytes of it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether it brings a file that is kept as one, or some of its bytes.
pub(crate) fn is_upload(request: &Request) -> bool {
    match *request.method() {
        Method::POST => request.uri().path() == "/api/v1/files",
        Method::PATCH => is_resumable(request),
        _ => false,
    }
}

/// Whether it is about an upload whose bytes come in parts.
pub(crate) fn is_resumable(request: &Request) -> bool {
    let path = request.uri().path().strip_prefix("/api/v1/uploads");
    path.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The layer that reads what is left of a file when nobody does so any more, up to some bounds, and
/// throws it away.
///
/// Most clients send a whole file before they look for an answer. A connection that is closed under
/// what they still send would take the answer with it, and nobody would learn why it was refused.
pub struct Uploads;

impl<E: Endpoint> Middleware<E> for Uploads {
    type Output = UploadsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        UploadsEndpoint { inner }
    }
}

/// See [`Uploads`].
pub struct UploadsEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for UploadsEndpoint<E> {
    type Output = E::Output;

    async fn call(&self, mut request: Request) -> Result<E::Output> {
        if is_upload(&request) {
            // Whoever waits to be told to go on has sent nothing yet.
            let waits = request.headers().contains_key(header::EXPECT);
            let parts = request.take_body().into_bytes_stream().boxed();
            request.set_body(Body::from_bytes_stream(Lingering { parts: Some(parts), is_coming: !waits }));
        }
        self.inner.call(request).await
    }
}

type Parts = BoxStream<'static, std::io::Result<Bytes>>;

/// A body that is read on when it is dropped.
struct Lingering {
    /// Nothing once it ended.
    parts: Option<Parts>,
    is_coming: bool,
}

impl Stream for Lingering {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.is_coming = true;
        let Some(parts) = &mut self.parts else { return Poll::Ready(None) };
        let part = ready!(parts.poll_next_unpin(cx));
        if !matches!(part, Some(Ok(_))) {
            self.parts = None;
        }
        Poll::Ready(part)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if let Some(parts) = self.parts.take()
            && self.is_coming
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(async {
                tokio::select! {
                    () = sleep(LONGEST) => {}
                    () = read_on(parts) => {}
                }
            });
        }
    }
}

async fn read_on(mut parts: Parts) {
    let mut left = MOST;
    while left > 0 {
        match timeout(PATIENCE, parts.next()).await {
            Ok(Some(Ok(part))) => left = left.saturating_sub(part.len()),
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::stream;
    use poem::http::StatusCode;
    use poem::test::TestClient;
    use poem::{EndpointExt, handler};

    use super::*;

    #[handler]
    fn refuse(body: Body) -> StatusCode {
        drop(body);
        StatusCode::FORBIDDEN
    }

    /// How many of so many parts are read of a file that is refused.
    async fn read_of(path: &str, parts: usize, expect: Option<&str>) -> usize {
        let read = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&read);
        let body = stream::iter(0..parts).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok::<_, std::io::Error>(vec![0; 1 << 20])
        });
        let client = TestClient::new(refuse.with(Uploads));
        let request = client.post(path).body(Body::from_bytes_stream(body));
        let request = expect.into_iter().fold(request, |request, value| request.header("Expect", value));
        request.send().await.assert_status(StatusCode::FORBIDDEN);
        // What reads on never waits here, so that one turn of it is all of it.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        read.load(Ordering::Relaxed)
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_that_is_refused_is_read_on_up_to_a_bound() {
        assert_eq!(read_of("/api/v1/files", 10, None).await, 10);
        assert_eq!(read_of("/api/v1/files", 100, None).await, MOST >> 20);
        assert_eq!(read_of("/api/v1/files", 10, Some("100-continue")).await, 0);
        assert_eq!(read_of("/api/v1/groups", 10, None).await, 0);
    }
}
