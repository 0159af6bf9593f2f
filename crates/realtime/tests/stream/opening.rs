use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::Server;

#[tokio::test]
async fn a_client_that_is_known_says_hello_and_gets_everything_it_starts_from() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.dial_as(Some(ana.authenticated()), 65_536).await;
    let ready = client.hello(&[]).await;
    assert_eq!(ready["me"]["username"], "ana");
    assert_eq!(ready["session"], json!(ana.session.as_uuid()));
    assert_eq!(ready["conversations"][0]["group"]["lobby"], true);
    assert_eq!(ready["limits"]["window"], 256);
    assert_eq!(ready["heartbeat_ms"], 25_000);
}

#[tokio::test]
async fn a_client_authenticates_by_its_first_frame() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.dial().await;
    let refused = client.ask(json!({"type": "hello"})).await;
    assert_eq!(refused["code"], "unauthenticated");
    let wrong = client.ask(json!({"type": "authenticate", "access_token": "no"})).await;
    assert_eq!(wrong["code"], "unauthenticated");
    let right = client.ask(json!({"type": "authenticate", "access_token": ana.access_token})).await;
    assert_eq!(right["type"], "ok");
    client.hello(&[]).await;
    let again = client.ask(json!({"type": "authenticate", "access_token": ana.access_token})).await;
    assert_eq!(again["code"], "invalid_request");
}

#[tokio::test]
async fn a_client_signs_in_with_a_password() {
    let server = Server::new().await;
    server.person("ana").await;
    let mut client = server.dial().await;
    let wrong =
        client.ask(json!({"type": "authenticate", "login": "ana", "password": "something else"})).await;
    assert_eq!(wrong["code"], "wrong_credentials");
    let right = client
        .ask(json!({"type": "authenticate", "login": "ana", "password": crate::server::PASSWORD}))
        .await;
    assert_eq!(right["type"], "ok");
    assert_eq!(client.hello(&[]).await["me"]["username"], "ana");
}

#[tokio::test]
async fn t07_a_session_that_ended_between_upgrade_and_register_gets_nothing() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    server.accounts.sign_out(&ana.authenticated()).await.unwrap();
    let mut client = server.dial_as(Some(ana.authenticated()), 65_536).await;
    client.send(json!({"type": "hello"})).await;
    let frames = client.until_closed().await;
    assert_eq!(frames.len(), 1, "{frames:?}");
    assert_eq!((frames[0]["type"].as_str(), frames[0]["code"].as_u64()), (Some("bye"), Some(4501)));
    assert_eq!(client.close_code, Some(4501));
}

#[tokio::test]
async fn t16_what_is_not_the_protocol_ends_the_connection() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    for message in [Message::text("{"), Message::binary(vec![1, 2, 3]), Message::text("x".repeat(70_000))] {
        let mut client = server.connect(&ana).await;
        client.send_raw(message).await;
        let last = client.until_closed().await.pop().unwrap();
        assert_eq!((last["type"].as_str(), last["code"].as_u64()), (Some("bye"), Some(4504)));
        assert_eq!(client.close_code, Some(4504));
    }
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named_and_the_connection_lives() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.connect(&ana).await;
    let refused = client.ask(json!({"type": "read", "conversation": "lobby", "seq": 1})).await;
    assert_eq!(
        (refused["code"].as_str(), refused["field"].as_str()),
        (Some("invalid_request"), Some("conversation"))
    );
    let refused = client.ask(json!({"type": "hello", "window": 300})).await;
    assert_eq!(refused["field"], "window");
    let empty = client.post(server.lobby(), "  ").await;
    assert_eq!((empty["code"].as_str(), empty["field"].as_str()), (Some("invalid_fields"), Some("body")));
}
