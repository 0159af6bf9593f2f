//! The way to the bucket. `object_store` leaves it to its user to bring a client of HTTP; this one goes to
//! where the operator's settings say, and nowhere else: it follows no redirect and asks no proxy.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::unfold;
use futures_util::{StreamExt, TryStreamExt};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector as Connect, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody,
    HttpResponse, HttpResponseBody, HttpService,
};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio::time::timeout;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::BucketError;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// How long it may take until the answer begins, with what is sent before.
const ANSWER: Duration = Duration::from_mins(1);

/// How long the next bytes of an answer may take.
const BYTES: Duration = Duration::from_secs(20);

/// How many connections wait for the next request, and for how long.
const IDLE: usize = 16;
const IDLE_FOR: Duration = Duration::from_secs(30);

/// A client that keeps connections for the next request.
#[derive(Debug, Clone)]
pub(super) struct Way {
    client: Client<HttpsConnector<HttpConnector>, HttpRequestBody>,
}

impl Way {
    /// Trusts the known authorities and this one, and goes without TLS only when it may.
    pub(super) fn new(authority: Option<&[u8]>, plain: bool) -> Result<Self, BucketError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        tcp.set_nodelay(true);
        let tls = HttpsConnectorBuilder::new().with_tls_config(config(authority)?);
        let tls = if plain { tls.https_or_http() } else { tls.https_only() };
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_FOR)
            .pool_max_idle_per_host(IDLE)
            .build(tls.enable_http1().wrap_connector(tcp));
        Ok(Self { client })
    }
}

fn config(authority: Option<&[u8]>) -> Result<ClientConfig, BucketError> {
    let invalid = |error: &dyn ToString| BucketError::Authority(error.to_string());
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
        .map_err(|error| invalid(&error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

impl Connect for Way {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[async_trait]
impl HttpService for Way {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let answer = match timeout(ANSWER, self.client.request(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                let kind = if error.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
                return Err(HttpError::new(kind, error));
            }
            Err(_) => return Err(too_slow()),
        };
        let (parts, body) = answer.into_parts();
        Ok(HttpResponse::from_parts(parts, HttpResponseBody::new(in_time(body))))
    }
}

/// A body whose bytes have to come in time.
fn in_time(
    body: Incoming,
) -> impl hyper::body::Body<Data = hyper::body::Bytes, Error = HttpError> + Send + Sync + 'static {
    let frames = unfold(Some(body), async |body| {
        let mut body = body?;
        match timeout(BYTES, body.frame()).await {
            Ok(Some(Ok(frame))) => Some((Ok(frame), Some(body))),
            Ok(Some(Err(error))) => Some((Err(HttpError::new(HttpErrorKind::Interrupted, error)), None)),
            Ok(None) => None,
            Err(_) => Some((Err(too_slow()), None)),
        }
    });
    StreamBody::new(frames.map_ok(|frame: Frame<_>| frame).fuse())
}

fn too_slow() -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, io::Error::from(io::ErrorKind::TimedOut))
}

/// What a connection failed of, when an error comes from there.
pub(super) fn connection<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a HttpError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref::<HttpError>() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}
