//! What happens when something breaks that should not: as little as possible, and nothing goes on
//! half alive.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use parlor_domain::PostError;
use parlor_realtime::Opening;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};
use tokio::time::timeout;

use crate::server::HOME;
use crate::{Client, Server};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A pipe whose end at the server panics when it is read, from some moment on.
struct Mined {
    pipe: DuplexStream,
    armed: Arc<AtomicBool>,
}

impl AsyncRead for Mined {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        assert!(!self.armed.load(Ordering::Relaxed), "this connection was made to panic");
        Pin::new(&mut self.pipe).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Mined {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.pipe).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.pipe).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn t36_a_panic_in_a_connection_ends_that_connection_only() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut other = server.connect(&ana).await;
    let mut neighbour = server.connect(&ben).await;
    let armed = Arc::new(AtomicBool::new(false));
    let (near, pipe) = tokio::io::duplex(65_536);
    let mined = Mined { pipe, armed: Arc::clone(&armed) };
    let opening = Opening { authenticated: Some(ben.authenticated()), client_ip: HOME };
    let realtime = Arc::clone(&server.realtime);
    server.realtime.spawn(async move { realtime.serve(mined, opening).await });
    let mut client = Client::new(near).await;
    client.hello(&[]).await;

    armed.store(true, Ordering::Relaxed);
    client.send(json!({"type": "ack", "cursors": []})).await;
    client.until_closed().await;

    assert_eq!(client.close_code, None, "nobody was left to say why");
    assert_eq!(server.realtime.metrics().panics.get(), 1);
    assert_eq!(server.realtime.metrics().connections(), 2);
    server.post(&ana, server.lobby(), "still here").await;
    for client in [&mut other, &mut neighbour] {
        assert_eq!(client.next("entry").await["message"]["body"], "still here");
    }
    // The stream as a whole is not broken, and the person comes back.
    assert!(futures_util::FutureExt::now_or_never(server.realtime.broken()).is_none());
    server.connect(&ben).await.post(server.lobby(), "so am I").await;
    assert_eq!(other.next("entry").await["message"]["body"], "so am I");
}

#[tokio::test]
async fn t36_a_panic_while_posts_are_stored_breaks_the_server_so_that_it_ends() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.connect(&ana).await;
    let draft = server.draft(&ana, server.lobby(), "never stored");
    let late = server.draft(&ana, server.lobby(), "too late");
    server.panic_at_ids();
    let post = client.start_post(server.lobby(), "never stored either").await;
    assert!(matches!(parlor_domain::PostQueue::post(&*server.posts, draft).await, Err(PostError::Busy)));
    // Whoever waits for an answer is told to try again: what was stored is not known.
    let answer = client.answer(post).await;
    assert_eq!((&answer["code"], &answer["retryable"]), (&json!("busy"), &json!(true)));
    timeout(PATIENCE, server.realtime.broken()).await.expect("nobody learns that the writer is gone");
    assert!(matches!(server.posts.submit(late), Err(PostError::Busy)), "nothing is taken in any more");
    // The program then ends in order, which must not hang.
    let ((), frames) =
        timeout(PATIENCE, async { tokio::join!(server.realtime.shutdown(), client.until_closed()) })
            .await
            .expect("the shutdown hangs");
    assert_eq!(frames.last().unwrap()["code"], 4401);
}
