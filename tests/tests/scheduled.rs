//! Messages that the server posts at a time their author chose.

use std::time::Duration;

use parlor_tests::{Person, Server, eventually, in_a_while, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(3);
const LATER: Duration = Duration::from_hours(1);

async fn schedule(person: &Person, conversation: Uuid, id: Uuid, body: &str, after: Duration) -> Value {
    let form = json!({"body": body, "at": in_a_while(after)});
    person.put(&format!("/conversations/{conversation}/scheduled/{id}"), form).await.expect(201)
}

async fn scheduled(person: &Person) -> Vec<Value> {
    match &person.get("/scheduled").await.expect(200)["items"] {
        Value::Array(items) => items.clone(),
        other => panic!("no list: {other}"),
    }
}

async fn none_waits(person: &Person) {
    eventually("what was scheduled is gone", async || scheduled(person).await.is_empty().then_some(())).await;
}

#[tokio::test]
async fn a_scheduled_message_arrives_at_its_time_without_its_author() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let (theirs, id) = (bob.connect().await, new_id());
    let other = ana.another_device().await.connect().await;
    let made = schedule(&ana, direct, id, "soup at seven", SOON).await;
    let told = other.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!(told["what"], "scheduled");
    assert_eq!(scheduled(&ana).await, std::slice::from_ref(&made));
    assert!(scheduled(&bob).await.is_empty(), "it is nobody else's");
    let again = json!({"body": "soup at seven", "at": made["at"]});
    let path = format!("/conversations/{direct}/scheduled/{id}");
    assert_eq!(ana.put(&path, again).await.expect(200), made);
    let entry = theirs.entry(direct, 1).await;
    assert_eq!(
        (&entry["actor"], &entry["message"]["client_id"], &entry["message"]["body"]),
        (&json!(ana.id), &json!(id), &json!("soup at seven"))
    );
    assert!(entry["created_at"].as_str() >= made["at"].as_str(), "not before its time");
    none_waits(&ana).await;
}

#[tokio::test]
async fn a_scheduled_message_is_changed_sent_at_once_and_deleted_by_its_author() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let (first, second) = (new_id(), new_id());
    for id in [first, second] {
        schedule(&ana, direct, id, "soup at seven", LATER).await;
    }
    let path = |id: Uuid| format!("/scheduled/{id}");
    let changed = ana.patch(&path(first), json!({"body": "soup at eight"})).await.expect(200);
    assert_eq!(changed["body"], "soup at eight");
    for answer in [
        bob.patch(&path(first), json!({"body": "mine"})).await,
        bob.delete(&path(first)).await,
        bob.post(&format!("{}/delivery", path(first)), Value::Null).await,
    ] {
        answer.refused(404, "not_found");
    }
    ana.patch(&path(first), json!({"at": "2001-01-01T00:00:00Z"})).await.refused(422, "invalid_fields");
    ana.patch(&path(first), json!({"at": "2999-01-01T00:00:00Z"})).await.refused(422, "invalid_fields");
    ana.post(&format!("{}/delivery", path(first)), Value::Null).await.expect(201);
    ana.delete(&path(second)).await.expect(204);
    assert!(scheduled(&ana).await.is_empty());
    let log = ana.log_of(direct).await;
    assert_eq!((log.len(), &log[0]["message"]["body"]), (1, &json!("soup at eight")));
}

#[tokio::test]
async fn a_server_that_was_killed_between_posting_and_removing_posts_once() {
    let mut server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let (direct, id) = (ana.direct_with(&bob).await, new_id());
    schedule(&ana, direct, id, "soup at seven", SOON).await;
    // What the disk holds when the server is killed there: the message, and that it is to be posted.
    ana.post_message(direct, id, "soup at seven").await.expect(201);
    assert_eq!(scheduled(&ana).await.len(), 1);
    server.kill();
    server.restart().await;
    none_waits(&ana).await;
    assert_eq!(ana.log_of(direct).await.len(), 1);
}

#[tokio::test]
async fn what_is_refused_at_its_time_is_kept_with_its_reason() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Kitchen", "private", &[&bob]).await;
    let id = new_id();
    schedule(&bob, group, id, "soup at seven", SOON).await;
    ana.delete(&format!("/groups/{group}/members/{}", bob.id)).await.expect(204);
    let refused = eventually("it is refused", async || {
        scheduled(&bob).await.into_iter().find(|message| !message["refusal"].is_null())
    })
    .await;
    assert_eq!((&refused["id"], &refused["refusal"]), (&json!(id), &json!("not_member")));
    bob.post(&format!("/scheduled/{id}/delivery"), Value::Null).await.refused(404, "not_found");
    bob.delete(&format!("/scheduled/{id}")).await.expect(204);
}
