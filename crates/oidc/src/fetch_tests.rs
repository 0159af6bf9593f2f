use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

use super::*;

/// A provider that answers once, with this; its address.
async fn answering(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/keys", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = [0; 4_096];
        assert!(stream.read(&mut heard).await.unwrap() > 0);
        // Who has heard enough goes.
        _ = stream.write_all(&answer).await;
    });
    address
}

async fn get(fetch: &Fetch, address: &str) -> Result<HttpResponse, FetchError> {
    fetch.run(openidconnect::http::Request::get(address).body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn an_answer_is_read_to_its_end() {
    let address = answering(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nall of it".to_vec()).await;
    let answer = get(&Fetch::new(None, true).unwrap(), &address).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (200, b"all of it".as_slice()));
}

#[tokio::test]
async fn t21_a_redirect_is_an_answer_and_not_followed() {
    let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let address = answering(answer.to_vec()).await;
    let answer = get(&Fetch::new(None, true).unwrap(), &address).await.unwrap();
    assert_eq!(answer.status().as_u16(), 302);
}

#[tokio::test]
async fn t21_an_answer_without_an_end_is_not_read_on() {
    let mut answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n".to_vec();
    answer.resize(BODY + 1_024, b'x');
    let address = answering(answer).await;
    let failed = get(&Fetch::new(None, true).unwrap(), &address).await;
    assert!(matches!(failed, Err(FetchError::TooLarge)), "{failed:?}");
}

#[tokio::test]
async fn t21_a_provider_with_tls_leads_to_no_address_without() {
    let fetch = Fetch::new(None, false).unwrap();
    for address in ["http://127.0.0.1:1/keys", "ftp://127.0.0.1/keys", "/keys"] {
        assert!(matches!(get(&fetch, address).await, Err(FetchError::Address(_))), "{address}");
    }
}

#[tokio::test]
async fn only_a_certificate_of_an_authority_that_is_trusted_is_believed() {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}/keys", listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut heard = [0; 4_096];
            assert!(stream.read(&mut heard).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            stream.shutdown().await.unwrap();
        }
    });
    let unknown = get(&Fetch::new(None, false).unwrap(), &address).await;
    assert!(matches!(&unknown, Err(FetchError::Connection(why)) if why.to_string().contains("certificate")));
    let trusting = Fetch::new(Some(made.cert.pem().as_bytes()), false).unwrap();
    assert_eq!(get(&trusting, &address).await.unwrap().body(), b"ok");
    assert!(Fetch::new(Some(b"no certificate"), false).is_err());
}
