//! Files whose bytes come in several requests (tus 1.0): they go on where they stopped, whatever happens.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use futures_util::future::join_all;
use parlor_tests::{
    Answer, Api, Breaking, PICTURE, Person, Server, eventually, files_below, hash, id_of, metadata, words,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;

/// A request that sends bytes of an upload and is not over: as many come as were written.
struct Sending(TcpStream);

impl Sending {
    async fn begin(person: &Person, upload: &str, offset: u64, length: usize) -> Self {
        let mut stream = TcpStream::connect(person.address()).await.unwrap();
        let head = format!(
            "PATCH {upload} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
             Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\n\
             Content-Length: {length}\r\n\r\n",
            person.access_token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self(stream)
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// What the server answers.
    async fn answer(mut self) -> String {
        let mut answer = vec![0; 4_096];
        let read = self.0.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }
}

/// The file that an upload became, as its last answer and the upload itself tell it.
async fn file_of(person: &Person, upload: &str, answer: &Answer) -> Uuid {
    let told = id_of(&json!(answer.header("upload-file").unwrap()));
    let state = person.call("GET", upload, None).await.expect(200);
    assert_eq!((id_of(&state["file"]["id"]), &state["offset"]), (told, &state["length"]));
    told
}

/// Waits until a request is receiving.
async fn is_received(server: &Server) {
    eventually("a request is receiving", async || {
        (!files_below(&server.files().join("incoming")).is_empty()).then_some(())
    })
    .await;
}

/// Waits until no bytes of unfinished uploads are kept, and so many files.
async fn files_left(server: &Server, count: usize) {
    eventually("what is not needed is gone", async || {
        (files_below(&server.files()).len() == count).then_some(())
    })
    .await;
}

/// Makes it as if the time of all uploads were over.
async fn let_uploads_expire(server: &mut Server) {
    server.kill();
    server.sql("UPDATE upload SET expires_at = 1");
    server.restart().await;
    let left = "SELECT (SELECT count(*) FROM freed_object) + (SELECT count(*) FROM upload)";
    eventually("what expired is gone", async || (server.sql(left).trim() == "0").then_some(())).await;
}

#[tokio::test]
async fn a_file_that_came_in_pieces_is_like_any_other() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let told = server.api().call("OPTIONS", "/api/v1/uploads", None).await;
    assert_eq!(told.status, 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,expiration,termination"),
        ("tus-max-size", "52428800"),
    ] {
        assert_eq!(told.header(name), Some(value));
    }
    let bytes = words(1, 3_000_000);
    let upload = ana.announced("grüße.txt", "text/plain", 3_000_000).await;
    assert_eq!(ana.offset_of(&upload).await, 0);
    let first = ana.append(&upload, 0, bytes[..1_000_000].to_vec()).await;
    assert_eq!((first.status, first.number("upload-offset")), (204, 1_000_000));
    assert!(first.header("upload-file").is_none() && first.header("upload-expires").is_some());
    let state = ana.call("GET", &upload, None).await.expect(200);
    assert_eq!((&state["offset"], &state["length"]), (&json!(1_000_000), &json!(3_000_000)));
    assert_eq!(state["file"], Value::Null);
    let head = ana.head(&upload).await;
    assert_eq!((head.number("upload-offset"), head.number("upload-length")), (1_000_000, 3_000_000));
    let said = metadata(&[("filename", "grüße.txt"), ("filetype", "text/plain")]);
    assert_eq!(
        (head.header("upload-metadata"), head.header("cache-control")),
        (Some(&*said), Some("no-store"))
    );
    let last = ana.append(&upload, 1_000_000, bytes[1_000_000..].to_vec()).await;
    assert_eq!((last.status, last.header("tus-resumable")), (204, Some("1.0.0")));
    let file = file_of(&ana, &upload, &last).await;
    assert_eq!(ana.hash_of(file).await, Ok(hash(&bytes)));
    assert_eq!(server.sql("SELECT count(*) FROM upload_part").trim(), "0");
    let state = ana.call("GET", &upload, None).await.expect(200)["file"].clone();
    let same = ana.upload_file("grüße.txt", "text/plain", bytes).await.expect(201);
    for field in ["name", "media_type", "kind", "bytes", "has_thumbnail"] {
        assert_eq!(state[field], same[field]);
    }
    ana.say_with(ana.lobby().await, "", &[file]).await.expect(201);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let upload = ana.announced("a.txt", "text/plain", 2_000).await;
    let bytes = words(2, 2_000);
    ana.append(&upload, 0, bytes[..1_500].to_vec()).await;
    let last = ana.append(&upload, 1_500, bytes[1_500..].to_vec()).await;
    let file = file_of(&ana, &upload, &last).await;
    let again = ana.append(&upload, 1_500, bytes[1_500..].to_vec()).await;
    let nothing = ana.append(&upload, 2_000, "").await;
    for answer in [again, nothing, ana.head(&upload).await] {
        assert_eq!((answer.number("upload-offset"), file_of(&ana, &upload, &answer).await), (2_000, file));
    }
    assert_eq!(server.sql("SELECT count(*) FROM file").trim(), "1");
    ana.append(&upload, 0, bytes[..1_500].to_vec()).await.refused(409, "upload_offset");
}

#[tokio::test]
async fn what_came_before_the_connection_broke_is_kept() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let bytes = words(3, 900_000);
    let upload = ana.announced("a.txt", "text/plain", 900_000).await;
    let mut offset = 0;
    for end in [200_000, 450_001] {
        let mut sending = Sending::begin(&ana, &upload, offset as u64, bytes.len() - offset).await;
        sending.send(&bytes[offset..end]).await;
        is_received(&server).await;
        drop(sending);
        // The server reads all that was sent before it sees the end.
        eventually("it is kept", async || (ana.offset_of(&upload).await == end as u64).then_some(())).await;
        offset = end;
    }
    let last = ana.append(&upload, offset as u64, bytes[offset..].to_vec()).await;
    assert_eq!(ana.hash_of(file_of(&ana, &upload, &last).await).await, Ok(hash(&bytes)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r22_an_upload_goes_on_after_the_server_was_killed_in_the_middle_of_it() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let bytes = words(4, 1_200_000);
    let upload = ana.announced("a.txt", "text/plain", 1_200_000).await;
    let mut ana = ana.through(server.address());
    let mut offset = 0;
    for _ in 0..10 {
        let answer = ana.append(&upload, offset as u64, bytes[offset..offset + 100_000].to_vec()).await;
        assert_eq!((answer.status, answer.number("upload-offset")), (204, offset as u64 + 100_000));
        let mut sending = Sending::begin(&ana, &upload, offset as u64 + 100_000, 100_000).await;
        sending.send(&bytes[offset + 100_000..offset + 150_000]).await;
        is_received(&server).await;
        server.kill();
        server.restart().await;
        ana = ana.through(server.address());
        // Nothing that was acknowledged is lost.
        offset = usize::try_from(ana.offset_of(&upload).await).unwrap();
        assert_eq!(offset % 100_000, 0);
    }
    let last = ana.append(&upload, offset as u64, bytes[offset..].to_vec()).await;
    assert_eq!(ana.hash_of(file_of(&ana, &upload, &last).await).await, Ok(hash(&bytes)));
}

#[tokio::test]
async fn r22_an_upload_of_which_all_came_becomes_a_file_after_the_database_refused_it() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let bytes = words(5, 1_000);
    let upload = ana.announced("a.txt", "text/plain", 1_000).await;
    let breaking = Breaking::prepare(&server);
    // Its part and its length are the first two.
    breaking.refuse(3);
    assert_eq!(ana.append(&upload, 0, bytes.clone()).await.status, 500);
    assert_eq!(ana.head(&upload).await.status, 500);
    breaking.refuse(0);
    server.kill();
    server.restart().await;
    let ana = ana.through(server.address());
    let head = ana.head(&upload).await;
    assert_eq!(ana.hash_of(file_of(&ana, &upload, &head).await).await, Ok(hash(&bytes)));
}

#[tokio::test]
async fn only_one_request_at_a_time_sends_bytes_and_a_newer_one_takes_over() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let bytes = words(6, 500_000);
    let upload = ana.announced("a.txt", "text/plain", 500_000).await;
    let mut sending = Sending::begin(&ana, &upload, 0, 500_000).await;
    sending.send(&bytes[..300_000]).await;
    is_received(&server).await;
    ana.append(&upload, 0, bytes.clone()).await.refused(423, "upload_locked");
    // Whoever asks how far it is goes on from there, over another connection.
    let offset = usize::try_from(ana.offset_of(&upload).await).unwrap();
    assert!(offset <= 300_000);
    assert!(sending.answer().await.starts_with("HTTP/1.1 423"));
    let last = ana.append(&upload, offset as u64, bytes[offset..].to_vec()).await;
    assert_eq!(ana.hash_of(file_of(&ana, &upload, &last).await).await, Ok(hash(&bytes)));
}

#[tokio::test]
async fn what_the_protocol_does_not_allow_is_refused() {
    let server = Server::start().await;
    let (ana, eve) = (server.person("ana").await, server.person("eve").await);
    let upload = ana.announced("a.txt", "text/plain", 100).await;
    let wrong = ana.append(&upload, 7, "x").await;
    assert_eq!(wrong.header("tus-resumable"), Some("1.0.0"));
    wrong.refused(409, "upload_offset");
    let at_start = ana.tus().with("upload-offset", "0");
    at_start.upload_by("PATCH", &upload, "text/plain", "x").await.refused(415, "unsupported_media_type");
    ana.append(&upload, 0, "x".repeat(101)).await.refused(413, "upload_too_long");
    for version in [Some("0.2.2"), None] {
        let api: Api =
            version.into_iter().fold((*ana).clone(), |api, version| api.with("tus-resumable", version));
        for method in ["HEAD", "PATCH", "DELETE"] {
            let api = api.with("upload-offset", "0");
            let answer = api.upload_by(method, &upload, "application/offset+octet-stream", "x").await;
            assert_eq!((answer.status, answer.header("tus-version")), (412, Some("1.0.0")), "{method}");
        }
    }
    for address in [upload.as_str(), "/api/v1/uploads/0190c0de-0000-7000-8000-000000000000"] {
        assert_eq!(eve.head(address).await.status, 404);
        eve.append(address, 0, "x").await.refused(404, "not_found");
        eve.call("GET", address, None).await.refused(404, "not_found");
        eve.tus().call("DELETE", address, None).await.refused(404, "not_found");
    }
    assert_eq!(server.api().with("tus-resumable", "1.0.0").call("HEAD", &upload, None).await.status, 401);
    assert_eq!(ana.offset_of(&upload).await, 0);
    let api = ana.tus().with("upload-length", "5");
    for said in ["", "filetype dGV4dC9wbGFpbg==", "filename ???"] {
        let api = api.with("upload-metadata", said);
        api.call("POST", "/api/v1/uploads", None).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn an_upload_is_cancelled_also_by_networks_that_know_no_other_method_than_post() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let upload = ana.announced("a.txt", "text/plain", 100).await;
    let by_post = |method: &str| ana.tus().with("x-http-method-override", method).with("upload-offset", "0");
    let kind = "application/offset+octet-stream";
    assert_eq!(by_post("PATCH").upload_by("POST", &upload, kind, "some").await.number("upload-offset"), 4);
    assert_eq!(files_below(&server.files()).len(), 1);
    assert_eq!(by_post("DELETE").call("POST", &upload, None).await.status, 204);
    assert_eq!(ana.head(&upload).await.status, 404);
    assert_eq!(server.sql("SELECT count(*) FROM upload_part").trim(), "0");
    assert_eq!(server.sql("SELECT count(*) FROM freed_object").trim(), "1");
}

#[tokio::test]
async fn an_upload_that_does_not_go_on_is_let_go_of_after_a_day() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let (begun, done) =
        (ana.announced("a.txt", "text/plain", 100).await, ana.announced("b.txt", "text/plain", 4).await);
    ana.append(&begun, 0, "some").await;
    let last = ana.append(&done, 0, "word").await;
    let file = file_of(&ana, &done, &last).await;
    let_uploads_expire(&mut server).await;
    let ana = ana.through(server.address());
    for upload in [&begun, &done] {
        assert_eq!(ana.head(upload).await.status, 404);
    }
    files_left(&server, 1).await;
    assert_eq!(ana.hash_of(file).await, Ok(hash(b"word")));
}

#[tokio::test]
async fn t20_what_is_announced_counts_for_the_quota_also_at_the_same_time() {
    let limits = [("PARLOR_FILES_MAX_BYTES", "50000"), ("PARLOR_FILES_QUOTA_BYTES", "100000")];
    let server = Server::start_with(&limits).await;
    let ana = server.person("ana").await;
    let problem = ana.announce("a.txt", "text/plain", 50_001).await.refused(413, "file_too_large");
    assert_eq!(problem["max_bytes"], 50_000);
    ana.announce("a.txt", "text/plain", 0).await.refused(422, "invalid");
    let announced = (0..8).map(|_| ana.announce("a.txt", "text/plain", 30_000));
    let (taken, refused): (Vec<Answer>, Vec<Answer>) =
        join_all(announced).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((taken.len(), refused.len()), (3, 5));
    for answer in refused {
        assert_eq!(answer.refused(413, "quota_exceeded")["left_bytes"], 10_000);
    }
    ana.upload_file("b.txt", "text/plain", words(1, 10_001)).await.refused(413, "quota_exceeded");
    // What was announced has its place; it is counted once, before and after it came.
    let upload = taken[0].header("location").unwrap();
    let last = ana.append(upload, 0, words(2, 30_000)).await;
    assert_eq!(last.status, 204, "{}", last.text);
    ana.upload_file("b.txt", "text/plain", words(1, 10_001)).await.refused(413, "quota_exceeded");
    assert_eq!(ana.tus().call("DELETE", taken[1].header("location").unwrap(), None).await.status, 204);
    ana.upload_file("b.txt", "text/plain", words(1, 40_000)).await.expect(201);
}

#[tokio::test]
async fn t20_uploads_and_their_parts_are_not_without_number() {
    let limits = [("PARLOR_LIMITS_UPLOAD_BURST", "25"), ("PARLOR_LIMITS_UPLOADS_PER_HOUR", "1")];
    let server = Server::start_with(&limits).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let upload = ana.announced("a.txt", "text/plain", 100).await;
    for _ in 1..20 {
        ana.announced("a.txt", "text/plain", 100).await;
    }
    ana.announce("a.txt", "text/plain", 100).await.refused(409, "too_many_uploads");
    ana.upload_file("b.txt", "text/plain", "words").await.expect(201);
    for _ in 0..3 {
        ana.announce("a.txt", "text/plain", 100).await.refused(409, "too_many_uploads");
    }
    ana.announce("a.txt", "text/plain", 100).await.refused(429, "rate_limited");
    ben.announced("a.txt", "text/plain", 100).await;
    server.sql("UPDATE upload SET parts = 1000");
    ana.append(&upload, 0, "x").await.refused(409, "too_many_parts");
}

#[tokio::test]
async fn t20_when_the_disk_is_nearly_full_nothing_is_announced() {
    let server = Server::start_with(&[("PARLOR_FILES_MIN_FREE_BYTES", "1000000000000000")]).await;
    server.person("ana").await.announce("a.txt", "text/plain", 5).await.refused(507, "no_room");
}

#[tokio::test]
async fn t14_what_came_in_pieces_is_looked_at_like_any_other_file() {
    let mut server = Server::start().await;
    let ana = server.person("ana").await;
    let page = "<!DOCTYPE html><script>alert(1)</script>";
    for (name, kind) in [("a.png", "image/png"), ("a.txt", "text/plain"), ("a.mp4", "video/mp4")] {
        let upload = ana.announced(name, kind, page.len() as u64).await;
        ana.append(&upload, 0, page[..9].to_owned()).await;
        let last = ana.append(&upload, 9, page[9..].to_owned()).await;
        let file = file_of(&ana, &upload, &last).await;
        let (_, headers, _) = ana.download(&format!("/api/v1/files/{file}")).await;
        assert_eq!(headers["content-type"], "application/octet-stream", "{name}");
        assert!(headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
    }
    let upload = ana.announced("dot.png", "image/png", PICTURE.len() as u64).await;
    ana.append(&upload, 0, PICTURE[..20].to_vec()).await;
    assert_eq!(ana.append(&upload, 20, PICTURE[20..].to_vec()).await.status, 204);
    let state = ana.call("GET", &upload, None).await.expect(200);
    assert_eq!((&state["file"]["kind"], &state["file"]["width"]), (&json!("picture"), &json!(1)));
    // What cannot be a file ends its upload, and nothing of it stays.
    let before = server.sql("SELECT count(*) FROM file");
    let upload = ana.announced("a.png", "image/png", 60).await;
    ana.append(&upload, 0, PICTURE[..60].to_vec()).await.refused(422, "file_damaged");
    assert_eq!(ana.head(&upload).await.status, 404);
    // What is not received by its name is not even announced.
    let said = metadata(&[("filename", "a.exe"), ("filetype", "image/png")]);
    let api = ana.tus().with("upload-length", "2").with("upload-metadata", &said);
    api.call("POST", "/api/v1/uploads", None).await.refused(422, "file_type_refused");
    assert_eq!(server.sql("SELECT count(*) FROM file"), before);
    let_uploads_expire(&mut server).await;
    files_left(&server, 1 + 3).await;
}

#[tokio::test]
async fn what_is_told_of_a_film_is_told_when_it_is_announced() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let said = [("filename", "a.mp4"), ("filetype", "video/mp4"), ("width", "640"), ("height", "480")];
    let api = ana.tus().with("upload-length", &parlor_tests::FILM.len().to_string());
    let made = api.with("upload-metadata", &metadata(&said)).call("POST", "/api/v1/uploads", None).await;
    let upload = made.header("location").unwrap();
    assert_eq!(ana.append(upload, 0, parlor_tests::FILM.to_vec()).await.status, 204);
    let file = ana.call("GET", upload, None).await.expect(200)["file"].clone();
    assert_eq!((&file["width"], &file["height"]), (&json!(640), &json!(480)));
    let api = api.with("upload-metadata", &metadata(&said[..3]));
    assert_eq!(
        Answer::fields(&api.call("POST", "/api/v1/uploads", None).await.refused(422, "invalid_fields")),
        ["height"]
    );
}
