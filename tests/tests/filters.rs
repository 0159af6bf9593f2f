//! Words that are not to be written, and messages that wait for a decision.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server, eventually, id_of, in_a_while, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn rule(server: &Server, phrase: &str, action: &str) -> String {
    let made = server.admin().post("/admin/filters", json!({"phrase": phrase, "action": action})).await;
    format!("/admin/filters/{}", made.expect(201)["id"].as_str().unwrap())
}

async fn waiting(server: &Server) -> Vec<Value> {
    server.admin().all("/admin/held-messages?state=waiting", 100).await
}

async fn decide(server: &Server, held: &Value, outcome: &str) {
    let path = format!("/admin/held-messages/{}", held["id"].as_str().unwrap());
    assert_eq!(server.admin().patch(&path, json!({"outcome": outcome})).await.status, 204);
}

async fn webhook(server: &Server, ana: &Person, group: Uuid) -> String {
    let bot = server.admin().post("/admin/bots", json!({"username": "alarms", "name": "Alarms"})).await;
    let bot = id_of(&bot.expect(201)["id"]);
    ana.put(&format!("/groups/{group}/members/{bot}"), Value::Null).await.expect(201);
    let path = format!("/admin/bots/{bot}/webhooks");
    let made = server.admin().post(&path, json!({"name": "hook", "group": group})).await.expect(201);
    made["url"].as_str().unwrap().split_once("/api/v1").unwrap().1.to_owned()
}

#[tokio::test]
async fn what_is_refused_comes_through_on_no_way() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let (group, direct) = (ana.create_group("Tea", "public", &[&bob]).await, ana.direct_with(&bob).await);
    let old = id_of(&bob.say(direct, "to the casino").await["message_id"]);
    let mine = bob.say_something(group).await;
    let hook = webhook(&server, &ana, group).await;
    let path = rule(&server, "Casinò", "refuse").await;
    for conversation in [group, direct] {
        let refused = bob.post_message(conversation, new_id(), "the CASINO.").await.refused(422, "filtered");
        assert!(refused["detail"].as_str().unwrap().contains("“Casinò”"), "{refused}");
    }
    bob.post_message(group, new_id(), "casinos").await.expect(201);
    let socket = bob.connect().await;
    let post = json!({"conversation": group, "client_id": new_id(), "body": "casino"});
    let refused = socket.request("message.send", post).await;
    assert_eq!((&refused["code"], &refused["retryable"]), (&json!("filtered"), &json!(false)));
    bob.patch(&format!("/messages/{mine}"), json!({"body": "casino"})).await.refused(422, "filtered");
    let forward = format!("/conversations/{group}/forwards/{}", new_id());
    bob.put(&forward, json!({"message": old})).await.refused(422, "filtered");
    server.api().post(&hook, json!({"text": "casino"})).await.refused(422, "filtered");
    let at = in_a_while(std::time::Duration::from_secs(3));
    let scheduled = format!("/conversations/{group}/scheduled/{}", new_id());
    bob.put(&scheduled, json!({"body": "casino", "at": at})).await.expect(201);
    let why = eventually("the refusal", async || {
        let listed = bob.get("/scheduled").await.expect(200);
        listed["items"][0]["refusal"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(why, "filtered");
    assert_eq!(server.admin().delete(&path).await.status, 204);
    server.admin().delete(&path).await.refused(404, "not_found");
    bob.say(group, "casino").await;
}

#[tokio::test]
async fn what_is_held_survives_a_restart_and_is_posted_when_it_is_released() {
    let mut server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let hook = webhook(&server, &ana, group).await;
    rule(&server, "casino", "hold").await;
    let id = new_id();
    let answer = bob.post_message(group, id, "to the casino").await.expect(202);
    assert_eq!(answer, json!({"held": true}));
    let socket = bob.connect().await;
    let post = json!({"conversation": group, "client_id": id, "body": "to the casino"});
    assert_eq!(socket.request("message.send", post).await["code"], "held");
    server.api().post(&hook, json!({"text": "casino on fire"})).await.expect(200);
    assert_eq!(waiting(&server).await.len(), 2);
    assert_eq!(server.admin().get("/admin/reports/count").await.expect(200), json!({"open": 0, "held": 2}));

    server.kill();
    server.restart().await;
    bob.post_message(group, new_id(), "another casino").await.expect(202);
    let listening = ana.connect().await;
    let found = waiting(&server).await;
    let held = found.iter().find(|held| held["body"] == "to the casino").unwrap();
    assert_eq!((&held["author"], &held["group"]), (&json!(bob.id), &json!("Tea")));
    decide(&server, held, "released").await;
    let entry = listening.wait("the message", |frame| frame["message"]["body"] == "to the casino").await;
    assert_eq!((&entry["actor"], &entry["message"]["client_id"]), (&json!(bob.id), &json!(id)));
    let repeat = bob.post_message(group, id, "to the casino").await.expect(200);
    assert_eq!((&repeat["duplicate"], &repeat["seq"]), (&json!(true), &entry["seq"]));
}

#[tokio::test]
async fn what_is_rejected_is_told_to_its_author_and_never_posted() {
    let server = Server::start().await;
    let bob = server.person("bob").await;
    let lobby = bob.lobby().await;
    rule(&server, "casino", "hold").await;
    let id = new_id();
    bob.post_message(lobby, id, "casino").await.expect(202);
    let socket = bob.connect().await;
    let held = waiting(&server).await.pop().unwrap();
    decide(&server, &held, "rejected").await;
    let told = socket.wait("the decision", |frame| frame["type"] == "notification").await;
    assert_eq!(told["notification"]["kind"], "message_rejected");
    bob.post_message(lobby, id, "casino").await.refused(403, "rejected");
    let path = format!("/admin/held-messages/{}", held["id"].as_str().unwrap());
    server.admin().patch(&path, json!({"outcome": "released"})).await.refused(404, "not_found");
    let log = bob.log_of(lobby).await;
    assert!(log.iter().all(|entry| entry["message"]["body"] != "casino"));
    let audit = server.admin().get("/admin/audit?action=held_message_handled").await.expect(200);
    let changes = json!([{"field": "message", "before": "waiting", "after": "rejected"}]);
    assert_eq!(audit["items"][0]["changes"], changes);
}

#[tokio::test]
async fn in_a_direct_conversation_nothing_is_held() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    rule(&server, "casino", "hold").await;
    bob.say(direct, "casino").await;
    assert!(waiting(&server).await.is_empty());
}

#[tokio::test]
async fn rules_are_for_admins_and_need_something_to_look_for() {
    let server = Server::start().await;
    let (admin, bob) = (server.admin(), server.person("bob").await);
    bob.get("/admin/filters").await.refused(403, "forbidden");
    for phrase in ["", "   ", "?!", &"x".repeat(101)] {
        let body = json!({"phrase": phrase, "action": "refuse"});
        admin.post("/admin/filters", body).await.refused(422, "invalid_fields");
    }
    admin
        .post("/admin/filters", json!({"phrase": "x", "action": "burn"}))
        .await
        .refused(400, "invalid_request");
    let path = rule(&server, "free money", "refuse").await;
    let again = json!({"phrase": "FREE  MONEY", "action": "hold"});
    admin.post("/admin/filters", again).await.refused(409, "filter_exists");
    assert_eq!(admin.patch(&path, json!({"action": "hold"})).await.expect(200)["action"], "hold");
    let listed = admin.get("/admin/filters").await.expect(200);
    assert_eq!((&listed["items"][0]["phrase"], &listed["items"][1]), (&json!("free money"), &Value::Null));
    bob.post_message(bob.lobby().await, new_id(), "free money").await.expect(202);
}
