//! What is done with messages that were sent, as people and programs hear of it.

use parlor_tests::{Opening, Person, Server, Socket};
use serde_json::{Value, json};
use uuid::Uuid;

const BALLOON: &str = "%F0%9F%8E%88";

struct World {
    server: Server,
    ana: Person,
    bob: Person,
    direct: Uuid,
    message: String,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let (ana, bob) = (server.person("ana").await, server.person("bob").await);
        let direct = ana.direct_with(&bob).await;
        let message = format!("/messages/{}", ana.say_something(direct).await);
        Self { server, ana, bob, direct, message }
    }
}

#[tokio::test]
async fn what_is_done_with_a_message_reaches_everybody_at_once() {
    let world = World::start().await;
    let World { ana, bob, direct, message, .. } = &world;
    let (theirs, mine) = (bob.connect().await, ana.connect().await);
    let edited = ana.patch(message, json!({"body": "better"})).await.expect(200);
    assert_eq!((&edited["seq"], &edited["message"]["body"]), (&json!(1), &json!("better")));
    assert!(edited["message"]["changes"]["edited_at"].is_string(), "{edited}");
    bob.put(&format!("{message}/reactions/{BALLOON}"), Value::Null).await.expect(200);
    bob.put(&format!("{message}/pin"), Value::Null).await.expect(200);
    bob.delete(&format!("{message}/reactions/{BALLOON}")).await.expect(200);
    ana.delete(message).await.expect(200);
    for socket in [&mine, &theirs] {
        let edit = socket.entry(*direct, 2).await;
        assert_eq!((&edit["kind"], &edit["target"]["body"]), (&json!("edit"), &json!("better")));
        assert_eq!((&edit["target"]["seq"], &edit["target"]["changes"]["seq"]), (&json!(1), &json!(2)));
        let reaction = socket.entry(*direct, 3).await;
        assert_eq!((&reaction["kind"], &reaction["emoji"]), (&json!("reaction"), &json!("🎈")));
        let expected = json!([{"emoji": "🎈", "users": [bob.id]}]);
        assert_eq!(reaction["target"]["changes"]["reactions"], expected);
        assert!(reaction["target"].get("body").is_none(), "a reaction carries no text");
        let pin = socket.entry(*direct, 4).await;
        assert!(pin["kind"] == "pin" && pin["target"]["changes"]["pinned_at"].is_string(), "{pin}");
        let removal = socket.entry(*direct, 5).await;
        assert_eq!((&removal["kind"], &removal["emoji"]), (&json!("reaction_removal"), &json!("🎈")));
        assert_eq!(removal["target"]["changes"]["reactions"], json!([]));
        let deletion = socket.entry(*direct, 6).await;
        assert!(deletion["kind"] == "deletion" && deletion["target"]["changes"]["deleted_at"].is_string());
        assert_eq!(deletion["target"]["changes"]["pinned_at"], Value::Null);
    }
}

#[tokio::test]
async fn one_who_was_away_finds_a_message_as_it_is_now() {
    let world = World::start().await;
    let World { server, ana, bob, direct, message } = &world;
    let before = Socket::open(server.address(), &Opening::bearer(&bob.access_token)).await;
    before.hello(json!({"cursors": []})).await;
    drop(before);
    ana.patch(message, json!({"body": "two"})).await.expect(200);
    ana.patch(message, json!({"body": "three"})).await.expect(200);
    // From the beginning, and from behind the message.
    for (cursor, seqs) in [(0, vec![1, 2, 3]), (1, vec![2, 3])] {
        let back = Socket::open(server.address(), &Opening::bearer(&bob.access_token)).await;
        back.hello(json!({"cursors": [[direct, cursor]]})).await;
        back.entry(*direct, 3).await;
        let heard = back.frames_of("entry");
        let heard: Vec<_> = heard.iter().filter(|one| one["conversation"] == direct.to_string()).collect();
        assert_eq!(heard.iter().map(|one| one["seq"].as_u64().unwrap()).collect::<Vec<_>>(), seqs);
        for entry in heard {
            let body = if entry["seq"] == 1 { &entry["message"]["body"] } else { &entry["target"]["body"] };
            assert_eq!(body, "three");
        }
    }
    // So does one of another kind, when it is read after a later change.
    bob.put(&format!("{message}/pin"), Value::Null).await.expect(200);
    ana.patch(message, json!({"body": "four"})).await.expect(200);
    let log = bob.log_of(*direct).await;
    assert_eq!((&log[3]["kind"], &log[3]["target"]["body"]), (&json!("pin"), &json!("four")));
    // In memory, in the store, and in the list of conversations alike.
    ana.delete(message).await.expect(200);
    for path in ["messages", "messages?around=1", "log"] {
        let page = bob.get(&format!("/conversations/{direct}/{path}")).await.expect(200);
        assert!(
            ["two", "three", "four"].iter().all(|text| !page.to_string().contains(text)),
            "{path}: {page}"
        );
    }
    let view = bob.conversation(*direct).await;
    assert_eq!((&view["unread"], &view["last_message"]["message"]["body"]), (&json!(0), &json!("")));
}

#[tokio::test]
async fn earlier_texts_are_for_the_author_and_gone_when_the_message_is() {
    let world = World::start().await;
    let World { ana, bob, message, .. } = &world;
    ana.patch(message, json!({"body": "two"})).await.expect(200);
    let earlier = ana.get(&format!("{message}/revisions")).await.expect(200);
    assert_eq!(earlier["items"][0]["body"], "something");
    bob.get(&format!("{message}/revisions")).await.refused(403, "forbidden");
    ana.delete(message).await.expect(200);
    assert_eq!(ana.get(&format!("{message}/revisions")).await.expect(200)["items"], json!([]));
    ana.patch(message, json!({"body": "three"})).await.refused(409, "deleted");
    bob.put(&format!("{message}/pin"), Value::Null).await.refused(409, "deleted");
}

#[tokio::test]
async fn what_is_no_emoji_is_named() {
    let world = World::start().await;
    let World { bob, message, .. } = &world;
    for bad in ["a", "%3Cscript%3E", "%F0%9F%8E%88%F0%9F%8E%88", "1"] {
        let problem = bob.put(&format!("{message}/reactions/{bad}"), Value::Null).await.problem();
        assert_eq!(
            (problem["status"].as_u64(), &problem["errors"][0]["field"]),
            (Some(422), &json!("emoji"))
        );
    }
}

#[tokio::test]
async fn pinned_messages_are_listed() {
    let world = World::start().await;
    let World { ana, bob, direct, message, .. } = &world;
    let second = format!("/messages/{}", bob.say_something(*direct).await);
    for one in [message, &second] {
        bob.put(&format!("{one}/pin"), Value::Null).await.expect(200);
    }
    let pins = ana.all(&format!("/conversations/{direct}/pins"), 1).await;
    assert_eq!(pins.len(), 2);
    bob.delete(&format!("{message}/pin")).await.expect(200);
    assert_eq!(ana.all(&format!("/conversations/{direct}/pins"), 1).await.len(), 1);
}

#[tokio::test]
async fn how_long_a_message_may_be_changed_is_a_setting() {
    let server = Server::start_with(&[("PARLOR_MESSAGES_KEEP_REVISIONS", "false")]).await;
    let ana = server.person("ana").await;
    let message = format!("/messages/{}", ana.say_something(ana.lobby().await).await);
    ana.patch(&message, json!({"body": "two"})).await.expect(200);
    assert_eq!(ana.get(&format!("{message}/revisions")).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn messages_are_changed_over_the_stream_one_after_the_other() {
    let world = World::start().await;
    let World { ana, bob, direct, message, .. } = &world;
    let id = message.trim_start_matches("/messages/");
    let (mine, theirs) = (ana.connect().await, bob.connect().await);
    let mut asked = Vec::new();
    for number in 1..=20 {
        asked.push(mine.send("message.edit", json!({"message": id, "body": number.to_string()})).await);
    }
    for request in asked {
        assert_eq!(mine.answer(request).await["type"], "ok");
    }
    assert_eq!(theirs.entry(*direct, 21).await["target"]["body"], "20");
    theirs.done("reaction.set", json!({"message": id, "emoji": "🎈", "set": true})).await;
    theirs.refused("reaction.set", json!({"message": id, "emoji": "x", "set": true}), "invalid_fields").await;
    theirs.refused("message.delete", json!({"message": id}), "forbidden").await;
    mine.done("message.delete", json!({"message": id})).await;
    mine.refused("message.edit", json!({"message": id, "body": "late"}), "deleted").await;
    assert_eq!(theirs.entry(*direct, 23).await["kind"], "deletion");
}
