//! Links that lead into groups.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn make(person: &Person, group: Uuid, body: Value) -> (Value, String) {
    let made = person.post(&format!("/groups/{group}/invite-links"), body).await.expect(201);
    let secret = made["url"].as_str().unwrap().split_once("/join#").unwrap().1.to_owned();
    (made, secret)
}

#[tokio::test]
async fn a_link_leads_into_a_private_group_and_its_secret_is_told_once() {
    let server = Server::start().await;
    let (ana, bob, eve) =
        (server.person("ana").await, server.person("bob").await, server.person("eve").await);
    let group = ana.create_group("Tea", "private", &[]).await;
    let (made, secret) =
        make(&ana, group, json!({"max_uses": 1, "expires_at": "2999-01-01T00:00:00Z"})).await;
    let socket = ana.connect().await;
    let body = json!({"secret": secret});
    let seen = bob.post("/invite-links/lookup", body.clone()).await.expect(200);
    assert_eq!((&seen["group"]["name"], &seen["joined"]), (&json!("Tea"), &json!(false)));
    let mark = socket.mark();
    let joined = bob.post("/invite-links/redemption", body.clone()).await.expect(201);
    assert_eq!((&joined["id"], &joined["member_count"]), (&json!(group), &json!(2)));
    socket.wait_after(mark, "the join", |frame| frame["kind"] == "join").await;
    bob.post("/invite-links/redemption", body.clone()).await.refused(404, "invalid_invitation");
    eve.post("/invite-links/redemption", body.clone()).await.refused(404, "invalid_invitation");
    eve.post("/invite-links/lookup", body).await.refused(404, "invalid_invitation");
    let nobody = json!({"secret": "x"});
    eve.post("/invite-links/redemption", nobody).await.refused(404, "invalid_invitation");
    assert!(!ana.get(&format!("/groups/{group}/invite-links")).await.text.contains(&secret));
    assert_eq!(made["uses"], 0);
}

#[tokio::test]
async fn links_are_listed_and_revoked() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[]).await;
    let path = format!("/groups/{group}/invite-links");
    let (made, secret) = make(&ana, group, json!({})).await;
    let listed = ana.get(&path).await.expect(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["max_uses"]), (&made["id"], &Value::Null));
    let link = format!("{path}/{}", made["id"].as_str().unwrap());
    bob.delete(&link).await.refused(404, "not_found");
    assert_eq!(ana.delete(&link).await.status, 204);
    ana.delete(&link).await.refused(404, "invalid_invitation");
    bob.post("/invite-links/redemption", json!({"secret": secret})).await.refused(404, "invalid_invitation");
    ana.post(&path, json!({"max_uses": 0})).await.refused(422, "invalid_fields");
    ana.post(&path, json!({"expires_at": "2020-01-01T00:00:00Z"})).await.refused(422, "invalid_fields");
    ana.delete(&format!("{path}/{}", new_id())).await.refused(404, "invalid_invitation");
}
