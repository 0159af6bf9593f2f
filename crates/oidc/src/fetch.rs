//! The way to the provider: how long it may take, and how much is read.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper::{Uri, header};
use hyper_util::rt::TokioIo;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long everything may take: the name, the connection, the request and the whole answer.
const WITHIN: Duration = Duration::from_secs(8);

/// The most bytes of an answer's head.
const HEAD: usize = 32 * 1_024;

/// The most bytes of an answer's body; a set of keys has a few thousand.
const BODY: usize = 512 * 1_024;

/// Why there is no answer.
#[derive(Debug, Error)]
pub(crate) enum FetchError {
    /// The address is none that is gone to.
    #[error("{0} is no address that the server goes to: it needs https")]
    Address(String),
    /// It took too long.
    #[error("it took longer than {} s", WITHIN.as_secs())]
    TooSlow,
    /// The answer is too large.
    #[error("the answer has more than {BODY} bytes")]
    TooLarge,
    /// The connection failed.
    #[error("{0}")]
    Connection(#[from] io::Error),
    /// It does not speak HTTP.
    #[error("{0}")]
    Http(#[from] hyper::Error),
    /// The answer broke off.
    #[error("{0}")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The certificate file of an authority cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("it holds no certificate in PEM: {0}")]
pub struct InvalidAuthority(String);

/// Asks the provider, by a connection of its own each time. No redirect is followed, and no proxy asked.
pub(crate) struct Fetch {
    tls: TlsConnector,
    /// Whether plain HTTP is gone to, which is for a provider on this machine.
    plain: bool,
}

impl Fetch {
    /// Trusts the known authorities and this one. Goes to addresses without TLS if it may.
    pub(crate) fn new(authority: Option<&[u8]>, plain: bool) -> Result<Self, InvalidAuthority> {
        let invalid = |error: &dyn ToString| InvalidAuthority(error.to_string());
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        if let Some(pem) = authority {
            let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            let certificates = certificates.map_err(|error| invalid(&error))?;
            if certificates.is_empty() {
                return Err(invalid(&"the file has none"));
            }
            for certificate in certificates {
                roots.add(certificate).map_err(|error| invalid(&error))?;
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| invalid(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), plain })
    }

    /// Whether an address of this scheme is gone to.
    pub(crate) fn takes(&self, scheme: &str) -> bool {
        scheme == "https" || (self.plain && scheme == "http")
    }

    async fn run(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        timeout(WITHIN, self.ask(request)).await.map_err(|_| FetchError::TooSlow)?
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let uri = request.uri().clone();
        let refused = || FetchError::Address(uri.to_string());
        let host = uri.host().ok_or_else(refused)?.trim_matches(['[', ']']).to_owned();
        match uri.scheme_str() {
            Some("https") => {
                let name = ServerName::try_from(host.clone()).map_err(|_| refused())?;
                let stream = TcpStream::connect((host, uri.port_u16().unwrap_or(443))).await?;
                exchange(self.tls.connect(name, stream).await?, &uri, request).await
            }
            Some("http") if self.plain => {
                exchange(TcpStream::connect((host, uri.port_u16().unwrap_or(80))).await?, &uri, request).await
            }
            _ => Err(refused()),
        }
    }
}

async fn exchange<S>(stream: S, uri: &Uri, request: HttpRequest) -> Result<HttpResponse, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut parts, body) = request.into_parts();
    if let Some(authority) = uri.authority().and_then(|authority| authority.as_str().parse().ok()) {
        parts.headers.insert(header::HOST, authority);
    }
    if let Some(path) = uri.path_and_query() {
        parts.uri = path.clone().into();
    }
    let request = hyper::Request::from_parts(parts, Full::new(Bytes::from(body)));
    let (mut sender, connection) =
        http1::Builder::new().max_buf_size(HEAD).handshake(TokioIo::new(stream)).await?;
    let answer = async move {
        let (parts, body) = sender.send_request(request).await?.into_parts();
        let body = Limited::new(body, BODY).collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() { FetchError::TooLarge } else { FetchError::Body(error) }
        })?;
        Ok(HttpResponse::from_parts(parts, body.to_bytes().to_vec()))
    };
    tokio::pin!(answer, connection);
    // The connection is driven until the whole answer is there, also when its end comes first.
    tokio::select! {
        answer = &mut answer => answer,
        closed = &mut connection => match closed {
            Ok(()) => answer.await,
            Err(error) => Err(error.into()),
        },
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.run(request))
    }
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
