//! Taking along what there is about somebody.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use parlor_tests::{PICTURE, Person, Server};
use serde_json::{Value, json};

const OWN: &str = "/users/me/export";

/// What somebody was sent: under which name, the files by name, those with JSON as values.
struct Sent {
    disposition: String,
    files: BTreeMap<String, Value>,
}

async fn take(person: &Person, path: &str) -> Sent {
    let (status, headers, bytes) = person.download(&format!("/api/v1{path}")).await;
    assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "application/zip"));
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    let mut files = BTreeMap::new();
    for name in names {
        let mut bytes = Vec::new();
        archive.by_name(&name).unwrap().read_to_end(&mut bytes).unwrap();
        let value = match name.as_str() {
            "picture.webp" => json!(bytes.len()),
            name if name.starts_with("files/") => json!(String::from_utf8_lossy(&bytes)),
            _ => serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}")),
        };
        files.insert(name, value);
    }
    let disposition = headers["content-disposition"].to_str().unwrap().to_owned();
    Sent { disposition, files }
}

fn texts(messages: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> =
        messages.as_array().unwrap().iter().map(|one| one["message"]["body"].as_str().unwrap()).collect();
    texts.sort_unstable();
    texts
}

#[tokio::test]
async fn everybody_takes_their_own_data_along_and_nobody_elses() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    ana.upload("/api/v1/users/me/picture", "image/png", PICTURE).await.expect(200);
    let (lobby, direct) = (ana.lobby().await, ana.direct_with(&ben).await);
    let left = ana.create_group("Left", "private", &[&ben]).await;
    ana.say(left, "before I left").await;
    ana.patch(&format!("/groups/{left}/members/{}", ben.id), json!({"role": "owner"})).await.expect(200);
    assert_eq!(ana.delete(&format!("/groups/{left}/members/{}", ana.id)).await.status, 204);
    ana.say(lobby, "to all").await;
    ana.say(direct, "to Ben").await;
    let gone = ana.say_something(lobby).await;
    ana.delete(&format!("/messages/{gone}")).await;
    for conversation in [lobby, direct, left] {
        ben.say(conversation, "Ben's words").await;
    }
    ana.put(&format!("/users/{}/block", server.admin().id), json!({})).await;

    let Sent { disposition: name, files } = take(&ana, OWN).await;
    assert!(name.starts_with("attachment; filename=\"ana-20") && name.ends_with(".zip\""), "{name}");
    assert_eq!(texts(&files["messages.json"]), ["before I left", "to Ben", "to all"]);
    assert_eq!(files["account.json"]["username"], "ana");
    assert_eq!(files["about.json"]["made_by"], "the person");
    assert!(files["picture.webp"].as_u64() > Some(100));
    let withs: Vec<_> =
        files["conversations.json"].as_array().unwrap().iter().map(|one| &one["with"]).collect();
    assert!(withs.iter().any(|with| with["username"] == "ben"), "{withs:?}");
    assert_eq!(files["blocked.json"][0]["user"], json!(server.admin().id));
    assert_eq!(files["sessions.json"]["items"].as_array().unwrap().len(), 1);
    assert!(!format!("{files:?}").contains("Ben's words"));
    let log = server.admin().get("/admin/audit?action=data_exported").await.expect(200);
    assert_eq!((&log["items"][0]["by"], &log["items"][0]["target"]["id"]), (&json!(ana.id), &json!(ana.id)));
}

#[tokio::test]
async fn all_messages_are_in_it_however_many_there_are() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let group = ana.create_group("Many", "private", &[]).await;
    for number in 0..450 {
        ana.say(group, &format!("message {number}")).await;
    }
    let files = take(&ana, OWN).await.files;
    let messages = files["messages.json"].as_array().unwrap();
    assert_eq!(messages.len(), 450);
    assert_eq!(messages[0]["message"]["body"], "message 449", "the latest first");
    assert!(messages.windows(2).all(|pair| pair[0]["seq"].as_u64() > pair[1]["seq"].as_u64()));
}

#[tokio::test]
async fn t11_an_admin_takes_along_for_somebody_what_the_admin_may_see_and_no_more() {
    let server = Server::start().await;
    let (ana, ben, root) = (server.person("ana").await, server.person("ben").await, server.admin());
    let (lobby, direct) = (ana.lobby().await, ana.direct_with(&ben).await);
    let private = ana.create_group("Private", "private", &[&ben]).await;
    for (conversation, text) in [(lobby, "to all"), (direct, "to Ben"), (private, "to few")] {
        ana.say(conversation, text).await;
        ben.say(conversation, "@ana, look").await;
    }
    ana.put(&format!("/users/{}/block", ben.id), json!({})).await;
    let path = format!("/admin/users/{}/export", ana.id);
    ben.get(&path).await.refused(403, "forbidden");
    let files = take(root, &path).await.files;
    assert_eq!(texts(&files["messages.json"]), ["to all"]);
    let groups: Vec<_> = files["conversations.json"].as_array().unwrap().iter().collect();
    assert_eq!(groups.len(), 1, "{groups:?}");
    let told: Vec<_> = files["notifications.json"].as_array().unwrap().iter().collect();
    assert!(told.iter().all(|one| one["conversation"] == json!(lobby)), "{told:?}");
    assert_eq!(files["about.json"]["made_by"], "an admin");
    for personal in ["drafts.json", "scheduled.json", "saved.json", "blocked.json"] {
        assert!(!files.contains_key(personal), "{personal}");
    }
    let log = root.get("/admin/audit?action=data_exported").await.expect(200);
    assert_eq!((&log["items"][0]["by"], &log["items"][0]["target"]["id"]), (&json!(root.id), &json!(ana.id)));
    root.get(&format!("/admin/users/{}/export", parlor_tests::new_id())).await.refused(404, "not_found");
}

#[tokio::test]
async fn files_are_taken_along_with_the_messages_and_those_that_were_not_sent() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let sent = ana.share("../sent.txt", "text/plain", "what was sent").await;
    let unsent = ana.share("unsent.txt", "text/plain", "what was not sent").await;
    let foreign = ben.share("bens.txt", "text/plain", "Ben's").await;
    ana.say_with(direct, "", &[sent]).await.expect(201);
    let bens = ben.say_with(direct, "", &[foreign]).await.expect(201);
    let forward = format!("/conversations/{direct}/forwards/{}", parlor_tests::new_id());
    ana.put(&forward, json!({"message": bens["message_id"]})).await.expect(201);

    let files = take(&ana, OWN).await.files;
    assert_eq!(files[&format!("files/{sent}-.._sent.txt")], "what was sent");
    assert_eq!(files[&format!("files/{unsent}-unsent.txt")], "what was not sent");
    assert_eq!(files[&format!("files/{foreign}-bens.txt")], "Ben's", "she sent it on");
    let listed = files["files.json"].as_array().unwrap();
    let of = |id: uuid::Uuid| listed.iter().find(|file| file["id"] == json!(id)).unwrap();
    assert_eq!((&of(sent)["name"], listed.len()), (&json!("../sent.txt"), 3));
    assert_eq!(of(sent)["path"], json!(format!("files/{sent}-.._sent.txt")));
    // Ben never sent hers on, and an admin who is not there gets nothing of it.
    let theirs = take(&ben, OWN).await.files;
    assert!(theirs.keys().all(|name| !name.contains("sent.txt")), "{:?}", theirs.keys());
    let seen = take(server.admin(), &format!("/admin/users/{}/export", ana.id)).await.files;
    assert_eq!(seen["files.json"], json!([]));
}
