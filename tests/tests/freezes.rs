//! Groups in which nobody writes until an admin lifts that.

use parlor_tests::{Server, new_id};
use serde_json::{Value, json};

#[tokio::test]
async fn in_a_frozen_group_everybody_reads_and_nobody_writes() {
    let server = Server::start().await;
    let (admin, ana, bob) = (server.admin(), server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let mine = bob.say_something(group).await;
    let socket = bob.connect().await;
    let path = format!("/admin/groups/{group}/freeze");
    ana.put(&path, json!({"reason": "x"})).await.refused(403, "forbidden");
    let frozen = admin.put(&path, json!({"reason": "too loud"})).await.expect(200);
    assert_eq!((&frozen["id"], &frozen["freeze_reason"]), (&json!(group), &json!("too loud")));
    let listed = admin.get("/admin/groups?frozen=true").await.expect(200);
    assert_eq!(listed["items"], json!([frozen]));
    let told = socket.wait("the freeze", |frame| frame["kind"] == "freeze").await;
    assert_eq!(told["actor"], Value::Null, "the log names nobody");
    let changed =
        |frame: &Value| frame["type"] == "conversation.changed" && frame["group"]["frozen_at"].is_string();
    socket.wait("the group", changed).await;
    for person in [&ana, &bob] {
        person.post_message(group, new_id(), "x").await.refused(403, "frozen");
    }
    let post = json!({"conversation": group, "client_id": new_id(), "body": "x"});
    assert_eq!(socket.request("message.send", post).await["code"], "frozen");
    bob.patch(&format!("/messages/{mine}"), json!({"body": "y"})).await.refused(403, "frozen");
    bob.put(&format!("/messages/{mine}/reactions/%F0%9F%91%8D"), Value::Null).await.refused(403, "frozen");
    for (method, place, body) in [
        ("PATCH", format!("/groups/{group}"), Some(json!({"name": "Coffee"}))),
        ("PATCH", format!("/groups/{group}"), Some(json!({"archived": true}))),
        ("DELETE", format!("/groups/{group}/messages"), None),
        ("DELETE", format!("/groups/{group}"), None),
    ] {
        ana.call(method, &format!("/api/v1{place}"), body).await.refused(403, "frozen");
    }
    let reason = format!("/groups/{group}/freeze");
    assert_eq!(ana.get(&reason).await.expect(200)["reason"], "too loud");
    bob.get(&reason).await.refused(403, "forbidden");
    assert!(!bob.get(&format!("/groups/{group}")).await.text.contains("too loud"));
    assert_eq!(bob.log_of(group).await.last().unwrap()["kind"], "freeze");

    admin.put(&path, json!({"reason": "still too loud"})).await.expect(200);
    assert_eq!(ana.get(&reason).await.expect(200)["reason"], "still too loud");
    let after = admin.delete(&path).await.expect(200);
    assert_eq!((&after["frozen_at"], &after["freeze_reason"]), (&Value::Null, &Value::Null));
    admin.delete(&path).await.refused(404, "not_found");
    ana.get(&reason).await.refused(404, "not_found");
    bob.say(group, "thanks").await;
    let kinds: Vec<Value> = bob.log_of(group).await.iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds[kinds.len() - 3..], [json!("freeze"), json!("unfreeze"), json!("message")]);
    admin.get(&format!("/groups/{group}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn a_freeze_and_its_end_are_written_down_with_the_reason() {
    let server = Server::start().await;
    let (admin, ana) = (server.admin(), server.person("ana").await);
    let group = ana.create_group("Tea", "private", &[]).await;
    let path = format!("/admin/groups/{group}/freeze");
    admin.put(&path, json!({"reason": "spam"})).await.expect(200);
    admin.delete(&path).await.expect(200);
    let (before, after) = (json!("spam"), Value::Null);
    for (action, changes) in [
        ("group_frozen", json!([{"field": "reason", "before": after, "after": before}])),
        ("group_unfrozen", json!([{"field": "reason", "before": before, "after": after}])),
    ] {
        let audit = admin.get(&format!("/admin/audit?action={action}")).await.expect(200);
        let written = &audit["items"][0];
        assert_eq!((&written["target"]["id"], &written["changes"]), (&json!(group), &changes));
    }
    let nowhere = format!("/admin/groups/{}/freeze", new_id());
    admin.put(&nowhere, json!({"reason": "x"})).await.refused(404, "not_found");
}
