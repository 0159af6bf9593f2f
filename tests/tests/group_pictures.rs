//! Pictures of groups.

use parlor_tests::{Answer, PICTURE, Person, Server};
use serde_json::{Value, json};
use uuid::Uuid;

fn path_of(group: Uuid) -> String {
    format!("/api/v1/groups/{group}/picture")
}

async fn give(person: &Person, group: Uuid) -> Answer {
    person.upload(&path_of(group), "image/png", PICTURE).await
}

async fn see(person: &Person, group: Uuid) -> u16 {
    person.download(&path_of(group)).await.0
}

#[tokio::test]
async fn a_group_is_given_a_picture_which_its_log_tells() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = ana.create_group("Garden", "private", &[&ben]).await;
    let socket = ben.connect().await;
    assert_eq!(see(&ben, group).await, 404, "there is none yet");
    let first = give(&ana, group).await.expect(200)["picture"].clone();
    let told = socket.wait("the picture", |frame| frame["kind"] == "picture").await;
    assert_eq!((&told["picture"], &told["actor"]), (&first, &json!(ana.id)));
    assert_eq!(ben.conversation(group).await["group"]["picture"], first);
    let path = format!("{}?size=small&v={}", path_of(group), first.as_str().unwrap_or_default());
    let (status, headers, bytes) = ben.download(&path).await;
    assert_eq!((status, &bytes[8..12]), (200, &b"WEBP"[..]));
    assert_eq!(headers["cache-control"], "private, max-age=31536000, immutable");

    let second = give(&ana, group).await.expect(200)["picture"].clone();
    assert_ne!(first, second, "what may be kept for ever has another address");
    ana.delete(&format!("/groups/{group}/picture")).await.expect(200);
    let again = ana.delete(&format!("/groups/{group}/picture")).await.expect(200);
    assert_eq!(again["picture"], Value::Null);
    assert_eq!(see(&ben, group).await, 404);
    let pictures: Vec<Value> = (ben.log_of(group).await.iter())
        .filter(|entry| entry["kind"] == "picture")
        .map(|entry| entry["picture"].clone())
        .collect();
    assert_eq!(pictures, [first, second, Value::Null], "taking away what is not there is nothing");
}

#[tokio::test]
async fn a_moderator_gives_it_a_member_does_not_and_a_stranger_knows_of_none() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let group = ana.create_group("Garden", "private", &[&ben]).await;
    give(&ben, group).await.refused(403, "forbidden");
    give(&eve, group).await.refused(404, "not_found");
    let role = json!({"role": "moderator"});
    ana.patch(&format!("/groups/{group}/members/{}", ben.id), role).await.expect(200);
    give(&ben, group).await.expect(200);
    assert_eq!((see(&ana, group).await, see(&eve, group).await), (200, 404));
    ana.patch(&format!("/groups/{group}"), json!({"visibility": "public"})).await.expect(200);
    assert_eq!(see(&eve, group).await, 200, "whoever may know of it sees it");
    assert_ne!(eve.all("/groups?search=Garden", 9).await[0]["picture"], Value::Null);
}

#[tokio::test]
async fn what_is_no_picture_and_an_archived_group_change_nothing() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let group = ana.create_group("Garden", "public", &[]).await;
    ana.upload(&path_of(group), "image/png", b"<html>".to_vec()).await.refused(422, "not_a_picture");
    let before = give(&ana, group).await.expect(200);
    ana.patch(&format!("/groups/{group}"), json!({"archived": true})).await.expect(200);
    give(&ana, group).await.refused(403, "archived");
    ana.delete(&format!("/groups/{group}/picture")).await.refused(403, "archived");
    assert_eq!(ana.conversation(group).await["group"]["picture"], before["picture"]);
}

#[tokio::test]
async fn a_deleted_group_takes_its_picture_with_it() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let group = ana.create_group("Garden", "public", &[]).await;
    let kept = ana.create_group("Orchard", "public", &[]).await;
    give(&ana, kept).await.expect(200);
    give(&ana, group).await.expect(200);
    assert_eq!(ana.delete(&format!("/groups/{group}")).await.status, 204);
    assert_eq!((see(&ana, group).await, see(&ana, kept).await), (404, 200));
}
