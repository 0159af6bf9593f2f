//! Requests to addresses that people name: push services, and receivers of webhooks.
//!
//! Whoever names an address could make the server talk to its own network. So the caller says which
//! addresses may be connected to, a name is looked up once and only what it stood for then is
//! connected to, no redirect is followed and no proxy asked, and everything is bounded: the time, the
//! head of the answer, and what is read of its body.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{self, HeaderMap};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use parlor_domain::WebAddress;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_util::task::AbortOnDropHandle;

/// How long everything may take: the name, the connection, the request and the answer.
pub const WITHIN: Duration = Duration::from_secs(10);

/// How long one address of several may take to be connected to.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Of a name's addresses so many are tried.
const ADDRESSES: usize = 3;

/// The most bytes of an answer's head.
const HEAD: usize = 16 * 1_024;

/// What is posted.
#[derive(Debug, Clone)]
pub struct Posting {
    /// The headers, but for the host.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// The most bytes that are read of the answer's body.
    pub read: usize,
}

/// What was answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The beginning of the body, as far as it came in time.
    pub body: Vec<u8>,
}

impl Answer {
    /// How long to wait before the next try, if the answer says that in seconds.
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        text.trim().parse().ok().map(Duration::from_secs)
    }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Failure {
    /// None of the name's addresses may be connected to.
    #[error("its address is none of the internet's")]
    NotAllowed,
    /// It did not work this time.
    #[error("{0}")]
    Failed(String),
}

fn failed(why: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::Failed(why.into().to_string())
}

/// Posts to others, each time by a connection of its own.
pub struct Outbound {
    tls: Option<TlsConnector>,
}

impl Default for Outbound {
    fn default() -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // The versions that ring has are the default ones, so that this does not fail.
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|config| config.with_root_certificates(roots).with_no_client_auth());
        Self { tls: config.ok().map(|config| TlsConnector::from(Arc::new(config))) }
    }
}

impl Outbound {
    /// Posts to an address, at which only what is `allowed` is connected to. It answers within
    /// [`WITHIN`].
    pub async fn post(
        &self,
        to: &WebAddress,
        allowed: impl Fn(IpAddr) -> bool,
        posting: Posting,
    ) -> Result<Answer, Failure> {
        let sent = timeout(WITHIN, async {
            let stream = connect(to, allowed).await?;
            if !to.is_secure() {
                return exchange(stream, to, posting).await;
            }
            let tls = self.tls.as_ref().ok_or_else(|| failed("no encryption is at hand"))?;
            let name = ServerName::try_from(to.host().to_owned()).map_err(failed)?;
            let stream = tls.connect(name, stream).await.map_err(failed)?;
            exchange(stream, to, posting).await
        });
        sent.await.map_err(|_| failed("it took too long"))?
    }
}

/// Connects to an address that was looked at, and to no other: the name is not asked again.
async fn connect(to: &WebAddress, allowed: impl Fn(IpAddr) -> bool) -> Result<TcpStream, Failure> {
    let addresses: Vec<SocketAddr> = match to.number() {
        Some(address) => vec![SocketAddr::new(address, to.port())],
        None => lookup_host((to.host(), to.port())).await.map_err(failed)?.collect(),
    };
    let good: Vec<_> = addresses.iter().filter(|address| allowed(address.ip())).take(ADDRESSES).collect();
    if good.is_empty() && !addresses.is_empty() {
        return Err(Failure::NotAllowed);
    }
    let mut failure = failed("its name has no address");
    for address in good {
        match timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failure = failed(error),
            Err(_) => failure = failed("connecting took too long"),
        }
    }
    Err(failure)
}

async fn exchange<S>(stream: S, to: &WebAddress, posting: Posting) -> Result<Answer, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut message = Request::post(to.path()).header(header::HOST, to.authority());
    if let Some(headers) = message.headers_mut() {
        headers.extend(posting.headers);
    }
    let message = message.body(Full::new(Bytes::from(posting.body))).map_err(failed)?;
    let opened = http1::Builder::new().max_buf_size(HEAD).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(failed)?;
    // It is dropped with what was read of the answer.
    let _driven = AbortOnDropHandle::new(tokio::spawn(connection));
    let (head, body) = sender.send_request(message).await.map_err(failed)?.into_parts();
    let body = beginning(body, posting.read).await;
    Ok(Answer { status: head.status, headers: head.headers, body })
}

/// How long is waited for what is read of a body. The status counts, and is there already.
const BODY_WITHIN: Duration = Duration::from_secs(2);

/// The beginning of a body, as far as it comes.
async fn beginning(mut body: Incoming, most: usize) -> Vec<u8> {
    let mut read = Vec::new();
    let reading = async {
        while read.len() < most
            && let Some(Ok(frame)) = body.frame().await
        {
            if let Some(data) = frame.data_ref() {
                read.extend_from_slice(&data[..data.len().min(most - read.len())]);
            }
        }
    };
    // What came so far is enough.
    _ = timeout(BODY_WITHIN, reading).await;
    read
}
