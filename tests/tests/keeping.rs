//! Messages that people save and forward, and what they mark as unread.

use parlor_tests::{Server, new_id};
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_saved_is_the_same_on_all_devices_and_nobody_elses() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let message = bob.say_something(direct).await;
    let other = ana.another_device().await.connect().await;
    assert_eq!(ana.put(&format!("/messages/{message}/saved"), Value::Null).await.status, 204);
    let told = other.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!(told["what"], "saved");
    let saved = ana.all("/saved", 1).await;
    assert_eq!(saved[0]["entry"]["message"]["id"], json!(message));
    assert!(bob.all("/saved", 1).await.is_empty());
    assert_eq!(ana.delete(&format!("/messages/{message}/saved")).await.status, 204);
    assert!(ana.all("/saved", 1).await.is_empty());
    bob.delete(&format!("/messages/{message}")).await.expect(200);
    ana.put(&format!("/messages/{message}/saved"), Value::Null).await.refused(409, "deleted");
}

#[tokio::test]
async fn a_forwarded_message_tells_whose_words_it_has_and_never_of_a_private_place() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let (direct, lobby) = (ana.direct_with(&bob).await, ana.lobby().await);
    let secret = bob.say_something(direct).await;
    let path = format!("/conversations/{lobby}/forwards/{}", new_id());
    let theirs = bob.connect().await;
    let sent = ana.put(&path, json!({"message": secret})).await.expect(201);
    let again = ana.put(&path, json!({"message": secret})).await.expect(200);
    assert_eq!((&again["seq"], &again["duplicate"]), (&sent["seq"], &json!(true)));
    let entry = theirs.entry(lobby, sent["seq"].as_u64().unwrap_or_default()).await;
    assert_eq!(entry["message"]["forwarded"], json!({"author": bob.id, "source": null}));
    assert!(!entry.to_string().contains(&direct.to_string()), "{entry}");
    ana.patch(
        &format!("/messages/{}", sent["message_id"].as_str().unwrap_or_default()),
        json!({"body": "x"}),
    )
    .await
    .refused(409, "forwarded");
    // From a public group.
    let public = ana.say_something(lobby).await;
    let path = format!("/conversations/{direct}/forwards/{}", new_id());
    ana.put(&path, json!({"message": public})).await.expect(201);
    let log = bob.log_of(direct).await;
    assert_eq!(log[1]["message"]["forwarded"], json!({"author": ana.id, "source": lobby}));
    let eve = server.person("eve").await;
    let path = format!("/conversations/{lobby}/forwards/{}", new_id());
    eve.put(&path, json!({"message": secret})).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_is_marked_as_unread_is_unread_on_all_devices_and_read_again_by_each() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    for _ in 0..3 {
        ana.say_something(direct).await;
    }
    let socket = bob.connect().await;
    socket.done("read", json!({"conversation": direct, "seq": 3})).await;
    let marked = bob.put(&format!("/conversations/{direct}/unread"), json!({"seq": 2})).await.expect(200);
    assert_eq!((&marked["unread"], &marked["read_seq"]), (&json!(2), &json!(1)));
    let told = socket.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!((&told["what"], &told["conversation"]), (&json!("unread"), &json!(direct)));
    assert_eq!(bob.conversation(direct).await["unread"], 2);
    // The same connection may read the same again.
    socket.done("read", json!({"conversation": direct, "seq": 3})).await;
    assert_eq!(bob.conversation(direct).await["unread"], 0);
}
