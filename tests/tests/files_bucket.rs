//! Files in a bucket, on a real server that speaks the protocol of S3.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;

use parlor_tests::{
    BUCKET_KEY, BucketMood, BucketServer, FILM, PASSWORD, PICTURE, Person, Server, eventually, files_below,
    hash, id_of, new_id, upload_path, words,
};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

async fn start_on(bucket: &BucketServer) -> Server {
    let settings = bucket.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Server::start_with(&settings).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_in_the_bucket_whole_and_in_ranges_and_go_from_there() {
    let bucket = BucketServer::start();
    let mut server = start_on(&bucket).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let (small, large) = (words(1, 1_000), words(2, 12_000_000));
    bucket.asked();
    let text = ana.share("a.txt", "text/plain", small.clone()).await;
    assert!(!bucket.asked().iter().any(|asked| asked.contains("upload")));
    let again = ben.share("b.txt", "text/plain", small.clone()).await;
    assert_eq!(bucket.asked(), Vec::<String>::new(), "the same bytes are kept once");
    let book = ana.share("book.txt", "text/plain", large.clone()).await;
    let asked = bucket.asked();
    assert_eq!(asked.iter().filter(|asked| asked.contains("partNumber=")).count(), 3, "{asked:?}");
    let picture = ana.share("p.png", "image/png", PICTURE).await;
    assert_eq!(bucket.objects().len(), 5);
    assert_eq!(files_below(&server.files()), Vec::<std::path::PathBuf>::new(), "nothing stays here");

    let posted = ana.say_with(direct, "", &[text, book, picture]).await.expect(201);
    assert_eq!(ben.hash_of(again).await, Ok(hash(&small)));
    assert_eq!(ben.hash_of(book).await, Ok(hash(&large)));
    let (status, _, part) =
        ben.download_range(&format!("/api/v1/files/{book}"), "bytes=5000000-8999999").await;
    assert_eq!((status, hash(&part)), (206, hash(&large[5_000_000..9_000_000])));
    for size in ["small", "large"] {
        let (status, _, bytes) =
            ben.download(&format!("/api/v1/files/{picture}/thumbnail?size={size}")).await;
        assert_eq!((status, &bytes[..4]), (200, &b"RIFF"[..]));
    }

    ana.delete(&format!("/messages/{}", posted["message_id"].as_str().unwrap())).await.expect(200);
    server.let_unused_files_go().await;
    assert_eq!(bucket.objects(), Vec::<std::path::PathBuf>::new());
    // Who lets go of what is gone already does no harm: the next upload of the same is kept anew.
    let ana = ana.through(server.address());
    let text = ana.share("a.txt", "text/plain", small.clone()).await;
    assert_eq!(ana.hash_of(text).await, Ok(hash(&small)));
    assert!(!server.log().lines().join("").contains(BUCKET_KEY.1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_bucket_is_away_people_chat_and_files_come_back_with_it() {
    let mut bucket = BucketServer::start();
    let server = start_on(&bucket).await;
    let ana = server.person("ana").await;
    let lobby = ana.lobby().await;
    let bytes = words(1, 100_000);
    let file = ana.share("a.txt", "text/plain", bytes.clone()).await;
    bucket.stop();
    let problem = ana.upload_file("b.txt", "text/plain", words(2, 100_000)).await.refused(503, "unavailable");
    assert!(problem["detail"].as_str().unwrap().contains("try again"), "{problem}");
    assert_eq!(ana.hash_of(file).await, Err(503));
    let path = format!("/conversations/{lobby}/messages/{}", new_id());
    ana.put(&path, json!({"body": "we go on"})).await.expect(201);
    bucket.resume();
    assert_eq!(ana.hash_of(file).await, Ok(hash(&bytes)));
    let file = ana.share("b.txt", "text/plain", words(2, 100_000)).await;
    assert_eq!(ana.hash_of(file).await, Ok(hash(&words(2, 100_000))));
    assert_eq!(files_below(&server.files()), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_cannot_do_it_for_a_while_is_away() {
    let bucket = BucketServer::start();
    let server = start_on(&bucket).await;
    let ana = server.person("ana").await;
    let file = ana.share("a.txt", "text/plain", words(1, 1_000)).await;
    for status in [500, 503, 429] {
        bucket.be(BucketMood::Refusing(status));
        ana.upload_file("b.txt", "text/plain", words(2, 1_000)).await.refused(503, "unavailable");
        assert_eq!(ana.hash_of(file).await, Err(503), "{status}");
    }
    let lines = server.log().lines().join("");
    assert!(lines.contains("the file storage cannot be reached") && lines.contains("503"), "{lines}");
    // What will not be otherwise the next time is a failure.
    bucket.be(BucketMood::Refusing(403));
    assert_eq!(ana.hash_of(file).await, Err(500));
    bucket.be(BucketMood::Willing);
    assert_eq!(ana.hash_of(file).await, Ok(hash(&words(1, 1_000))));
}

/// Sends a whole request and goes away while what came is being kept.
async fn send_and_leave(bucket: &BucketServer, ana: &Person, line: &str, kind: &str, bytes: &[u8]) {
    bucket.asked();
    bucket.be(BucketMood::Waiting);
    let mut stream = TcpStream::connect(ana.address()).await.unwrap();
    let head = format!(
        "{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        ana.access_token,
        bytes.len()
    );
    stream.write_all(&[head.as_bytes(), bytes].concat()).await.unwrap();
    eventually("it is being kept", async || {
        bucket.asked().iter().any(|asked| asked.starts_with("PUT")).then_some(())
    })
    .await;
    drop(stream);
    // Meanwhile the server sees that nobody is there any more.
    for _ in 0..20 {
        ana.get("/users/me").await.expect(200);
    }
    bucket.be(BucketMood::Willing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t20_a_client_that_goes_away_while_its_file_is_kept_leaves_nothing_that_nobody_knows() {
    let bucket = BucketServer::start();
    let server = start_on(&bucket).await;
    let ana = server.person("ana").await;
    let bytes = words(1, 1_000);
    let line = format!("POST {}", upload_path("a.txt"));
    send_and_leave(&bucket, &ana, &line, "text/plain", &bytes).await;
    let text = eventually("the file is there", async || {
        let files = ana.get("/users/me/files").await.expect(200);
        files["items"].get(0).map(|one| id_of(&one["file"]["id"]))
    })
    .await;
    assert_eq!(ana.hash_of(text).await, Ok(hash(&bytes)));
    assert_eq!(bucket.objects().len(), 1);

    let film = ana.share("a.mp4", "video/mp4", FILM).await;
    let line = format!("PUT /api/v1/files/{film}/poster");
    send_and_leave(&bucket, &ana, &line, "image/png", PICTURE).await;
    let path = format!("/api/v1/files/{film}/thumbnail");
    eventually("the poster is there", async || (ana.download(&path).await.0 == 200).then_some(())).await;
    assert_eq!(bucket.objects().len(), 5, "the text, the film, its poster and the small versions of that");
    assert_eq!(files_below(&server.files()), Vec::<std::path::PathBuf>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_bucket_is_told_at_the_start() {
    let mut bucket = BucketServer::start();
    let mut server = start_on(&bucket).await;
    server.kill();
    let told = |server: &Server, name: &str, value: &str| {
        let mut vacant = server.vacant();
        vacant.set(name, value);
        let finished = vacant.run(&["serve"]);
        assert_eq!(finished.status, Some(2), "{finished:?}");
        assert!(!finished.stderr.contains(BUCKET_KEY.1), "{finished:?}");
        finished.stderr.lines().last().unwrap().to_owned()
    };
    let wrong = told(&server, "PARLOR_FILES_S3_SECRET_ACCESS_KEY", "another one");
    assert!(wrong.contains("does not take the key"), "{wrong}");
    let wrong = told(&server, "PARLOR_FILES_S3_ACCESS_KEY_ID", "nobody");
    assert!(wrong.contains("does not take the key"), "{wrong}");
    let missing = told(&server, "PARLOR_FILES_S3_BUCKET", "elsewhere");
    assert!(missing.contains("no bucket of this name"), "{missing}");
    bucket.stop();
    let away = told(&server, "PARLOR_FILES_S3_REGION", "us-east-1");
    assert!(away.contains("cannot be reached"), "{away}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_has_what_is_in_the_bucket_and_brings_it_into_another_one() {
    let (bucket, other) = (BucketServer::start(), BucketServer::start());
    let server = start_on(&bucket).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let bytes = words(3, 7_000_000);
    let text = ana.share("a.txt", "text/plain", bytes.clone()).await;
    let picture = ana.share("p.png", "image/png", PICTURE).await;
    ana.say_with(direct, "", &[text, picture]).await.expect(201);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("backup");
    let made = server.run(&["backup", file.to_str().unwrap()]);
    assert_eq!((made.status, made.stderr.as_str()), (Some(0), ""), "{made:?}");
    assert!(made.stdout.contains("4 files with "), "{}", made.stdout);
    assert_eq!(bucket.objects().len(), 4, "the hold is gone");

    let mut vacant = server.vacant();
    for (name, value) in other.settings() {
        vacant.set(name, &value);
    }
    for arguments in [vec!["backup", "verify"], vec!["restore"]] {
        let done = vacant.run(&[arguments, vec![file.to_str().unwrap()]].concat());
        assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{done:?}");
    }
    assert_eq!(other.objects().len(), 4);
    let restored = vacant.serve().await;
    let body = json!({"login": "ben", "password": PASSWORD});
    let ben = Person::signed_in(&restored.api(), &restored.api().post("/auth/login", body).await.expect(200));
    assert_eq!(ben.hash_of(text).await, Ok(hash(&bytes)));
    let (status, _, small) = ben.download(&format!("/api/v1/files/{picture}/thumbnail")).await;
    assert_eq!((status, &small[..4]), (200, &b"RIFF"[..]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_in_a_bucket_is_found_and_mended() {
    let bucket = BucketServer::start();
    let server = start_on(&bucket).await;
    let (ana, lobby) = (server.person("ana").await, server.admin().lobby().await);
    let bytes = words(1, 10_000);
    let file = ana.share("a.txt", "text/plain", bytes.clone()).await;
    ana.say_with(lobby, "", &[file]).await.expect(201);
    let well = server.run(&["files", "verify"]);
    assert_eq!(well.status, Some(0), "{well:?}");
    fs::remove_file(&bucket.objects()[0]).unwrap();
    assert_eq!(server.run(&["files", "verify"]).status, Some(1));
    assert_eq!(server.run(&["files", "verify", "--fix"]).status, Some(1));
    ana.share("again.txt", "text/plain", bytes.clone()).await;
    assert_eq!(ana.hash_of(file).await, Ok(hash(&bytes)));
    let well = server.run(&["files", "verify"]);
    assert_eq!(well.status, Some(0), "{well:?}");
}
