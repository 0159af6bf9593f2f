//! The listener with real sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use poem::http::StatusCode;
use poem::{IntoResponse, Request, Response, Route, get, handler};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::*;

#[handler]
fn peer(request: &Request) -> String {
    format!("{} {}", request.scheme(), request.remote_addr())
}

#[handler]
async fn slow() -> &'static str {
    tokio::time::sleep(Duration::from_millis(300)).await;
    "finished"
}

/// Upgrades, and answers each byte with the same one.
#[handler]
fn echo(request: &Request) -> Response {
    let upgrade = request.take_upgrade().unwrap();
    tokio::spawn(async move {
        let (mut reader, mut writer) = tokio::io::split(upgrade.await.unwrap());
        tokio::io::copy(&mut reader, &mut writer).await
    });
    let upgraded = [("Connection", "Upgrade"), ("Upgrade", "echo")];
    let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
    upgraded
        .iter()
        .fold(response, |response, (name, value)| response.header(*name, *value))
        .finish()
        .into_response()
}

fn limits() -> Limits {
    Limits {
        connections: 4,
        connections_per_ip: 4,
        uncounted: Vec::new(),
        header_timeout: Duration::from_millis(200),
        shutdown_timeout: Duration::from_secs(2),
    }
}

struct Running {
    address: SocketAddr,
    shutdown: Shutdown,
    task: JoinHandle<()>,
}

impl Running {
    async fn start(tls: Option<Tls>) -> Self {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap(), tls, limits()).await.unwrap();
        let (address, shutdown) = (listener.local_addr(), Shutdown::default());
        let app = Route::new().at("/peer", get(peer)).at("/slow", get(slow)).at("/echo", get(echo));
        let task = tokio::spawn(listener.serve(app, shutdown.clone()));
        Self { address, shutdown, task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn get(&self, path: &str) -> String {
        answer(self.connect().await, path).await
    }

    async fn stop(self) -> Duration {
        let start = Instant::now();
        self.shutdown.begun.cancel();
        self.task.await.unwrap();
        start.elapsed()
    }
}

/// What a server answers until it closes the connection; empty when it answers nothing.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_request_is_served_and_knows_its_peer() {
    let server = Running::start(None).await;
    let answer = server.get("/peer").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("http socket://127.0.0.1:"), "{answer}");
}

#[tokio::test]
async fn a_port_in_use_is_one_line_that_says_what_to_do() {
    let server = Running::start(None).await;
    let line = Listener::bind(server.address, None, limits()).await.unwrap_err().to_string();
    assert!(line.starts_with("another program listens on 127.0.0.1:") && line.contains("--listen"), "{line}");
}

#[tokio::test]
async fn half_a_request_is_closed_after_the_timeout() {
    let server = Running::start(None).await;
    for half in ["", "GET / HTTP/1.1\r\nHost: local"] {
        let mut stream = server.connect().await;
        stream.write_all(half.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        tokio::time::timeout(Duration::from_secs(2), stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let server = Running::start(None).await;
    let answer = server.get(&format!("/{}", "x".repeat(64 * 1024))).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_and_places_come_back() {
    let server = Running::start(None).await;
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(upgraded(&server).await);
    }
    assert_eq!(server.get("/peer").await, "");
    held.pop();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(server.get("/peer").await.starts_with("HTTP/1.1 200"));
}

async fn upgraded(server: &Running) -> TcpStream {
    let mut stream = server.connect().await;
    let head = "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"));
    stream
}

#[tokio::test]
async fn an_upgraded_connection_outlives_the_header_timeout() {
    let server = Running::start(None).await;
    let mut stream = upgraded(&server).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    stream.write_u8(b'x').await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'x');
}

#[tokio::test]
async fn shutdown_closes_the_port_at_once_and_finishes_what_is_running() {
    let server = Running::start(None).await;
    let (address, running) = (server.address, tokio::spawn(answer(server.connect().await, "/slow")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopped = tokio::spawn(server.stop());
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(TcpStream::connect(address).await.is_err());
    assert!(running.await.unwrap().ends_with("finished"));
    assert!(stopped.await.unwrap() < Duration::from_secs(1));
}

#[tokio::test]
async fn shutdown_waits_for_its_tasks_but_not_for_ever() {
    let server = Running::start(None).await;
    let begun = server.shutdown.begun.clone();
    server.shutdown.tasks.spawn(async move { begun.cancelled().await });
    server.shutdown.tasks.spawn(std::future::pending::<()>());
    let elapsed = server.stop().await;
    assert!(elapsed >= Duration::from_secs(2) && elapsed < Duration::from_secs(3), "{elapsed:?}");
}

#[tokio::test]
async fn tls_serves_the_certificate_in_the_files_also_after_they_change() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let write = || {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&certificate, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        TlsConnector::from(Arc::new(
            ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
        ))
    };
    let first = write();
    let tls = Tls::load(&certificate, &key).unwrap();
    let server = Running::start(Some(tls.clone())).await;
    let name = ServerName::try_from("localhost").unwrap();

    let stream = first.connect(name.clone(), server.connect().await).await.unwrap();
    assert!(answer(stream, "/peer").await.contains("https socket://"));

    let second = write();
    tls.reload();
    assert!(first.connect(name.clone(), server.connect().await).await.is_err());
    assert!(second.connect(name, server.connect().await).await.is_ok());

    std::fs::write(&key, "nonsense").unwrap();
    let line = Tls::load(&certificate, &key).unwrap_err().to_string();
    assert!(line.contains("key.pem"), "{line}");
}
