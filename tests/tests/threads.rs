//! Threads, as people and programs hear of them.

use parlor_tests::{Person, Server, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn answer(person: &Person, conversation: Uuid, root: Uuid, broadcast: bool) -> Value {
    let path = format!("/conversations/{conversation}/messages/{}", new_id());
    let body = json!({"body": "an answer", "thread": root, "broadcast": broadcast});
    person.put(&path, body).await.expect(201)
}

#[tokio::test]
async fn a_thread_is_told_in_the_log_and_counted_apart() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let root = ana.say_something(direct).await;
    let (mine, theirs) = (ana.connect().await, bob.connect().await);
    answer(&bob, direct, root, false).await;
    for socket in [&mine, &theirs] {
        let entry = socket.entry(direct, 2).await;
        assert_eq!(entry["message"]["thread"], json!({"root": root, "seq": 1, "broadcast": false}));
    }
    let sent = json!({"conversation": direct, "client_id": new_id(), "body": "shown", "thread": root, "broadcast": true});
    assert_eq!(mine.request("message.send", sent).await["seq"], 3);
    assert_eq!(theirs.entry(direct, 3).await["message"]["thread"]["broadcast"], true);
    let view = bob.conversation(direct).await;
    assert_eq!((&view["unread"], &view["last_message"]["seq"]), (&json!(2), &json!(3)), "{view}");
    let history = bob.get(&format!("/conversations/{direct}/messages")).await.expect(200);
    let replies = &history["items"][0]["message"]["replies"];
    assert_eq!((&replies["count"], &replies["seq"]), (&json!(2), &json!(3)));
    assert_eq!(replies["people"], json!([ana.id, bob.id]));
    let page = bob.get(&format!("/messages/{root}/replies")).await.expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
    bob.get(&format!("/messages/{root}/replies?before=3&after=1")).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn what_is_unread_in_threads_is_the_same_on_all_devices() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let root = ana.say_something(direct).await;
    answer(&bob, direct, root, false).await;
    let listed = ana.get("/threads").await.expect(200);
    assert_eq!((&listed["items"][0]["unread"], &listed["items"][0]["as_of"]), (&json!(1), &json!(2)));
    let other = ana.another_device().await.connect().await;
    let stranger = bob.connect().await;
    let thread = format!("/messages/{root}/thread");
    let read = ana.put(&format!("{thread}/read"), json!({"seq": 2})).await.expect(200);
    assert_eq!((&read["unread"], &read["read_seq"]), (&json!(0), &json!(2)));
    let told = other.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!((&told["what"], &told["message"]), (&json!("thread"), &json!(root)));
    ana.delete(&format!("{thread}/follow")).await.expect(200);
    answer(&bob, direct, root, false).await;
    assert_eq!(ana.get(&thread).await.expect(200)["unread"], 0);
    assert_eq!(ana.get("/threads").await.expect(200)["items"], json!([]));
    assert_eq!(ana.put(&format!("{thread}/follow"), Value::Null).await.expect(200)["following"], true);
    stranger.settle().await;
    assert!(stranger.frames_of("personal.changed").is_empty(), "it is nobody else's business");
}

#[tokio::test]
async fn what_cannot_be_answered_in_a_thread_is_said() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let (direct, lobby) = (ana.direct_with(&bob).await, ana.lobby().await);
    let root = ana.say_something(direct).await;
    let first = answer(&bob, direct, root, false).await;
    let put = |conversation: Uuid, thread: &Value| {
        let body = json!({"body": "more", "thread": thread});
        let path = format!("/conversations/{conversation}/messages/{}", new_id());
        let ana = ana.clone();
        async move { ana.put(&path, body).await }
    };
    put(direct, &first["message_id"]).await.refused(409, "nested_thread");
    put(lobby, &json!(root)).await.refused(422, "invalid_fields");
    put(direct, &json!(new_id())).await.refused(422, "invalid_fields");
    let mine = ana.connect().await;
    let nested =
        json!({"conversation": direct, "client_id": new_id(), "body": "x", "thread": first["message_id"]});
    mine.refused("message.send", nested, "nested_thread").await;
    // The thread stays when what it is about is deleted.
    ana.delete(&format!("/messages/{root}")).await.expect(200);
    let thread = bob.get(&format!("/messages/{root}/thread")).await.expect(200);
    assert!(thread["root"]["message"]["changes"]["deleted_at"].is_string(), "{thread}");
    assert_eq!(thread["root"]["message"]["replies"]["count"], 1);
    answer(&bob, direct, root, false).await;
}
