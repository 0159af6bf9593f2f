//! What people are told of, and how they treat their conversations, over HTTP and the stream.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server};
use serde_json::{Value, json};
use uuid::Uuid;

struct World {
    server: Server,
    ana: Person,
    ben: Person,
    group: Uuid,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let (ana, ben) = (server.person("ana").await, server.person("ben").await);
        let group = ana.create_group("Talk", "private", &[&ben]).await;
        ben.put("/notifications/read", json!({})).await.expect(200);
        Self { server, ana, ben, group }
    }
}

async fn unread(person: &Person) -> Value {
    person.get("/notifications/summary").await.expect(200)["unread"].clone()
}

fn preferences(changes: &Value) -> Value {
    let mut all = json!({"level": "all", "silent_until": null, "favourite": false, "hidden": false});
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    all
}

#[tokio::test]
async fn one_who_is_mentioned_is_told_at_once_and_sees_it_counted() {
    let World { server: _server, ana, ben, group } = World::start().await;
    let (mine, others) = (ben.connect().await, ana.connect().await);
    let message = ana.say(group, "Hello @ben!").await["message_id"].clone();
    let told =
        mine.wait("notification", |frame| frame["type"] == "notification").await["notification"].clone();
    assert_eq!(
        (&told["kind"], &told["actor"], &told["read"]),
        (&json!("mention"), &json!(ana.id), &json!(false))
    );
    assert_eq!(told["entry"]["message"]["mentions"], json!({"all": false, "users": [ben.id]}));
    let view = ben.conversation(group).await;
    assert_eq!((&view["unread"], &view["unread_mentions"]), (&json!(1), &json!(1)));
    assert_eq!(unread(&ben).await, 1);
    assert_eq!(ben.all("/notifications", 1).await[0]["id"], told["id"]);
    // Reading the message is seeing the notification.
    ben.put(&format!("/conversations/{group}/read"), json!({"seq": 99})).await.expect(200);
    assert_eq!(
        (unread(&ben).await, &ben.conversation(group).await["unread_mentions"]),
        (json!(0), &json!(0))
    );
    // What is deleted leaves nothing behind.
    ana.delete(&format!("/messages/{}", message.as_str().unwrap())).await.expect(200);
    assert!(ben.all("/notifications", 100).await.iter().all(|one| one["kind"] != "mention"));
    others.settle().await;
    assert!(others.frames_of("notification").is_empty(), "nobody else is told");
}

#[tokio::test]
async fn what_is_marked_as_unread_counts_the_mentions_in_it_again() {
    let World { server: _server, ana, ben, group } = World::start().await;
    let mut seqs = Vec::new();
    for text in ["@ben first", "nothing for you", "@all second"] {
        seqs.push(ana.say(group, text).await["seq"].as_u64().unwrap());
    }
    let counts = async || {
        let view = ben.conversation(group).await;
        (view["unread"].as_u64().unwrap(), view["unread_mentions"].as_u64().unwrap())
    };
    assert_eq!(counts().await, (3, 2));
    let put = async |what: &str, seq: u64| {
        ben.put(&format!("/conversations/{group}/{what}"), json!({"seq": seq})).await.expect(200)
    };
    put("read", 99).await;
    assert_eq!(counts().await, (0, 0));
    for (from, expected) in [(seqs[2], (1, 1)), (seqs[1], (2, 1)), (seqs[0], (3, 2))] {
        let state = put("unread", from).await;
        assert_eq!((&state["unread"], counts().await), (&json!(expected.0), expected));
    }
    put("read", seqs[0]).await;
    assert_eq!(counts().await, (2, 1));
    // One that is deleted, and one that is changed so that it names somebody, count as they are now.
    let log = ben.log_of(group).await;
    let id_at = |seq: u64| {
        let entry = log.iter().find(|entry| entry["seq"] == seq).unwrap();
        entry["message"]["id"].as_str().unwrap().to_owned()
    };
    ana.delete(&format!("/messages/{}", id_at(seqs[2]))).await.expect(200);
    assert_eq!(counts().await, (1, 0));
    ana.patch(&format!("/messages/{}", id_at(seqs[1])), json!({"body": "@ben after all"})).await.expect(200);
    assert_eq!(counts().await, (1, 1));
    put("read", 99).await;
    put("unread", seqs[1]).await;
    assert_eq!(counts().await, (1, 1));
}

#[tokio::test]
async fn nothing_of_a_conversation_that_one_left_is_told() {
    let World { server: _server, ana, ben, group } = World::start().await;
    ana.say(group, "a secret for @ben").await;
    assert_eq!(unread(&ben).await, 1);
    ben.delete(&format!("/groups/{group}/members/{}", ben.id)).await.expect(204);
    let page = ben.get("/notifications").await.expect(200);
    assert!(!page.to_string().contains("secret"), "{page}");
    assert_eq!(unread(&ben).await, 0);
    let socket = ben.connect().await;
    ana.say(group, "another secret for @ben").await;
    socket.settle().await;
    assert!(socket.frames_of("notification").is_empty());
}

#[tokio::test]
async fn notifications_are_marked_on_all_devices() {
    let World { server: _server, ana, ben, group } = World::start().await;
    let message = ben.say_something(group).await;
    let (one, other) = (ben.connect().await, ben.another_device().await.connect().await);
    ana.put(&format!("/messages/{message}/reactions/%F0%9F%8E%88"), Value::Null).await.expect(200);
    let told =
        one.wait("notification", |frame| frame["type"] == "notification").await["notification"].clone();
    assert_eq!((&told["kind"], &told["entry"]["seq"]), (&json!("reaction"), &json!(3)));
    let marked = ben.put("/notifications/read", json!({"ids": [told["id"]]})).await.expect(200);
    assert_eq!(marked["unread"], 0);
    other
        .wait("notifications.changed", |frame| {
            frame["type"] == "notifications.changed" && frame["notifications"]["unread"] == 0
        })
        .await;
    let ids: Vec<_> = (0..101).map(|_| parlor_tests::new_id()).collect();
    ben.put("/notifications/read", json!({"ids": ids})).await.refused(422, "invalid_fields");
}

#[tokio::test]
async fn what_one_wants_to_be_told_is_the_same_everywhere() {
    let World { server: _server, ana, ben, group } = World::start().await;
    let socket = ben.connect().await;
    let quiet = json!({"from": 1320, "to": 420, "days": [1, 5], "utc_offset": 60});
    let settings =
        json!({"off": ["mention"], "quiet_hours": quiet, "sound": false, "badge": true, "preview": false});
    let answered = ben.put("/notifications/settings", settings.clone()).await.expect(200);
    assert_eq!(answered, settings);
    socket
        .wait("notifications.changed", |frame| {
            frame["type"] == "notifications.changed" && frame["notifications"]["settings"] == settings
        })
        .await;
    let state = ben.get("/sync").await.expect(200);
    assert_eq!(state["notifications"]["settings"], settings);
    ana.say(group, "@ben").await;
    assert_eq!(unread(&ben).await, 0, "that kind is off");
    for bad in [
        json!({"from": 1440, "to": 0, "days": [1], "utc_offset": 0}),
        json!({"from": 0, "to": 1, "days": [8], "utc_offset": 0}),
    ] {
        let mut wrong = settings.clone();
        wrong["quiet_hours"] = bad;
        ben.put("/notifications/settings", wrong).await.refused(422, "invalid_fields");
    }
}

#[tokio::test]
async fn how_one_treats_a_conversation_is_the_same_on_all_devices_and_nobody_elses() {
    let World { server: _server, ana, ben, group } = World::start().await;
    let (mine, others) = (ben.another_device().await.connect().await, ana.connect().await);
    let path = format!("/conversations/{group}/preferences");
    let chosen = preferences(&json!({
        "level": "nothing", "silent_until": "2999-01-01T00:00:00.000Z", "favourite": true, "hidden": true
    }));
    let answered = ben.put(&path, chosen.clone()).await.expect(200);
    assert_eq!(answered["preferences"], chosen);
    mine.wait("conversation.preferences", |frame| {
        frame["type"] == "conversation.preferences" && frame["preferences"] == chosen
    })
    .await;
    // With the next message it shows again.
    ana.say(group, "hello").await;
    assert_eq!(ben.conversation(group).await["preferences"]["hidden"], false);
    assert_eq!(ana.conversation(group).await["preferences"], preferences(&json!({})));
    others.settle().await;
    assert!(others.frames_of("conversation.preferences").is_empty());
    ben.put(&path, json!({"level": "loud", "favourite": true, "hidden": false}))
        .await
        .refused(400, "invalid_request");
}
