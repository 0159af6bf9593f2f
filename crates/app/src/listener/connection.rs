use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Request};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::permits::{Permit, Permits};
use super::{Shutdown, Tls};

/// The largest head of a request, which also bounds what is read ahead of a body.
const MAX_HEAD_BYTES: usize = 32 * 1024;
/// The most headers of a request.
const MAX_HEADERS: usize = 100;

/// What all connections share.
pub struct Connections<E> {
    pub endpoint: Arc<E>,
    pub permits: Permits,
    pub tls: Option<Tls>,
    pub header_timeout: Duration,
    pub shutdown: Shutdown,
}

impl<E: Endpoint + 'static> Connections<E> {
    /// Serves a connection in a task of its own.
    pub fn serve(&self, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        // A message is small and wants to leave at once. A socket that cannot do so still works.
        _ = stream.set_nodelay(true);
        let tls = self.tls.clone();
        let connection = Connection {
            endpoint: Arc::clone(&self.endpoint),
            peer: RemoteAddr(Addr::SocketAddr(peer)),
            local: LocalAddr(stream.local_addr().map(Addr::SocketAddr).unwrap_or_default()),
            scheme: if tls.is_some() { Scheme::HTTPS } else { Scheme::HTTP },
            header_timeout: self.header_timeout,
            shutdown: self.shutdown.clone(),
        };
        self.shutdown.tasks.spawn(async move {
            let stream = Counted { inner: stream, _permit: permit };
            match tls {
                None => connection.run(stream).await,
                Some(tls) => {
                    let handshake = tokio::time::timeout(connection.header_timeout, tls.accept(stream));
                    // Scanners fail here all the time; that is no news.
                    if let Ok(Ok(stream)) = handshake.await {
                        connection.run(stream).await;
                    }
                }
            }
        });
    }
}

struct Connection<E> {
    endpoint: Arc<E>,
    peer: RemoteAddr,
    local: LocalAddr,
    scheme: Scheme,
    header_timeout: Duration,
    shutdown: Shutdown,
}

impl<E: Endpoint + 'static> Connection<E> {
    async fn run(self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        let begun = self.shutdown.begun.clone();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(self.header_timeout)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD_BYTES);
        let service = service_fn(|request: hyper::Request<Incoming>| {
            let request =
                Request::from((request, self.local.clone(), self.peer.clone(), self.scheme.clone()));
            let endpoint = Arc::clone(&self.endpoint);
            async move {
                let response = endpoint.get_response(request).await;
                Ok::<hyper::Response<_>, Infallible>(response.into())
            }
        });
        let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service).with_upgrades());

        // A client that breaks off or sends nonsense ends its own connection; nobody else
        // needs to know.
        tokio::select! {
            _ = connection.as_mut() => {}
            () = begun.cancelled() => {
                connection.as_mut().graceful_shutdown();
                _ = connection.await;
            }
        }
    }
}

/// A stream that keeps its place among the connections, also after an upgrade took it over.
struct Counted {
    inner: TcpStream,
    _permit: Permit,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
