//! Groups, and who is in them.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Answer, Person, Server, id_of, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

struct World {
    server: Server,
    ana: Person,
    bob: Person,
    eve: Person,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let (ana, bob, eve) =
            (server.person("ana").await, server.person("bob").await, server.person("eve").await);
        Self { server, ana, bob, eve }
    }
}

fn members(list: &[Value]) -> Vec<(&str, &str)> {
    list.iter()
        .map(|one| (one["user"]["username"].as_str().unwrap(), one["role"].as_str().unwrap()))
        .collect()
}

async fn put_in(actor: &Person, group: Uuid, user: &Person) -> Answer {
    actor.put(&format!("/groups/{group}/members/{}", user.id), Value::Null).await
}

async fn take_out(actor: &Person, group: Uuid, user: &Person) -> Answer {
    actor.delete(&format!("/groups/{group}/members/{}", user.id)).await
}

fn kinds(log: &[Value]) -> Vec<&str> {
    log.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_group_belongs_to_its_maker_and_has_the_people_named() {
    let World { ana, bob, server, .. } = World::start().await;
    let body = json!({
        "name": " Tea ", "description": "About tea", "visibility": "private", "members": [bob.id, bob.id, ana.id],
    });
    let group = ana.post("/groups", body).await.expect(201);
    assert_eq!((&group["name"], &group["description"]), (&json!("Tea"), &json!("About tea")));
    assert_eq!((&group["visibility"], &group["member_count"]), (&json!("private"), &json!(2)));
    assert_eq!((&group["lobby"], &group["read_only"]), (&json!(false), &json!(false)));
    assert_eq!(group["created_by"], ana.id.to_string());
    let id = id_of(&group["id"]);
    assert_eq!(
        members(&bob.all(&format!("/groups/{id}/members"), 1).await),
        [("ana", "owner"), ("bob", "member")]
    );
    assert_eq!(bob.get(&format!("/groups/{id}")).await.expect(200), group);
    let log = bob.log_of(id).await;
    assert_eq!(kinds(&log), ["join", "join"]);
    assert!(log.iter().all(|entry| entry["actor"] == ana.id.to_string()), "{log:?}");
    let conversation = bob.conversation(id).await;
    assert_eq!((&conversation["kind"], &conversation["role"]), (&json!("group"), &json!("member")));
    assert_eq!(conversation["group"], group);
    drop(server);
}

#[tokio::test]
async fn anybody_joins_and_leaves_a_public_group() {
    let World { ana, bob, server, .. } = World::start().await;
    let group = ana.create_group("Tea", "public", &[]).await;
    let joined = put_in(&bob, group, &bob).await.expect(201);
    assert_eq!((&joined["user"]["username"], &joined["role"]), (&json!("bob"), &json!("member")));
    assert_eq!(put_in(&bob, group, &bob).await.expect(200)["joined_at"], joined["joined_at"]);
    assert_eq!(ana.get(&format!("/groups/{group}")).await.expect(200)["member_count"], 2);
    assert_eq!(take_out(&bob, group, &bob).await.status, 204);
    take_out(&bob, group, &bob).await.refused(404, "not_found");
    assert_eq!(kinds(&ana.log_of(group).await), ["join", "join", "leave"]);
    bob.get(&format!("/conversations/{group}/log")).await.refused(403, "forbidden");
    put_in(&bob, group, &bob).await.expect(201);
    drop(server);
}

#[tokio::test]
async fn members_of_a_public_group_invite_and_owners_remove() {
    let World { ana, bob, eve, server: _server, .. } = World::start().await;
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    put_in(&bob, group, &eve).await.expect(201);
    take_out(&bob, group, &eve).await.refused(403, "forbidden");
    assert_eq!(take_out(&ana, group, &eve).await.status, 204);
    let log = ana.log_of(group).await;
    assert_eq!(kinds(&log), ["join", "join", "join", "removal"]);
    let (invited, removal) = (&log[2], &log[3]);
    assert_eq!((&invited["actor"], &invited["subject"]), (&json!(bob.id), &json!(eve.id)));
    assert_eq!((&removal["actor"], &removal["subject"]), (&json!(ana.id), &json!(eve.id)));
}

#[tokio::test]
async fn t11_a_private_group_does_not_exist_for_others() {
    let World { ana, bob, eve, server } = World::start().await;
    let group = ana.create_group("Secret", "private", &[&bob]).await;
    take_out(&ana, group, &bob).await;
    let nothing = new_id();
    for other in [&eve, &bob, server.admin()] {
        for id in [group, nothing] {
            let problems = [
                other.get(&format!("/groups/{id}")).await,
                other.get(&format!("/groups/{id}/members")).await,
                other.get(&format!("/conversations/{id}")).await,
                other.get(&format!("/conversations/{id}/log")).await,
                other.get(&format!("/conversations/{id}/messages")).await,
                other.patch(&format!("/groups/{id}"), json!({"name": "Mine"})).await,
                other.put(&format!("/conversations/{id}/read"), json!({"seq": 1})).await,
                other.post_message(id, new_id(), "x").await,
                put_in(other, id, other).await,
                put_in(other, id, &eve).await,
                take_out(other, id, &ana).await,
                take_out(other, id, other).await,
            ];
            for problem in problems {
                problem.refused(404, "not_found");
            }
        }
        let known =
            format!("{:?}{:?}", other.all("/groups", 100).await, other.all("/conversations", 100).await);
        assert!(!known.contains("Secret"), "{known}");
        assert!(!other.get(&format!("/sync?cursors={group}:0")).await.text.contains("Secret"));
    }
    assert_eq!(kinds(&ana.log_of(group).await), ["join", "join", "removal"], "somebody changed it");
}

#[tokio::test]
async fn a_group_is_renamed_by_its_owner_and_the_log_knows() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let path = format!("/groups/{group}");
    bob.patch(&path, json!({"name": "Coffee"})).await.refused(403, "forbidden");
    let changed = ana.patch(&path, json!({"name": "Coffee", "description": "Black"})).await.expect(200);
    assert_eq!((&changed["name"], &changed["description"]), (&json!("Coffee"), &json!("Black")));
    // The same again, and who may write, are no entries.
    ana.patch(&path, json!({"name": "Coffee", "read_only": true})).await.expect(200);
    ana.patch(&path, json!({"visibility": "public"})).await.expect(200);
    let log = bob.log_of(group).await;
    assert_eq!(kinds(&log), ["join", "join", "rename", "description", "visibility"]);
    assert_eq!((&log[3]["description"], &log[4]["visibility"]), (&json!("Black"), &json!("public")));
    assert_eq!((&log[2]["name"], &log[2]["actor"]), (&json!("Coffee"), &json!(ana.id)));
    let problem = ana.patch(&path, json!({"name": " ", "description": "x".repeat(1_001)})).await;
    assert_eq!(Answer::fields(&problem.refused(422, "invalid_fields")), ["description", "name"]);
}

#[tokio::test]
async fn in_a_read_only_group_only_its_managers_write() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    let group = ana.create_group("News", "public", &[&bob]).await;
    ana.patch(&format!("/groups/{group}"), json!({"read_only": true})).await.expect(200);
    bob.post_message(group, new_id(), "x").await.refused(403, "forbidden");
    ana.say(group, "news").await;
    assert_eq!(bob.log_of(group).await.len(), 3);
    ana.patch(&format!("/groups/{group}"), json!({"read_only": false})).await.expect(200);
    bob.say(group, "at last").await;
}

#[tokio::test]
async fn the_last_owner_stays_while_others_are_there() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    take_out(&ana, group, &ana).await.refused(409, "last_owner");
    assert_eq!(take_out(&bob, group, &bob).await.status, 204);
    assert_eq!(take_out(&ana, group, &ana).await.status, 204);
    ana.get(&format!("/groups/{group}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn everybody_is_in_the_lobby_and_stays_there() {
    let World { server, ana, bob, .. } = World::start().await;
    let lobby = ana.lobby().await;
    let people = ana.all(&format!("/groups/{lobby}/members"), 100).await;
    assert_eq!(
        members(&people).iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["ana", "bob", "eve", "root"]
    );
    take_out(&ana, lobby, &ana).await.refused(403, "forbidden");
    take_out(server.admin(), lobby, &bob).await.refused(403, "forbidden");
    put_in(&ana, lobby, &bob).await.expect(200);
    ana.patch(&format!("/groups/{lobby}"), json!({"name": "Mine"})).await.refused(403, "forbidden");
    let hidden = server.admin().patch(&format!("/groups/{lobby}"), json!({"visibility": "private"})).await;
    assert_eq!(Answer::fields(&hidden.refused(422, "invalid_fields")), ["visibility"]);
    server.admin().patch(&format!("/groups/{lobby}"), json!({"name": "Hall"})).await.expect(200);
    assert_eq!(bob.get(&format!("/groups/{lobby}")).await.expect(200)["name"], "Hall");
    ana.say(lobby, "hello, everybody").await;
}

#[tokio::test]
async fn public_groups_are_listed_with_whether_one_is_in() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    for number in 0..7 {
        ana.create_group(&format!("Tea {number}"), "public", &[]).await;
    }
    ana.create_group("Tea hidden", "private", &[&bob]).await;
    let mine = bob.create_group("Coffee", "public", &[]).await;
    let all = bob.all("/groups", 100).await;
    assert_eq!(all.len(), 9, "seven, one's own and the lobby: {all:?}");
    for limit in [1, 2, 9] {
        assert_eq!(bob.all("/groups", limit).await, all, "pages of {limit}");
    }
    let joined: Vec<bool> = all.iter().map(|group| group["joined"] == true).collect();
    assert_eq!(joined.iter().filter(|joined| **joined).count(), 2);
    assert_eq!(
        all.iter().find(|group| group["id"] == mine.to_string()).map(|group| &group["joined"]),
        Some(&json!(true))
    );
    assert_eq!(bob.all("/groups?search=TEA", 3).await.len(), 7);
    assert_eq!(bob.all("/groups?search=%25", 3).await.len(), 0);
}

#[tokio::test]
async fn a_group_with_bad_fields_is_not_made() {
    let World { ana, server: _server, .. } = World::start().await;
    let before = ana.all("/conversations", 100).await;
    let good = json!({"name": "Tea", "visibility": "public"});
    for (field, value, status, code) in [
        ("name", json!(""), 422, "invalid_fields"),
        ("name", json!("n".repeat(129)), 422, "invalid_fields"),
        ("description", json!("d".repeat(1_001)), 422, "invalid_fields"),
        ("visibility", json!("hidden"), 400, "invalid_request"),
        ("members", json!(["x"]), 400, "invalid_request"),
        ("members", json!([new_id()]), 422, "invalid_fields"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        ana.post("/groups", body).await.refused(status, code);
    }
    assert_eq!(ana.all("/conversations", 100).await, before);
    put_in(&ana, ana.create_group("Tea", "public", &[]).await, &ana).await.expect(200);
}

#[tokio::test]
async fn somebody_who_is_not_there_cannot_be_brought_in() {
    let World { ana, server: _server, .. } = World::start().await;
    let group = ana.create_group("Tea", "public", &[]).await;
    let answer = ana.put(&format!("/groups/{group}/members/{}", new_id()), Value::Null).await;
    assert!(matches!(answer.status, 404 | 422), "{}", answer.text);
    answer.problem();
    assert_eq!(ana.log_of(group).await.len(), 1, "an entry for nobody");
}

#[tokio::test]
async fn in_slow_mode_members_wait_between_two_messages() {
    let World { ana, bob, eve, server: _server } = World::start().await;
    let group = ana.create_group("Busy", "public", &[&bob, &eve]).await;
    let path = format!("/groups/{group}");
    let problem = ana.patch(&path, json!({"slow_mode_seconds": 21_601})).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&problem), ["slow_mode_seconds"]);
    let slow = ana.patch(&path, json!({"slow_mode_seconds": 21_600})).await.expect(200);
    assert_eq!(slow["slow_mode_seconds"], 21_600);
    let first = new_id();
    bob.post_message(group, first, "one").await.expect(201);
    let refused = bob.post_message(group, new_id(), "two").await.refused(429, "slow_mode");
    let wait = refused["retry_after_ms"].as_u64().unwrap();
    assert!((1..=21_600_000).contains(&wait), "{refused}");
    // A repeat is no second message, and nobody waits for others.
    bob.post_message(group, first, "one").await.expect(200);
    eve.say(group, "one").await;
    let socket = eve.connect().await;
    let post = json!({"conversation": group, "client_id": new_id(), "body": "two"});
    let answer = socket.request("message.send", post).await;
    assert_eq!((&answer["code"], &answer["retryable"]), (&json!("slow_mode"), &json!(true)));
    for _ in 0..2 {
        ana.say(group, "order, please").await;
    }
    ana.patch(&path, json!({"slow_mode_seconds": 0})).await.expect(200);
    bob.say(group, "two").await;
}

#[tokio::test]
async fn an_archived_group_is_read_and_not_written_until_its_owner_brings_it_back() {
    let World { ana, bob, eve, server: _server } = World::start().await;
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    let path = format!("/groups/{group}");
    let mine = bob.say_something(group).await;
    bob.patch(&path, json!({"archived": true})).await.refused(403, "forbidden");
    let socket = bob.connect().await;
    let mark = socket.mark();
    let archived = ana.patch(&path, json!({"archived": true})).await.expect(200);
    assert_ne!(archived["archived_at"], Value::Null);
    socket.wait_after(mark, "the archive", |frame| frame["kind"] == "archive").await;
    bob.post_message(group, new_id(), "x").await.refused(403, "archived");
    bob.patch(&format!("/messages/{mine}"), json!({"body": "y"})).await.refused(403, "archived");
    put_in(&eve, group, &eve).await.refused(403, "archived");
    ana.patch(&path, json!({"name": "Coffee"})).await.refused(403, "archived");
    assert_eq!(bob.log_of(group).await.len(), 4);
    assert_eq!(eve.all("/groups?search=Tea", 9).await.len(), 0);
    assert_eq!(eve.all("/groups?search=Tea&archived=true", 9).await.len(), 1);
    ana.patch(&path, json!({"archived": false})).await.expect(200);
    assert_eq!(kinds(&bob.log_of(group).await)[3..], ["archive", "unarchive"]);
    bob.say(group, "here again").await;
}

#[tokio::test]
async fn a_deleted_group_is_gone_for_everybody_at_once() {
    let World { ana, bob, eve, server: _server } = World::start().await;
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    let message = bob.say_something(group).await;
    let (anas, bobs) = (ana.connect().await, bob.connect().await);
    let marks = (anas.mark(), bobs.mark());
    assert_eq!(ana.delete(&format!("/groups/{group}")).await.status, 204);
    for (socket, mark) in [(&anas, marks.0), (&bobs, marks.1)] {
        socket.wait_after(mark, "its end", |frame| frame["kind"] == "group_deletion").await;
        let gone = |frame: &Value| {
            frame["type"] == "conversation.removed" && frame["conversation"] == group.to_string()
        };
        socket.wait_after(mark, "that one is out", gone).await;
    }
    for person in [&ana, &bob, &eve] {
        person.get(&format!("/groups/{group}")).await.refused(404, "not_found");
        person.get(&format!("/messages/{message}")).await.refused(404, "not_found");
        put_in(person, group, person).await.refused(404, "not_found");
        assert!(person.all("/groups?search=Tea", 9).await.is_empty());
    }
    bob.post_message(group, new_id(), "x").await.refused(404, "not_found");
}
