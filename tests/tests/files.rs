//! Files: up and down again, with messages, and for whom.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{PICTURE, Person, Server, files_of, hash, id_of, new_id, upload_path, words};
use serde_json::{Value, json};
use uuid::Uuid;

async fn message_of(person: &Person, posted: Value) -> Value {
    let id = posted["message_id"].as_str().unwrap();
    person.get(&format!("/messages/{id}")).await.expect(200)["message"].clone()
}

#[tokio::test]
async fn what_was_uploaded_comes_back_byte_by_byte_to_all_who_see_the_message() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let direct = ana.direct_with(&ben).await;
    let bytes = words(1, 3_000_000);
    let told = ana.upload_file("minutes.txt", "text/plain", bytes.clone()).await.expect(201);
    assert_eq!((&told["name"], &told["media_type"]), (&json!("minutes.txt"), &json!("text/plain")));
    assert_eq!((&told["kind"], &told["bytes"]), (&json!("document"), &json!(3_000_000)));
    assert_eq!((&told["has_thumbnail"], told.get("width")), (&json!(false), None));
    let file = id_of(&told["id"]);
    // Nobody but its owner sees it before it is sent.
    assert_eq!((ana.hash_of(file).await, ben.hash_of(file).await), (Ok(hash(&bytes)), Err(404)));
    let posted = ana.say_with(direct, "", &[file]).await.expect(201);
    let message = message_of(&ben, posted).await;
    assert_eq!((&message["body"], files_of(&message)), (&json!(""), vec![file]));
    assert_eq!(message["files"][0], told);
    assert_eq!((ben.hash_of(file).await, eve.hash_of(file).await), (Ok(hash(&bytes)), Err(404)));
    assert_eq!(server.admin().hash_of(file).await, Err(404));
    assert_eq!(ana.get(&format!("/files/{}", new_id())).await.refused(404, "not_found")["status"], 404);
}

#[tokio::test]
async fn a_picture_has_small_versions_and_something_to_show_meanwhile() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let told = ana.upload_file("dot.png", "image/png", PICTURE).await.expect(201);
    assert_eq!((&told["kind"], &told["width"], &told["height"]), (&json!("picture"), &json!(1), &json!(1)));
    assert_eq!((&told["has_thumbnail"], told["placeholder"].is_string()), (&json!(true), true));
    let id = id_of(&told["id"]);
    for size in ["", "?size=small", "?size=large"] {
        let (status, headers, bytes) = ana.download(&format!("/api/v1/files/{id}/thumbnail{size}")).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "image/webp"));
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
        assert_eq!(headers["content-length"].to_str().unwrap(), bytes.len().to_string());
    }
    ana.get(&format!("/files/{id}/thumbnail?size=huge")).await.refused(400, "invalid_request");
    let text = ana.share("a.txt", "text/plain", "no picture").await;
    ana.get(&format!("/files/{text}/thumbnail")).await.refused(404, "not_found");
}

#[tokio::test]
async fn files_come_with_messages_wherever_these_are_told() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let files =
        [ana.share("1.txt", "text/plain", "one").await, ana.share("2.txt", "text/plain", "two").await];
    let socket = ben.connect().await;
    let answer = ana.connect().await;
    let fields =
        json!({"conversation": direct, "client_id": new_id(), "body": "see", "files": [files[1], files[0]]});
    let posted = answer.request("message.send", fields).await;
    let heard = socket.entry(direct, posted["seq"].as_u64().unwrap()).await;
    assert_eq!(files_of(&heard["message"]), [files[1], files[0]], "they stay in their order");
    let id = posted["message_id"].as_str().unwrap().to_owned();
    let log = ben.log_of(direct).await;
    assert_eq!(files_of(&log.last().unwrap()["message"]), [files[1], files[0]]);
    // One who was away finds them at the change, too.
    ana.patch(&format!("/messages/{id}"), json!({"body": ""})).await.expect(200);
    let edit = ben.log_of(direct).await.pop().unwrap();
    assert_eq!((&edit["kind"], &edit["target"]["body"]), (&json!("edit"), &json!("")));
    assert_eq!(files_of(&edit["target"]), [files[1], files[0]]);
    let found = ben.get(&format!("/conversations/{direct}/messages")).await.expect(200);
    assert_eq!(files_of(&found["items"][0]["message"]), [files[1], files[0]]);
}

#[tokio::test]
async fn a_text_may_be_empty_only_with_files() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let notes = ana.direct_with(&ana).await;
    ana.say_with(notes, " ", &[]).await.refused(422, "invalid_fields");
    let id = ana.say_something(notes).await;
    ana.patch(&format!("/messages/{id}"), json!({"body": ""})).await.refused(422, "invalid_fields");
    let socket = ana.connect().await;
    let refused = socket.request("message.edit", json!({"message": id, "body": " "})).await;
    assert_eq!((&refused["code"], &refused["field"]), (&json!("invalid_fields"), &json!("body")));
    let file = ana.share("a.txt", "text/plain", "a").await;
    ana.say_with(notes, " ", &[file]).await.expect(201);
}

#[tokio::test]
async fn only_own_files_are_sent_and_each_once() {
    let server = Server::start().await;
    let (ana, eve) = (server.person("ana").await, server.person("eve").await);
    let direct = ana.direct_with(&eve).await;
    let file = ana.share("a.txt", "text/plain", "a").await;
    for foreign in [file, new_id()] {
        eve.say_with(direct, "mine", &[foreign]).await.refused(422, "no_such_file");
    }
    ana.say_with(direct, "", &[file]).await.expect(201);
    // Seeing it does not make it hers.
    eve.say_with(direct, "mine", &[file]).await.refused(422, "no_such_file");
    ana.say_with(direct, "twice", &[file, file]).await.refused(422, "invalid_fields");
    let many: Vec<Uuid> = (0..11).map(|_| new_id()).collect();
    ana.say_with(direct, "many", &many).await.refused(422, "invalid_fields");
    // The same file in another message of its owner.
    ana.say_with(direct, "again", &[file]).await.expect(201);
}

#[tokio::test]
async fn a_repeat_is_answered_like_the_first_try_if_it_has_the_same_files() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let notes = ana.direct_with(&ana).await;
    let (one, two) =
        (ana.share("1.txt", "text/plain", "1").await, ana.share("2.txt", "text/plain", "2").await);
    let path = format!("/conversations/{notes}/messages/{}", new_id());
    let body = json!({"body": "", "files": [one, two]});
    let first = ana.put(&path, body.clone()).await.expect(201);
    let second = ana.put(&path, body).await.expect(200);
    assert_eq!((&first["message_id"], &second["duplicate"]), (&second["message_id"], &json!(true)));
    for files in [vec![one], vec![two, one], vec![]] {
        let text = if files.is_empty() { "x" } else { "" };
        ana.put(&path, json!({"body": text, "files": files})).await.refused(409, "idempotency_conflict");
    }
}

#[tokio::test]
async fn t11_what_is_deleted_or_left_is_not_seen_any_more() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let group = ana.create_group("Garden", "private", &[&ben, &eve]).await;
    let file = ana.share("a.txt", "text/plain", "a").await;
    let posted = ana.say_with(group, "", &[file]).await.expect(201);
    assert!(ben.hash_of(file).await.is_ok() && eve.hash_of(file).await.is_ok());
    ana.delete(&format!("/groups/{group}/members/{}", ben.id)).await;
    assert_eq!(ben.hash_of(file).await, Err(404));
    ana.put(&format!("/groups/{group}/bans/{}", eve.id), json!({"reason": "spam"})).await.expect(200);
    assert_eq!(eve.hash_of(file).await, Err(404));
    // Who comes in later sees what was written before, or not, and so with its files.
    let zoe = server.person("zoe").await;
    ana.post(&format!("/groups/{group}/members"), json!({"users": [zoe.id]})).await;
    let sees = zoe.get(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.status;
    assert_eq!(zoe.hash_of(file).await.map_or_else(|status| status, |_| 200), sees);
    let direct = ana.direct_with(&ben).await;
    let again = ana.say_with(direct, "", &[file]).await.expect(201);
    assert!(ben.hash_of(file).await.is_ok());
    ana.delete(&format!("/messages/{}", again["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(ben.hash_of(file).await, Err(404));
    assert!(ana.hash_of(file).await.is_ok(), "it is still its owner's");
}

#[tokio::test]
async fn a_forwarded_message_takes_its_files_along() {
    let server = Server::start().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let (first, second) = (ana.direct_with(&ben).await, ben.direct_with(&eve).await);
    let file = ana.share("a.txt", "text/plain", "a").await;
    let posted = ana.say_with(first, "look", &[file]).await.expect(201);
    let path = format!("/conversations/{second}/forwards/{}", new_id());
    let forwarded = ben.put(&path, json!({"message": posted["message_id"]})).await.expect(201);
    assert_eq!(files_of(&message_of(&eve, forwarded).await), [file]);
    assert_eq!(eve.hash_of(file).await, Ok(hash(b"a")));
    // The copy has it whatever becomes of the first message.
    ana.delete(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    assert_eq!(eve.hash_of(file).await, Ok(hash(b"a")));
}

#[tokio::test]
async fn what_is_refused_is_refused_with_a_reason() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    ana.upload_file("a.txt", "text/plain", "").await.refused(422, "invalid");
    ana.upload_file("a.exe", "application/octet-stream", "MZ").await.refused(422, "file_type_refused");
    ana.upload_file("a.png", "image/png", &PICTURE[..40]).await.refused(422, "file_damaged");
    ana.upload_file(&"n".repeat(4_097), "text/plain", "a").await.refused(422, "invalid");
    ana.upload_file("", "text/plain", "a").await.refused(422, "invalid");
    let problem =
        ana.upload_by("POST", "/api/v1/files", "text/plain", "a").await.refused(400, "invalid_request");
    assert!(problem.to_string().contains("name"), "{problem}");
    server
        .api()
        .upload_by("POST", &upload_path("a.txt"), "text/plain", "a")
        .await
        .refused(401, "unauthenticated");
    let (status, _, _) = ana.download("/api/v1/files/nonsense").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn what_people_are_told_elsewhere_names_the_files() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let file = ana.share("plan\u{202E}.txt", "text/plain", "a").await;
    let posted = ana.say_with(direct, "", &[file]).await.expect(201);
    let message = posted["message_id"].as_str().unwrap();
    ben.post(&format!("/messages/{message}/reports"), json!({"reason": "spam"})).await.expect(204);
    let reports = server.admin().get("/admin/reports").await.expect(200);
    assert_eq!(reports["items"][0]["body"], "plan.txt");
}
