//! Files in lists: those of a conversation, one's own, and how much room they take; and how one is rid of them.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{PICTURE, Person, Server, eventually, files_below, files_of, hash, id_of, new_id, words};
use serde_json::{Value, json};
use uuid::Uuid;

/// The names of the files of a conversation, as this person gets them.
async fn names(person: &Person, conversation: Uuid, query: &str) -> Vec<String> {
    let page = person.get(&format!("/conversations/{conversation}/files?{query}")).await.expect(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["file"]["name"].as_str().unwrap().to_owned()).collect()
}

async fn own(person: &Person, query: &str) -> Value {
    person.get(&format!("/users/me/files?{query}")).await.expect(200)
}

fn names_of(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["file"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_files_of_a_conversation_are_told_page_by_page_and_by_kind() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let picture = ana.share("a.png", "image/png", PICTURE).await;
    let text = ana.share("b.txt", "text/plain", "b").await;
    let posted = ana.say_with(direct, "see", &[picture, text]).await.expect(201);
    // In a thread about it, too.
    let late = ben.share("c.txt", "text/plain", "c").await;
    let body = json!({"body": "", "files": [late], "thread": posted["message_id"]});
    ben.put(&format!("/conversations/{direct}/messages/{}", new_id()), body).await.expect(201);
    assert_eq!(names(&ben, direct, "").await, ["c.txt", "b.txt", "a.png"]);
    assert_eq!(names(&ben, direct, "kind=picture").await, ["a.png"]);
    assert_eq!(names(&ben, direct, "kind=document").await, ["c.txt", "b.txt"]);
    assert_eq!(names(&ben, direct, "kind=video").await, Vec::<String>::new());
    let page = ben.get(&format!("/conversations/{direct}/files?limit=2")).await.expect(200);
    let (answer, first) = (&page["items"][0], &page["items"][1]);
    assert_eq!((&answer["author"], &answer["thread_seq"]), (&json!(ben.id), &posted["seq"]));
    assert_eq!((&first["message_id"], &first["seq"]), (&posted["message_id"], &posted["seq"]));
    assert_eq!((&first["author"], &first["position"]), (&json!(ana.id), &json!(1)));
    assert!(first["thread_seq"].is_null() && first["posted_at"].is_string());
    let next = page["next"].as_str().unwrap();
    assert_eq!(names(&ben, direct, &format!("before={next}")).await, ["a.png"]);
    ana.delete(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(names(&ben, direct, "").await, ["c.txt"]);
    ben.get(&format!("/conversations/{direct}/files?kind=spell")).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn t14_what_one_does_not_see_or_own_is_neither_listed_nor_removed() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let group = ana.create_group("Garden", "private", &[&ben]).await;
    let file = ana.share("a.txt", "text/plain", "a").await;
    ana.say_with(group, "", &[file]).await.expect(201);
    eve.get(&format!("/conversations/{group}/files")).await.refused(404, "not_found");
    for other in [&ben, &eve, server.admin()] {
        other.delete(&format!("/files/{file}")).await.refused(404, "not_found");
        assert_eq!(names_of(&own(other, "").await), Vec::<&str>::new());
    }
    ana.delete(&format!("/files/{}", new_id())).await.refused(404, "not_found");
    assert!(ben.hash_of(file).await.is_ok());
    // Who comes in later sees what came later.
    ana.delete(&format!("/groups/{group}/members/{}", ben.id)).await;
    ben.get(&format!("/conversations/{group}/files")).await.refused(404, "not_found");
}

#[tokio::test]
async fn t27_a_removed_file_leaves_all_messages_for_everybody_and_its_bytes_go_at_once() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (direct, notes) = (ana.direct_with(&ben).await, ben.direct_with(&ben).await);
    let file = ana.share("a.txt", "text/plain", words(1, 5_000)).await;
    let other = ana.share("b.txt", "text/plain", words(2, 5_000)).await;
    let with_text = ana.say_with(direct, "look", &[file]).await.expect(201);
    let with_other = ana.say_with(direct, "", &[file, other]).await.expect(201);
    let alone = ana.say_with(direct, "", &[file]).await.expect(201);
    let id = |posted: &Value| posted["message_id"].as_str().unwrap().to_owned();
    let forward = json!({"message": id(&alone)});
    let path = format!("/conversations/{notes}/forwards/{}", new_id());
    let forwarded = ben.put(&path, forward).await.expect(201);
    let socket = ben.connect().await;
    assert_eq!(files_below(&server.files()).len(), 2);

    assert_eq!(ana.delete(&format!("/files/{file}")).await.status, 204);
    let told = socket.wait("the file left the message", |frame| {
        frame["kind"] == "file_removal" && frame["target"]["message_id"] == with_text["message_id"]
    });
    let told = told.await;
    assert_eq!((&told["target"]["body"], files_of(&told["target"])), (&json!("look"), vec![]));
    assert!(told["actor"].is_null());
    let message = async |posted: &Value| {
        ben.get(&format!("/messages/{}", id(posted))).await.expect(200)["message"].clone()
    };
    let now = message(&with_text).await;
    assert_eq!((&now["body"], files_of(&now)), (&json!("look"), vec![]));
    assert!(now["changes"]["edited_at"].is_null() && now["changes"]["deleted_at"].is_null());
    assert_eq!(files_of(&message(&with_other).await), [other]);
    for gone in [&alone, &forwarded] {
        assert!(message(gone).await["changes"]["deleted_at"].is_string(), "nothing is left of it");
    }
    // Who was away finds the same in the log.
    let kinds: Vec<_> = ben.log_of(direct).await.iter().map(|entry| entry["kind"].clone()).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "file_removal").count(), 2, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| *kind == "deletion").count(), 1, "{kinds:?}");
    for person in [&ana, &ben] {
        assert_eq!(person.hash_of(file).await, Err(404));
        assert!(person.hash_of(other).await.is_ok());
    }
    ana.say_with(direct, "again", &[file]).await.refused(422, "no_such_file");
    ana.delete(&format!("/files/{file}")).await.refused(404, "not_found");
    assert_eq!(own(&ana, "").await["used_bytes"], 5_000);
    eventually("its bytes are gone", async || (files_below(&server.files()).len() == 1).then_some(())).await;
}

#[tokio::test]
async fn what_was_sent_meanwhile_stays_when_only_what_is_unsent_is_to_go() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let (sent, unsent) =
        (ana.share("a.txt", "text/plain", "a").await, ana.share("b.txt", "text/plain", "b").await);
    ana.say_with(ana.lobby().await, "", &[sent]).await.expect(201);
    ana.delete(&format!("/files/{sent}?unsent=true")).await.refused(409, "already_sent");
    assert_eq!(ana.delete(&format!("/files/{unsent}?unsent=true")).await.status, 204);
    assert_eq!((ana.hash_of(sent).await, ana.hash_of(unsent).await), (Ok(hash(b"a")), Err(404)));
}

#[tokio::test]
async fn bytes_that_another_file_has_stay_when_one_is_removed() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let bytes = words(1, 3_000);
    let (one, two) = (
        ana.share("a.txt", "text/plain", bytes.clone()).await,
        ben.share("b.txt", "text/plain", bytes.clone()).await,
    );
    assert_eq!(ana.delete(&format!("/files/{one}")).await.status, 204);
    assert_eq!((ana.hash_of(one).await, ben.hash_of(two).await), (Err(404), Ok(hash(&bytes))));
    assert_eq!(files_below(&server.files()).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_a_removal_that_is_killed_goes_on_and_tells_each_message_once() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let notes = ana.direct_with(&ana).await;
    let file = ana.share("a.txt", "text/plain", "a").await;
    for number in 0..60 {
        ana.say_with(notes, &format!("number {number}"), &[file]).await.expect(201);
    }
    // As a server leaves it that was killed right after the order.
    server.kill();
    server.sql("UPDATE file SET removed_at = 1");
    server.restart().await;
    let ana = ana.through(server.address());
    assert_eq!(ana.hash_of(file).await, Err(404));
    let left = "SELECT (SELECT count(*) FROM file) + (SELECT count(*) FROM freed_object)";
    eventually("the file is gone", async || (server.sql(left).trim() == "0").then_some(())).await;
    let log = ana.log_of(notes).await;
    let places: Vec<_> = log.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert_eq!(places, (1..=120).collect::<Vec<_>>(), "without a gap");
    let mut told: Vec<_> = log[60..].iter().map(|entry| entry["target"]["seq"].as_u64().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, (1..=60).collect::<Vec<_>>(), "each once");
    assert!(log[..60].iter().all(|entry| files_of(&entry["message"]).is_empty()));
}

#[tokio::test]
async fn own_uploads_are_told_with_their_sizes_and_where_they_are_used() {
    let server =
        Server::start_with(&[("PARLOR_FILES_MAX_BYTES", "10000"), ("PARLOR_FILES_QUOTA_BYTES", "10000")])
            .await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (direct, notes) = (ana.direct_with(&ben).await, ben.direct_with(&ben).await);
    let large = ana.share("large.txt", "text/plain", words(1, 3_000)).await;
    let small = ana.share("small.txt", "text/plain", words(2, 1_000)).await;
    ana.share("unsent.txt", "text/plain", words(3, 2_000)).await;
    let posted = ana.say_with(direct, "", &[large]).await.expect(201);
    ana.say_with(direct, "", &[large, small]).await.expect(201);
    let path = format!("/conversations/{notes}/forwards/{}", new_id());
    ben.put(&path, json!({"message": posted["message_id"]})).await.expect(201);
    let newest = own(&ana, "").await;
    assert_eq!(names_of(&newest), ["unsent.txt", "small.txt", "large.txt"]);
    assert_eq!((&newest["used_bytes"], &newest["quota_bytes"]), (&json!(6_000), &json!(10_000)));
    let item = &newest["items"][2];
    assert_eq!(item["uses"], json!([{"conversation": direct, "messages": 2}]));
    assert_eq!((&item["elsewhere"], &item["counted_bytes"]), (&json!(1), &json!(3_000)));
    assert_eq!((&newest["items"][0]["uses"], &newest["items"][0]["elsewhere"]), (&json!([]), &json!(0)));
    assert_eq!(id_of(&item["file"]["id"]), large);
    let largest = own(&ana, "order=largest&limit=2").await;
    assert_eq!(names_of(&largest), ["large.txt", "unsent.txt"]);
    let rest = own(&ana, &format!("order=largest&after={}", largest["next"].as_str().unwrap())).await;
    assert_eq!((names_of(&rest), &rest["next"]), (vec!["small.txt"], &Value::Null));
}

#[tokio::test]
async fn admins_see_how_much_room_files_take_and_not_what_they_are() {
    let server =
        Server::start_with(&[("PARLOR_FILES_MAX_BYTES", "10000"), ("PARLOR_FILES_QUOTA_BYTES", "1000000")])
            .await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = ana.create_group("Garden", "private", &[&ben]).await;
    let bytes = words(1, 3_000);
    let large = ana.share("secret-name.txt", "text/plain", bytes.clone()).await;
    let same = ben.share("other-name.txt", "text/plain", bytes).await;
    ben.share("unsent.txt", "text/plain", words(2, 500)).await;
    ana.say_with(group, "", &[large]).await.expect(201);
    ben.say_with(ben.direct_with(&ana).await, "", &[same]).await.expect(201);
    let admin = server.admin();
    let all = admin.get("/admin/storage").await.expect(200);
    let of = |name: &str| all[name].as_u64();
    assert_eq!((of("files"), of("bytes"), of("kept_bytes")), (Some(3), Some(6_500), Some(3_500)));
    assert_eq!((of("unused_files"), of("unused_bytes")), (Some(1), Some(500)));
    assert_eq!(of("quota_bytes"), Some(1_000_000));
    assert!(of("free_bytes").is_some_and(|free| free > 0));
    let users = admin.get("/admin/storage/users?limit=1").await.expect(200);
    let first = json!({"user": ben.id, "username": "ben", "name": "ben", "files": 2, "bytes": 3_500});
    assert_eq!(users["items"], json!([first]));
    let next = users["next"].as_str().unwrap();
    let users = admin.get(&format!("/admin/storage/users?after={next}")).await.expect(200);
    assert_eq!((&users["items"][0]["user"], &users["items"][0]["bytes"]), (&json!(ana.id), &json!(3_000)));
    let groups = admin.get("/admin/storage/groups").await;
    assert!(!groups.text.contains("name.txt"), "{}", groups.text);
    let groups = groups.expect(200);
    assert_eq!(groups["items"], json!([{"group": group, "name": "Garden", "files": 1, "bytes": 3_000}]));
}
