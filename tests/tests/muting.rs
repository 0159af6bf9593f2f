//! Keeping people from writing on the whole server.

use parlor_tests::{Answer, Server, new_id};
use serde_json::{Value, json};

#[tokio::test]
async fn one_who_is_muted_on_the_server_reads_and_writes_nowhere() {
    let server = Server::start().await;
    let (admin, ana, bob) = (server.admin(), server.person("ana").await, server.person("bob").await);
    let (group, direct) = (ana.create_group("Tea", "public", &[&bob]).await, ana.direct_with(&bob).await);
    let mine = bob.say_something(group).await;
    let socket = bob.connect().await;
    let path = format!("/admin/users/{}/mute", bob.id);
    let made = admin.put(&path, json!({"reason": "calm down", "minutes": 5})).await.expect(200);
    assert_eq!((&made["user"], &made["by"]), (&json!(bob.id), &json!(admin.id)));
    let told = socket.wait("the mute", |frame| frame["type"] == "account.changed").await;
    assert_eq!(told["me"]["mute"], json!({"reason": "calm down", "until": made["until"]}));
    assert_eq!(bob.get("/users/me").await.expect(200)["mute"]["reason"], "calm down");
    assert!(ana.get(&format!("/users/{}", bob.id)).await.expect(200).get("mute").is_none());

    for conversation in [group, direct] {
        bob.post_message(conversation, new_id(), "x").await.refused(403, "muted");
        let post = json!({"conversation": conversation, "client_id": new_id(), "body": "x"});
        assert_eq!(socket.request("message.send", post).await["code"], "muted");
    }
    bob.patch(&format!("/messages/{mine}"), json!({"body": "y"})).await.refused(403, "muted");
    bob.put(&format!("/messages/{mine}/reactions/%F0%9F%91%8D"), Value::Null).await.refused(403, "muted");
    bob.put(&format!("/messages/{mine}/pin"), Value::Null).await.refused(403, "muted");
    bob.post("/groups", json!({"name": "Mine", "visibility": "private"})).await.refused(403, "muted");
    ana.say(direct, "are you there?").await;
    assert_eq!(bob.log_of(direct).await.len(), 1, "they go on reading");

    let listed = admin.get("/admin/mutes").await.expect(200);
    assert_eq!(listed["items"], json!([made]));
    assert_eq!(admin.get(&format!("/admin/users/{}", bob.id)).await.expect(200)["mute"], made);
    assert_eq!(admin.delete(&path).await.status, 204);
    admin.delete(&path).await.refused(404, "not_found");
    socket
        .wait("the end", |frame| frame["type"] == "account.changed" && frame["me"]["mute"] == Value::Null)
        .await;
    bob.say(group, "thanks").await;
}

#[tokio::test]
async fn a_mute_needs_an_end_that_lies_ahead_and_somebody_else() {
    let server = Server::start().await;
    let (admin, bob) = (server.admin(), server.person("bob").await);
    let path = format!("/admin/users/{}/mute", bob.id);
    for (body, field) in [
        (json!({"reason": "x"}), "until"),
        (json!({"reason": "x", "until": "2001-01-01T00:00:00Z"}), "until"),
        (json!({"reason": "x", "until": "2999-01-01T00:00:00Z", "minutes": 5}), "minutes"),
    ] {
        let problem = admin.put(&path, body).await.refused(422, "invalid_fields");
        assert_eq!(Answer::fields(&problem), [field]);
    }
    let own = format!("/admin/users/{}/mute", admin.id);
    assert_eq!(admin.put(&own, json!({"reason": "x", "minutes": 5})).await.status, 409);
    bob.put(&path, json!({"reason": "x", "minutes": 5})).await.refused(403, "forbidden");
}

#[tokio::test]
async fn what_was_scheduled_before_a_mute_is_not_posted_during_it() {
    let server = Server::start().await;
    let (admin, bob) = (server.admin(), server.person("bob").await);
    let notes = bob.direct_with(&bob).await;
    let at = parlor_tests::in_a_while(std::time::Duration::from_secs(3));
    let scheduled = format!("/conversations/{notes}/scheduled/{}", new_id());
    bob.put(&scheduled, json!({"body": "later", "at": at})).await.expect(201);
    let mute = json!({"reason": "x", "minutes": 5});
    admin.put(&format!("/admin/users/{}/mute", bob.id), mute).await.expect(200);
    let waits = parlor_tests::eventually("the refusal", async || {
        let listed = bob.get("/scheduled").await.expect(200);
        listed["items"][0]["refusal"].as_str().map(str::to_owned)
    })
    .await;
    assert_eq!(waits, "muted");
}
