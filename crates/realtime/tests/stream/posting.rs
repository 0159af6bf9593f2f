use serde_json::json;
use uuid::Uuid;

use crate::Server;

#[tokio::test]
async fn a_message_is_answered_and_reaches_everybody_online() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (mut first, mut second) = (server.connect(&ana).await, server.connect(&ben).await);
    let answer = first.post(server.lobby(), "Hello!").await;
    assert_eq!((answer["type"].as_str(), answer["duplicate"].as_bool()), (Some("ok"), Some(false)));
    for client in [&mut first, &mut second] {
        let entry = client.next("entry").await;
        assert_eq!((&entry["seq"], &entry["message"]["body"]), (&answer["seq"], &json!("Hello!")));
        assert_eq!(entry["actor"], json!(ana.user.id.as_uuid()));
    }
}

#[tokio::test]
async fn r04_pipelined_messages_keep_their_order() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (mut first, mut second) = (server.connect(&ana).await, server.connect(&ben).await);
    let mut ids = Vec::new();
    for number in 0..80 {
        ids.push(first.start_post(server.lobby(), &format!("{number}")).await);
    }
    let mut last = 0;
    for id in ids {
        let seq = first.answer(id).await["seq"].as_u64().unwrap();
        assert!(seq > last);
        last = seq;
    }
    for number in 0..80 {
        assert_eq!(second.next("entry").await["message"]["body"], json!(format!("{number}")));
    }
}

#[tokio::test]
async fn r03_the_same_message_is_posted_once() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.connect(&ana).await;
    let frame = |body: &str| {
        json!({"type": "message.send", "conversation": server.lobby().as_uuid(),
            "client_id": Uuid::from_u128(1), "body": body})
    };
    let first = client.ask(frame("Hi")).await;
    let again = client.ask(frame("Hi")).await;
    assert_eq!((&again["seq"], &again["message_id"]), (&first["seq"], &first["message_id"]));
    assert_eq!(again["duplicate"], true);
    assert_eq!(client.ask(frame("Something else")).await["code"], "idempotency_conflict");
}

#[tokio::test]
async fn t11_nobody_posts_where_they_are_not() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = server.group(&ana, "private", &[]).await;
    let mut stranger = server.connect(&ben).await;
    let conversation = group.id.as_uuid();
    assert_eq!(stranger.post(group.id.into(), "Hi").await["code"], "not_found");
    for frame in [
        json!({"type": "typing", "conversation": conversation}),
        json!({"type": "read", "conversation": conversation, "seq": 1}),
    ] {
        assert_eq!(stranger.ask(frame).await["code"], "not_found");
    }
}
