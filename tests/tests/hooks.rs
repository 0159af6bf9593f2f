//! Incoming webhooks.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server, id_of, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn bot(server: &Server) -> Uuid {
    let bot = json!({"username": "alarms", "name": "Alarms"});
    id_of(&server.admin().post("/admin/bots", bot).await.expect(201)["id"])
}

async fn webhook(server: &Server, bot: Uuid, group: Uuid) -> (Uuid, String) {
    let wanted = json!({"name": "monitoring", "group": group});
    let made = server.admin().post(&format!("/admin/bots/{bot}/webhooks"), wanted).await.expect(201);
    let url = made["url"].as_str().unwrap();
    (id_of(&made["id"]), url.split_once("/api/v1").unwrap().1.to_owned())
}

async fn newest(person: &Person, group: Uuid) -> Value {
    person.log_of(group).await.pop().unwrap()
}

#[tokio::test]
async fn whoever_knows_the_address_posts_to_the_group_as_the_bot_and_does_nothing_else() {
    let server = Server::start().await;
    let (ana, bot) = (server.person("ana").await, bot(&server).await);
    let group = ana.create_group("Operations", "private", &[]).await;
    let wanted = json!({"name": "monitoring", "group": group});
    let path = format!("/admin/bots/{bot}/webhooks");
    server.admin().post(&path, wanted.clone()).await.refused(409, "bot_not_in_group");
    ana.put(&format!("/groups/{group}/members/{bot}"), json!({})).await;
    let groups = server.admin().get(&format!("/admin/bots/{bot}/groups")).await.expect(200);
    assert!(groups["items"].as_array().unwrap().contains(&json!({"id": group, "name": "Operations"})));
    let (id, hook) = webhook(&server, bot, group).await;
    assert_eq!(server.api().post(&hook, json!({"text": "*disk* full", "username": "x"})).await.status, 200);
    let entry = newest(&ana, group).await;
    assert_eq!((&entry["actor"], &entry["message"]["body"]), (&json!(bot), &json!("**disk** full")));
    // Its secret is no token.
    let secret = hook.rsplit('/').next().unwrap();
    server.api().bearer(secret).get("/users/me").await.refused(403, "scope_required");
    server.api().post("/hooks/parlor_0", json!({"text": "hello"})).await.refused(404, "not_found");
    // It ends with the bot's place in the group, and when it is revoked.
    let listed = server.admin().get("/admin/tokens").await.expect(200)["items"][0].clone();
    assert_eq!((&listed["group"], &listed["scopes"]), (&json!(group), &json!([])));
    ana.delete(&format!("/groups/{group}/members/{bot}")).await.expect(204);
    server.api().post(&hook, json!({"text": "hello"})).await.refused(404, "not_found");
    server.admin().delete(&format!("/admin/tokens/{id}")).await.expect(204);
    ana.put(&format!("/groups/{group}/members/{bot}"), json!({})).await;
    server.api().post(&hook, json!({"text": "hello"})).await.refused(404, "not_found");
}

#[tokio::test]
async fn what_is_no_message_is_refused_in_words_and_a_repeated_one_posted_once() {
    let server = Server::start().await;
    let (ana, bot) = (server.person("ana").await, bot(&server).await);
    let lobby = ana.lobby().await;
    let (_, hook) = webhook(&server, bot, lobby).await;
    let before = newest(&ana, lobby).await["seq"].as_u64().unwrap();
    server.api().post(&hook, json!({"blocks": []})).await.refused(422, "invalid_fields");
    server.api().post(&hook, json!({"text": "x".repeat(9_000)})).await.refused(422, "invalid_fields");
    server.api().post(&hook, json!(["text"])).await.refused(400, "invalid_request");
    let known = server.api().with("idempotency-key", "not a uuid");
    known.post(&hook, json!({"text": "x"})).await.refused(400, "invalid_request");
    let known = server.api().with("idempotency-key", &new_id().to_string());
    for _ in 0..3 {
        assert_eq!(known.post(&hook, json!({"text": "once"})).await.status, 200);
    }
    let form = format!("http://{}/api/v1{hook}", server.api().address());
    let sent = reqwest::Client::new().post(form).header("content-type", "application/x-www-form-urlencoded");
    let sent = sent.body("payload=%7B%22text%22%3A%22from+a+form%22%7D").send();
    assert_eq!(sent.await.unwrap().status(), 200);
    let log = ana.log_of(lobby).await;
    let said: Vec<&Value> = log
        .iter()
        .filter(|entry| entry["seq"].as_u64() > Some(before))
        .map(|entry| &entry["message"]["body"])
        .collect();
    assert_eq!(said, [&json!("once"), &json!("from a form")]);
}
