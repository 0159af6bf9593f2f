//! The way to a push service: whom the server connects to, and for how long.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::{StatusCode, header};
use hyper_util::rt::TokioIo;
use parlor_domain::{PushEndpoint, PushFailure, PushReach};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long everything may take: the name, the connection, the request and the answer's head.
const WITHIN: Duration = Duration::from_secs(10);

/// How long one address of several may take to be connected to.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);

/// Of a name's addresses so many are tried.
const ADDRESSES: usize = 3;

/// The most bytes of an answer's head. Its body is not read at all.
const HEAD: usize = 16 * 1_024;

/// What is handed over.
pub(crate) struct Request {
    pub(crate) body: Vec<u8>,
    pub(crate) authorization: String,
    pub(crate) urgency: &'static str,
    pub(crate) topic: Option<String>,
    /// How long the service keeps it for a device that is away.
    pub(crate) seconds: u64,
}

/// Hands pushes over, each by a connection of its own: no redirect is followed, no proxy asked, and
/// nothing but the status looked at.
pub(crate) struct Delivery {
    reach: PushReach,
    tls: Option<TlsConnector>,
}

fn later(why: impl Into<Box<dyn Error + Send + Sync>>) -> PushFailure {
    PushFailure::Later(why.into().to_string(), None)
}

impl Delivery {
    pub(crate) fn new(reach: PushReach) -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // The versions that ring has are the default ones, so that this does not fail.
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map(|config| config.with_root_certificates(roots).with_no_client_auth());
        Self { reach, tls: config.ok().map(|config| TlsConnector::from(Arc::new(config))) }
    }

    pub(crate) async fn hand_over(&self, to: &PushEndpoint, request: Request) -> Result<(), PushFailure> {
        if !to.is_secure() && self.reach == PushReach::World {
            return Err(PushFailure::Gone("its address is not encrypted".into()));
        }
        let sent = timeout(WITHIN, async {
            let stream = self.connect(to).await?;
            if !to.is_secure() {
                return post(stream, to, request).await;
            }
            let tls = self.tls.as_ref().ok_or_else(|| later("no encryption is at hand"))?;
            let name = ServerName::try_from(to.host().to_owned()).map_err(later)?;
            let stream = tls.connect(name, stream).await.map_err(later)?;
            post(stream, to, request).await
        });
        sent.await.map_err(|_| later("it took too long"))?
    }

    /// Connects to an address that was looked at, and to no other: the name is not asked again.
    async fn connect(&self, to: &PushEndpoint) -> Result<TcpStream, PushFailure> {
        let addresses: Vec<SocketAddr> = match to.address() {
            Some(address) => vec![SocketAddr::new(address, to.port())],
            None => lookup_host((to.host(), to.port())).await.map_err(later)?.collect(),
        };
        let allowed = addresses.iter().filter(|address| self.reach.allows(address.ip())).take(ADDRESSES);
        let allowed: Vec<_> = allowed.collect();
        if allowed.is_empty() && !addresses.is_empty() {
            return Err(PushFailure::Gone("its address is none of the internet's".into()));
        }
        let mut failure = later("its name has no address");
        for address in allowed {
            match timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => failure = later(error),
                Err(_) => failure = later("connecting took too long"),
            }
        }
        Err(failure)
    }
}

async fn post<S>(stream: S, to: &PushEndpoint, request: Request) -> Result<(), PushFailure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let authority = to.origin().split_once("://").map_or("", |(_, authority)| authority);
    let mut message = hyper::Request::post(to.path())
        .header(header::HOST, authority)
        .header(header::AUTHORIZATION, request.authorization)
        .header(header::CONTENT_ENCODING, "aes128gcm")
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header("ttl", request.seconds)
        .header("urgency", request.urgency);
    if let Some(topic) = request.topic {
        message = message.header("topic", topic);
    }
    let message = message.body(Full::new(Bytes::from(request.body))).map_err(later)?;

    let opened = http1::Builder::new().max_buf_size(HEAD).handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(later)?;
    // Whichever ends first: the connection is dropped with the answer's head.
    let answer = tokio::select! {
        answer = sender.send_request(message) => answer,
        Err(error) = connection => Err(error),
    };
    let answer = answer.map_err(later)?;
    let after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    outcome(answer.status(), after)
}

/// What a service's answer means.
fn outcome(status: StatusCode, retry_after: Option<&str>) -> Result<(), PushFailure> {
    let seconds = retry_after.and_then(|text| text.trim().parse().ok());
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushFailure::Gone(status.to_string())),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            Err(PushFailure::Later(status.to_string(), seconds.map(Duration::from_secs)))
        }
        _ if status.is_server_error() => {
            Err(PushFailure::Later(status.to_string(), seconds.map(Duration::from_secs)))
        }
        _ => Err(PushFailure::Refused(status.to_string())),
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
