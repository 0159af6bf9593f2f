//! Requests that no proper client sends.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The answer to a request that was written by hand.
#[derive(Debug)]
pub struct RawAnswer {
    /// The HTTP status; 0 when the server closed the connection without one.
    pub status: u16,
    /// Everything the server sent.
    pub text: String,
}

/// Sends these bytes and reads until the server closes, for 10 s at most. The request should ask
/// for that with `Connection: close`.
pub async fn raw(address: SocketAddr, request: &[u8]) -> RawAnswer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has answered need not read the rest.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    RawAnswer { status, text }
}
