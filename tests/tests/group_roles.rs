//! Roles in a group, and who may write in it.

use parlor_tests::{Answer, Person, Server, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

fn member(group: Uuid, user: &Person) -> String {
    format!("/groups/{group}/members/{}", user.id)
}

async fn set_role(actor: &Person, group: Uuid, user: &Person, role: &str) -> Answer {
    actor.patch(&member(group, user), json!({"role": role})).await
}

async fn mute(actor: &Person, group: Uuid, user: &Person, until: &str) -> Answer {
    actor.put(&format!("{}/mute", member(group, user)), json!({"until": until})).await
}

#[tokio::test]
async fn a_new_role_is_told_to_everybody_who_is_connected() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let listening = bob.connect().await;
    let mark = listening.mark();
    assert_eq!(set_role(&ana, group, &bob, "moderator").await.expect(200)["role"], "moderator");
    let told = listening.wait_after(mark, "the role", |frame| frame["kind"] == "role").await;
    assert_eq!((&told["subject"], &told["role"]), (&json!(bob.id), &json!("moderator")));
    assert_eq!(bob.conversation(group).await["role"], "moderator");
    bob.patch(&format!("/groups/{group}"), json!({"name": "Coffee"})).await.expect(200);
}

#[tokio::test]
async fn moderators_raise_members_to_their_own_rank_and_touch_nobody_above() {
    let server = Server::start().await;
    let (ana, bob, eve) =
        (server.person("ana").await, server.person("bob").await, server.person("eve").await);
    let group = ana.create_group("Tea", "private", &[&bob, &eve]).await;
    set_role(&eve, group, &bob, "moderator").await.refused(403, "forbidden");
    set_role(&ana, group, &bob, "moderator").await.expect(200);
    set_role(&bob, group, &eve, "owner").await.refused(403, "forbidden");
    set_role(&bob, group, &bob, "owner").await.refused(403, "forbidden");
    set_role(&bob, group, &ana, "member").await.refused(403, "forbidden");
    set_role(&bob, group, &eve, "moderator").await.expect(200);
    set_role(&bob, group, &eve, "member").await.refused(403, "forbidden");
    set_role(&eve, group, &eve, "member").await.expect(200);
    set_role(&ana, group, &eve, "queen").await.refused(400, "invalid_request");
}

#[tokio::test]
async fn an_owner_hands_the_group_over_and_goes() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    set_role(&ana, group, &ana, "member").await.refused(409, "last_owner");
    let aimless = json!({"role": "member", "hand_over": true});
    let problem = ana.patch(&member(group, &bob), aimless).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["hand_over"]);
    ana.patch(&member(group, &bob), json!({"role": "owner", "hand_over": true})).await.expect(200);
    assert_eq!(ana.conversation(group).await["role"], "moderator");
    assert_eq!(bob.conversation(group).await["role"], "owner");
    assert_eq!(ana.delete(&member(group, &ana)).await.status, 204);
}

#[tokio::test]
async fn one_who_is_muted_reads_and_neither_writes_nor_reacts() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    let mine = bob.say_something(group).await;
    let socket = bob.connect().await;
    let until = "2999-01-01T00:00:00.000Z";
    assert_eq!(mute(&ana, group, &bob, until).await.expect(200)["muted_until"], until);
    assert_eq!(bob.conversation(group).await["muted_until"], until);
    bob.post_message(group, new_id(), "x").await.refused(403, "muted");
    bob.patch(&format!("/messages/{mine}"), json!({"body": "y"})).await.refused(403, "muted");
    bob.put(&format!("/messages/{mine}/reactions/%F0%9F%91%8D"), Value::Null).await.refused(403, "muted");
    let post = json!({"conversation": group, "client_id": new_id(), "body": "x"});
    assert_eq!(socket.request("message.send", post).await["code"], "muted");
    let told = bob.log_of(group).await.pop().unwrap();
    assert_eq!((&told["kind"], &told["until"]), (&json!("mute"), &json!(until)));
    ana.delete(&format!("{}/mute", member(group, &bob))).await.expect(200);
    assert_eq!(bob.log_of(group).await.pop().unwrap()["kind"], "unmute");
    bob.say(group, "thanks").await;
}

#[tokio::test]
async fn a_mute_needs_an_end_that_lies_ahead() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let problem = mute(&ana, group, &bob, "2001-01-01T00:00:00Z").await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["until"]);
    mute(&ana, group, &bob, "soon").await.refused(400, "invalid_request");
    mute(&bob, group, &ana, "2999-01-01T00:00:00Z").await.refused(403, "forbidden");
    assert_eq!(ana.log_of(group).await.len(), 2);
}
