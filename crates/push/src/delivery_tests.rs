use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;

use super::*;

fn request() -> Request {
    Request {
        body: b"body".to_vec(),
        authorization: "vapid t=pass, k=key".into(),
        urgency: "high",
        topic: Some("topic".into()),
        seconds: 60,
    }
}

fn endpoint(text: &str) -> PushEndpoint {
    PushEndpoint::from_stored(text).unwrap()
}

async fn hand_over(text: &str, reach: PushReach) -> Result<(), PushFailure> {
    Delivery::new(reach).hand_over(&endpoint(text), request()).await
}

/// A service that answers once, with this; what it was asked.
async fn answering(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/push/abc", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\nbody") {
            let mut piece = [0; 1_024];
            let length = stream.read(&mut piece).await.unwrap();
            assert!(length > 0, "the request ends early");
            heard.extend_from_slice(&piece[..length]);
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(heard).unwrap()
    });
    (address, heard)
}

#[tokio::test]
async fn a_push_is_handed_over_with_what_the_service_needs_to_know() {
    let (address, heard) = answering("HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n").await;
    hand_over(&address, PushReach::WorldAndHere).await.unwrap();
    let heard = heard.await.unwrap();
    assert!(heard.starts_with("POST /push/abc HTTP/1.1\r\n"), "{heard}");
    let authority = address.trim_start_matches("http://").trim_end_matches("/push/abc");
    for line in [
        &format!("host: {authority}"),
        "authorization: vapid t=pass, k=key",
        "content-encoding: aes128gcm",
        "ttl: 60",
        "urgency: high",
        "topic: topic",
        "content-length: 4",
    ] {
        assert!(heard.contains(&format!("\r\n{line}\r\n")), "{line} is not in {heard}");
    }
}

#[tokio::test]
async fn t21_a_redirect_is_not_followed() {
    let answer =
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let (address, _heard) = answering(answer).await;
    let failed = hand_over(&address, PushReach::WorldAndHere).await;
    assert!(matches!(failed, Err(PushFailure::Refused(_))), "{failed:?}");
}

#[tokio::test]
async fn t21_an_answer_without_an_end_is_not_waited_for() {
    let (address, _heard) = answering("HTTP/1.1 201 Created\r\ncontent-length: 99999999\r\n\r\n").await;
    hand_over(&address, PushReach::WorldAndHere).await.unwrap();
}

#[tokio::test]
async fn t21_no_address_inside_is_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "10.0.0.1",
        "169.254.169.254",
    ] {
        let failed = hand_over(&format!("https://{host}:{port}/x"), PushReach::World).await;
        assert!(matches!(failed, Err(PushFailure::Gone(_))), "{host}: {failed:?}");
    }
    let plain = hand_over(&format!("http://127.0.0.1:{port}/x"), PushReach::World).await;
    assert!(matches!(plain, Err(PushFailure::Gone(_))), "{plain:?}");
    let nobody = timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(nobody.is_err(), "somebody connected");
}

#[tokio::test]
async fn a_service_without_a_good_certificate_gets_nothing() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_err()
    });
    let failed = hand_over(&format!("https://127.0.0.1:{port}/x"), PushReach::WorldAndHere).await;
    assert!(
        matches!(&failed, Err(PushFailure::Later(why, None)) if why.contains("certificate")),
        "{failed:?}"
    );
    assert!(served.await.unwrap(), "the handshake is broken off");
}

#[test]
fn what_an_answer_means() {
    let status = |code| StatusCode::from_u16(code).unwrap();
    for code in [200, 201, 202] {
        assert_eq!(outcome(status(code), None), Ok(()));
    }
    for code in [404, 410] {
        assert!(matches!(outcome(status(code), None), Err(PushFailure::Gone(_))), "{code}");
    }
    for code in [408, 429, 500, 502, 503] {
        for wait in [Some(Duration::from_secs(7)), None] {
            let told = outcome(status(code), wait);
            assert_eq!(told, Err(PushFailure::Later(status(code).to_string(), wait)), "{code}");
        }
    }
    for code in [301, 307, 400, 401, 403, 413] {
        assert!(matches!(outcome(status(code), None), Err(PushFailure::Refused(_))), "{code}");
    }
}
