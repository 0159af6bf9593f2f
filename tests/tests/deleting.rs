//! Accounts that are deleted, and what becomes of what their people wrote.

use std::collections::BTreeMap;
use std::time::Duration;

use parlor_tests::{Checker, PASSWORD, Person, Sender, Server, eventually, id_of, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

/// What it may take until somebody whose account is gone hears nothing more.
const SOON: Duration = Duration::from_secs(1);

/// Somebody who wrote so many messages in a group of somebody else's.
async fn wrote(server: &Server, messages: usize) -> (Person, Person, Uuid) {
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let garden = ana.create_group("Garden", "private", &[&ben]).await;
    Sender::new(ben.link(), 16).with(&[garden], messages).run().await;
    (ana, ben, garden)
}

fn path(person: &Person, rest: &str) -> String {
    format!("/admin/users/{}{rest}", person.id)
}

/// How many messages of this person still say something.
fn readable(log: &[Value], author: &Person) -> usize {
    let theirs = log.iter().filter(|entry| entry["actor"] == json!(author.id));
    theirs.filter(|entry| entry["message"]["body"].as_str().is_some_and(|body| !body.is_empty())).count()
}

/// Waits until nothing of somebody is left to be erased.
async fn erased(server: &Server, person: &Person) {
    eventually("everything is erased", async || {
        let account = server.admin().get(&path(person, "")).await.expect(200);
        (account["erasing"] == false).then_some(())
    })
    .await;
}

#[tokio::test]
async fn t07_a_deleted_account_is_closed_at_once_and_what_stays_is_a_shell() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let garden = ben.create_group("Garden", "private", &[&ana]).await;
    ben.say(garden, "first").await;
    let direct = ana.direct_with(&ben).await;
    ana.say(direct, "hello").await;
    let (theirs, others) = (ben.connect().await, ana.connect().await);
    let preview = server.admin().get(&path(&ben, "/deletion")).await.expect(200);
    assert_eq!(preview, json!({"messages": 1, "groups_passed_on": 1, "groups_left_empty": 0}));
    server.admin().delete(&path(&ben, "?messages=keep")).await.expect(204);

    assert_eq!(theirs.closed_within(SOON).await, 4505);
    assert_eq!(ben.get("/users/me").await.status, 401);
    let login = json!({"login": "ben", "password": PASSWORD});
    assert_eq!(server.api().post("/auth/login", login).await.status, 401);
    let told = others.wait("what ben is now", |frame| frame["user"]["id"] == json!(ben.id)).await;
    assert_eq!((&told["user"]["status"], &told["user"]["name"]), (&json!("deleted"), &json!("Deleted user")));
    let left = |frame: &Value| frame["kind"] == "leave" && frame["conversation"] == json!(garden);
    others.wait("that ben left", |frame| left(frame)).await;
    let members = ana.get(&format!("/groups/{garden}/members")).await.expect(200);
    assert_eq!(
        (members["items"].as_array().unwrap().len(), &members["items"][0]["role"]),
        (1, &json!("owner"))
    );
    assert_eq!(readable(&ana.log_of(garden).await, &ben), 1);
    let refused = ana.post_message(direct, new_id(), "still there?").await;
    assert_eq!(refused.status, 403);

    let account = server.admin().get(&path(&ben, "")).await.expect(200);
    let expected = json!(["deleted", "usr000003", null, false]);
    assert_eq!(
        json!([account["standing"], account["username"], account["email"], account["erasing"]]),
        expected
    );
    assert_eq!(server.admin().delete(&path(&ben, "?messages=erase")).await.status, 404);
    assert_ne!(server.person("ben").await.id, ben.id);
    let audit = server.admin().get("/admin/audit?action=user_deleted").await.expect(200);
    let changes = json!([
        {"field": "username", "before": "ben", "after": null},
        {"field": "messages", "before": null, "after": "keep"},
    ]);
    assert_eq!(
        (&audit["items"][0]["target"]["id"], &audit["items"][0]["changes"]),
        (&json!(ben.id), &changes)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r02_what_is_to_be_erased_is_erased_also_when_the_server_is_killed_meanwhile() {
    let mut server = Server::start().await;
    let (ana, ben, garden) = wrote(&server, 2_000).await;
    let socket = ana.connect().await;
    server.admin().delete(&path(&ben, "?messages=erase")).await.expect(204);
    socket.wait("the first deletion", |frame| frame["kind"] == "deletion").await;
    server.kill();
    server.restart().await;
    erased(&server, &ben).await;
    let log = ana.log_of(garden).await;
    assert_eq!(readable(&log, &ben), 0);
    assert_eq!(log.iter().filter(|entry| entry["kind"] == "deletion").count(), 2_000);
    Checker::of(BTreeMap::from([(garden, log)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_go_on_writing_while_messages_are_erased() {
    let server = Server::start().await;
    let (ana, ben, garden) = wrote(&server, 2_000).await;
    let socket = ana.connect().await;
    server.admin().delete(&path(&ben, "/messages")).await.expect(202);
    socket.wait("the first deletion", |frame| frame["kind"] == "deletion").await;
    let mut said = 0;
    while server.admin().get(&path(&ben, "")).await.expect(200)["erasing"] == true {
        ana.say(garden, "undisturbed").await;
        said += 1;
    }
    assert!(said > 10, "{said} messages came in between");
    let log = ana.log_of(garden).await;
    assert_eq!((readable(&log, &ben), readable(&log, &ana)), (0, said));
    // They stay, and go on.
    ben.say(garden, "here I am").await;
    assert_eq!(readable(&ana.log_of(garden).await, &ben), 1);
}

#[tokio::test]
async fn t25_of_two_admins_who_delete_each_other_one_stays() {
    let server = Server::start().await;
    let mut one = server.admin().clone();
    for round in 0..20 {
        let other = server.person(&format!("ben{round}")).await;
        one.put(&path(&other, "/role"), json!({"role": "admin"})).await.expect(200);
        let paths = [path(&other, "?messages=keep"), path(&one, "?messages=keep")];
        let (first, second) = tokio::join!(one.delete(&paths[0]), other.delete(&paths[1]));
        assert_eq!([first.status, second.status].iter().filter(|status| **status == 204).count(), 1);
        if second.status == 204 {
            one = other;
        }
        assert_eq!(one.delete(&path(&one, "?messages=keep")).await.body["code"], "yourself");
        one.get("/admin/users").await.expect(200);
    }
}

#[tokio::test]
async fn what_is_erased_is_found_by_nobody() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let garden = ana.create_group("Garden", "private", &[&ben]).await;
    let message = id_of(&ben.say(garden, "zanzibar").await["message_id"]);
    ben.patch(&format!("/messages/{message}"), json!({"body": "zanzibar again"})).await.expect(200);
    ana.put(&format!("/messages/{message}/pin"), json!({})).await.expect(200);
    ana.put(&format!("/messages/{message}/saved"), json!({})).await;
    eventually("it is found", async || {
        let found = ana.get("/search?q=zanzibar").await.expect(200);
        (!found["items"].as_array().unwrap().is_empty()).then_some(())
    })
    .await;
    server.admin().delete(&path(&ben, "?messages=erase")).await.expect(204);
    erased(&server, &ben).await;
    for path in ["/search?q=zanzibar", "/saved", &format!("/conversations/{garden}/pins")] {
        assert_eq!(ana.get(path).await.expect(200)["items"], json!([]), "{path}");
    }
    assert_eq!(ana.get(&format!("/messages/{message}/revisions")).await.expect(200)["items"], json!([]));
    let conversation = ana.conversation(garden).await;
    assert_eq!(
        (&conversation["last_message"]["message"]["body"], &conversation["unread"]),
        (&json!(""), &json!(0))
    );
}

#[tokio::test]
async fn a_cleared_group_says_who_did_it_and_forgets_the_rest() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let garden = ana.create_group("Garden", "private", &[&ben]).await;
    ana.say(garden, "weeds").await;
    ben.say(garden, "more weeds").await;
    let socket = ben.connect().await;
    ana.delete(&format!("/groups/{garden}/messages")).await.expect(202);
    let told = socket.wait("that it was cleared", |frame| frame["kind"] == "clear").await;
    assert_eq!(told["actor"], json!(ana.id));
    eventually("it is empty", async || {
        let log = ben.log_of(garden).await;
        (readable(&log, &ana) + readable(&log, &ben) == 0).then_some(())
    })
    .await;
    ben.say(garden, "roses").await;
    assert_eq!(readable(&ana.log_of(garden).await, &ben), 1);
    let audit = server.admin().get("/admin/audit?action=history_cleared").await.expect(200);
    assert_eq!(
        (&audit["items"][0]["by"], &audit["items"][0]["target"]["id"]),
        (&json!(ana.id), &json!(garden))
    );
}
