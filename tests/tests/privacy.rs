//! What people keep to themselves, and from whom: receipts, last seen, blocks, and who has read what.

use std::collections::BTreeSet;

use parlor_tests::{Answer, Person, Server, Socket, eventually, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn change(person: &Person, what: Value) {
    person.patch("/users/me", what).await.expect(200);
}

async fn block(person: &Person, other: &Person) {
    assert_eq!(person.put(&format!("/users/{}/block", other.id), Value::Null).await.status, 204);
}

async fn seen_of(person: &Person, other: &Person) -> Value {
    person.get(&format!("/users/{}", other.id)).await.expect(200)
}

/// Everybody who is named in frames of this kind that a socket got.
fn named(socket: &Socket, kind: &str) -> BTreeSet<String> {
    let users = |frame: Value| match frame["users"].as_array() {
        Some(users) => users.iter().map(|one| one["user"].clone()).collect(),
        None => vec![frame["user"].clone()],
    };
    let named = socket.frames_of(kind).into_iter().flat_map(users);
    named.filter_map(|user| user.as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn who_hides_receipts_sees_nobodys_and_shows_nobody_theirs() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let talk = ana.direct_with(&ben).await;
    ana.say(talk, "one").await;
    assert!(ana.conversation(talk).await["peer_cursor"].is_object());
    change(&ben, json!({"shares_receipts": false})).await;
    for person in [&ana, &ben] {
        assert_eq!(person.conversation(talk).await["peer_cursor"], json!(null));
        let synced = person.get("/sync").await.expect(200);
        let found = synced["conversations"].as_array().unwrap().iter().find(|c| c["id"] == talk.to_string());
        assert_eq!(found.unwrap()["peer_cursor"], json!(null));
    }
    let (mine, others) = (ana.connect().await, ben.connect().await);
    ben.put(&format!("/conversations/{talk}/read"), json!({"seq": 1})).await.expect(200);
    others.wait("one's own cursor", |frame| frame["type"] == "cursor").await;
    ana.say(talk, "two").await;
    mine.wait("an entry behind it", |frame| frame["type"] == "entry" && frame["seq"] == 2).await;
    assert!(!named(&mine, "cursor").contains(&ben.id.to_string()));
    assert_eq!(ben.conversation(talk).await["unread"], 1, "one's own count stays exact");
    change(&ben, json!({"shares_receipts": true})).await;
    assert_eq!(ana.conversation(talk).await["peer_cursor"]["read_seq"], 1);
}

#[tokio::test]
async fn who_hides_when_they_were_last_seen_sees_it_of_nobody() {
    let server = Server::start().await;
    let [ana, ben, cleo] =
        [server.person("ana").await, server.person("ben").await, server.person("cleo").await];
    let (watching, discreet) = (cleo.connect().await, ana.connect().await);
    change(&ana, json!({"shares_last_seen": false})).await;
    drop(ben.connect().await);
    let left = |frame: &Value| {
        frame["type"] == "presence"
            && frame["users"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["user"] == ben.id.to_string() && one["state"] == "offline")
    };
    let told = watching.wait("ben leaves", left).await;
    let of_ben = |frame: &Value| {
        frame["users"].as_array().unwrap().iter().find(|one| one["user"] == ben.id.to_string()).cloned()
    };
    assert!(of_ben(&told).unwrap()["last_seen_at"].is_string());
    let told = discreet.wait("ben leaves", left).await;
    assert_eq!(of_ben(&told).unwrap()["last_seen_at"], json!(null));
    eventually("it is stored", async || seen_of(&cleo, &ben).await["last_seen_at"].is_string().then_some(()))
        .await;
    assert_eq!(seen_of(&ana, &ben).await["last_seen_at"], json!(null));
    drop(discreet);
    let left = |frame: &Value| {
        frame["type"] == "presence"
            && frame["users"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["user"] == ana.id.to_string() && one["state"] == "offline")
    };
    let told = watching.wait("ana leaves", left).await;
    let users = told["users"].as_array().unwrap();
    assert!(
        users.iter().filter(|one| one["user"] == ana.id.to_string()).all(|one| one["last_seen_at"].is_null())
    );
    assert_eq!(seen_of(&cleo, &ana).await["last_seen_at"], json!(null));
}

#[tokio::test]
async fn who_has_read_a_message_is_told_to_its_author_with_the_time() {
    let server = Server::start().await;
    let [ana, ben, cleo] =
        [server.person("ana").await, server.person("ben").await, server.person("cleo").await];
    let group = ana.create_group("Talk", "private", &[&ben, &cleo]).await;
    let message = ana.say(group, "hello").await;
    let seq = message["seq"].clone();
    let path = format!("/messages/{}/seen", message["message_id"].as_str().unwrap());
    assert_eq!(ana.get(&path).await.expect(200)["items"], json!([]));
    ben.put(&format!("/conversations/{group}/read"), json!({"seq": seq})).await.expect(200);
    let seen = ana.get(&path).await.expect(200);
    assert_eq!(seen["items"][0]["user"]["username"], "ben");
    assert!(seen["items"][0]["read_at"].is_string(), "{seen}");
    assert_eq!(seen["items"].as_array().unwrap().len(), 1);
    ben.get(&path).await.refused(403, "forbidden");
    change(&ana, json!({"shares_receipts": false})).await;
    assert_eq!(ana.get(&path).await.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn how_one_wants_to_be_seen_outlives_every_connection() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let watching = ben.connect().await;
    let first = ana.connect().await;
    change(&ana, json!({"presence": "do_not_disturb"})).await;
    let shown = |state: &'static str| {
        let id = ana.id.to_string();
        move |frame: &Value| {
            frame["type"] == "presence"
                && frame["users"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|one| one["user"] == id.as_str() && one["state"] == state)
        }
    };
    watching.wait("not to be disturbed", shown("do_not_disturb")).await;
    first
        .wait("one's own account", |frame| {
            frame["type"] == "account.changed" && frame["me"]["presence"] == "do_not_disturb"
        })
        .await;
    drop(first);
    watching.wait("gone", shown("offline")).await;
    let mark = watching.mark();
    let _second = ana.another_device().await.connect().await;
    watching.wait_after(mark, "still not to be disturbed", shown("do_not_disturb")).await;
}

#[tokio::test]
async fn nobody_writes_to_one_who_blocked_them_nor_learns_of_it() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let talk = ana.direct_with(&ben).await;
    ben.say(talk, "hello").await;
    let (mine, device) = (ana.connect().await, ana.another_device().await.connect().await);
    block(&ana, &ben).await;
    block(&ana, &ben).await;
    for socket in [&mine, &device] {
        socket
            .wait("whom one blocked", |frame| {
                frame["type"] == "blocks.changed" && frame["blocked"] == json!([ben.id])
            })
            .await;
    }
    ana.post_message(talk, new_id(), "no").await.refused(403, "blocked");
    ben.post_message(talk, new_id(), "why?").await.refused(403, "forbidden");
    assert_eq!(
        mine.request("message.send", json!({"conversation": talk, "client_id": new_id(), "body": "x"})).await
            ["code"],
        "blocked"
    );
    assert_eq!(ana.get("/sync").await.expect(200)["blocked"], json!([ben.id]));
    assert_eq!(ben.get("/sync").await.expect(200)["blocked"], json!([]), "who was blocked is not told");
    let listed = ana.get("/users/me/blocks").await.expect(200);
    assert_eq!(listed["items"][0]["user"]["username"], "ben");

    assert_eq!(ana.delete(&format!("/users/{}/block", ben.id)).await.status, 204);
    mine.wait("nobody", |frame| frame["type"] == "blocks.changed" && frame["blocked"] == json!([])).await;
    ben.say(talk, "thanks").await;
}

#[tokio::test]
async fn who_is_blocked_brings_nobody_into_groups_and_opens_no_conversation() {
    let server = Server::start().await;
    let [ana, ben, cleo] =
        [server.person("ana").await, server.person("ben").await, server.person("cleo").await];
    block(&ana, &ben).await;
    let body = json!({"name": "Trap", "visibility": "private", "members": [ana.id]});
    let problem = ben.post("/groups", body).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["members"]);
    let group = ben.create_group("Trap", "private", &[&cleo]).await;
    let add = |person: Person| async move {
        person.call("PUT", &format!("/api/v1/groups/{group}/members/{}", ana.id), None).await
    };
    add(ben.clone()).await.refused(422, "invalid_fields");
    ben.post("/conversations/direct", json!({"user": ana.id})).await.refused(403, "forbidden");
    ana.post("/conversations/direct", json!({"user": ben.id})).await.refused(403, "blocked");
    let me = format!("/users/{}/block", ana.id);
    ana.put(&me, Value::Null).await.refused(409, "yourself");
    ana.put(&format!("/users/{}/block", Uuid::nil()), Value::Null).await.refused(404, "not_found");
}

#[tokio::test]
async fn those_who_are_apart_do_not_see_whether_the_other_is_there() {
    let server = Server::start().await;
    let [ana, ben, cleo] =
        [server.person("ana").await, server.person("ben").await, server.person("cleo").await];
    let (mine, other) = (ana.connect().await, ben.connect().await);
    eventually("ben is seen", async || (seen_of(&ana, &ben).await["presence"] == "online").then_some(()))
        .await;
    block(&ana, &ben).await;
    let gone = |whom: Uuid| {
        move |frame: &Value| {
            frame["type"] == "presence"
                && frame["users"] == json!([{"user": whom, "state": "offline", "last_seen_at": null}])
        }
    };
    mine.wait("ben leaves, as far as ana can tell", gone(ben.id)).await;
    other.wait("ana leaves, as far as ben can tell", gone(ana.id)).await;
    for (who, whom) in [(&ana, &ben), (&ben, &ana)] {
        let seen = seen_of(who, whom).await;
        assert_eq!((&seen["presence"], &seen["last_seen_at"]), (&json!("offline"), &json!(null)));
    }
    assert_eq!(seen_of(&cleo, &ben).await["presence"], "online");
}
