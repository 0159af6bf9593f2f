//! T-19, T-20: what is too much, what breaks off, and what is on the disk.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::stream;
use http_body::Frame;
use http_body_util::StreamBody;
use parlor_tests::{Answer, PICTURE, Person, Server, eventually, files_below, upload_path, words};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A body whose length is not told.
fn chunked(bytes: &[u8]) -> reqwest::Body {
    let parts = bytes.chunks(10_000).map(|part| Ok(Frame::data(Bytes::copy_from_slice(part))));
    let parts: Vec<Result<_, std::io::Error>> = parts.collect();
    reqwest::Body::wrap(StreamBody::new(stream::iter(parts)))
}

async fn is_nothing_left(server: &Server) {
    eventually("nothing is left of what was refused", async || {
        files_below(&server.files()).is_empty().then_some(())
    })
    .await;
}

#[tokio::test]
async fn t20_what_is_too_large_is_refused_by_its_length_and_while_it_comes() {
    let server = Server::start_with(&[("PARLOR_FILES_MAX_BYTES", "100000")]).await;
    let ana = server.person("ana").await;
    let info = server.api().get("/server").await.expect(200);
    assert_eq!(info["files"]["max_bytes"], 100_000);
    ana.upload_file("a.txt", "text/plain", words(1, 100_000)).await.expect(201);
    for body in [words(2, 100_001).into(), chunked(&words(2, 100_001)), chunked(&words(2, 20_000_000))] {
        let problem = ana.upload_file("b.txt", "text/plain", body).await.refused(413, "file_too_large");
        assert_eq!(problem["max_bytes"], 100_000);
    }
    assert_eq!(files_below(&server.files()).len(), 1);
}

#[tokio::test]
async fn t20_whoever_writes_all_before_they_read_gets_the_reason() {
    let server = Server::start_with(&[("PARLOR_FILES_MAX_BYTES", "100000")]).await;
    let ana = server.person("ana").await;
    for (token, status, code) in
        [(ana.access_token.as_str(), "413", "file_too_large"), ("nobody", "401", "unauthenticated")]
    {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: text/plain\r\n\
             Content-Length: 30000000\r\n\r\n",
            upload_path("a.txt")
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // All of it, without a look at the answer that is there already.
        stream.write_all(&vec![b'x'; 30_000_000]).await.unwrap();
        let mut answer = vec![0; 4_096];
        let read =
            tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer)).await.unwrap().unwrap();
        let text = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(text.starts_with(&format!("HTTP/1.1 {status}")) && text.contains(code), "{text}");
    }
    is_nothing_left(&server).await;
}

#[tokio::test]
async fn t20_nobody_gets_beyond_their_quota_and_not_with_many_at_once_either() {
    let limits = [("PARLOR_FILES_MAX_BYTES", "50000"), ("PARLOR_FILES_QUOTA_BYTES", "100000")];
    let server = Server::start_with(&limits).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let uploads = (0..12).map(|number| {
        let ana = ana.clone();
        async move { ana.upload_file("a.txt", "text/plain", chunked(&words(number, 30_000))).await }
    });
    let (taken, refused): (Vec<Answer>, Vec<Answer>) =
        join_all(uploads).await.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((taken.len(), refused.len()), (3, 9));
    for answer in refused {
        answer.refused(413, "quota_exceeded");
    }
    eventually("what was refused is gone", async || (files_below(&server.files()).len() == 3).then_some(()))
        .await;
    let problem =
        ana.upload_file("b.txt", "text/plain", words(20, 10_001)).await.refused(413, "quota_exceeded");
    assert_eq!(problem["left_bytes"], 10_000);
    ana.upload_file("b.txt", "text/plain", words(20, 10_000)).await.expect(201);
    // Others have a quota of their own, and bytes that are there already count for them, too.
    for number in 0..3 {
        ben.upload_file("a.txt", "text/plain", words(number, 30_000)).await.expect(201);
    }
    ben.upload_file("a.txt", "text/plain", words(3, 30_000)).await.refused(413, "quota_exceeded");
}

#[tokio::test]
async fn t20_when_the_disk_is_nearly_full_the_chat_goes_on_without_files() {
    // More than any disk has.
    let server = Server::start_with(&[("PARLOR_FILES_MIN_FREE_BYTES", "1000000000000000")]).await;
    let ana = server.person("ana").await;
    ana.upload_file("a.txt", "text/plain", "words").await.refused(507, "no_room");
    ana.say_something(ana.lobby().await).await;
    is_nothing_left(&server).await;
}

#[tokio::test]
async fn t20_a_client_that_goes_away_in_the_middle_leaves_nothing() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    for length in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: text/plain\r\n{length}\r\n\r\n",
            upload_path("a.txt"),
            ana.access_token
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(b"9c40\r\n").await.unwrap();
        stream.write_all(&words(1, 40_000)).await.unwrap();
        eventually("it comes in", async || (!files_below(&server.files()).is_empty()).then_some(())).await;
        drop(stream);
        is_nothing_left(&server).await;
    }
    assert_eq!(server.sql("SELECT count(*) FROM file").trim(), "0");
}

#[tokio::test]
async fn t20_one_uploads_so_many_files_and_then_waits() {
    let limits = [("PARLOR_LIMITS_UPLOAD_BURST", "2"), ("PARLOR_LIMITS_UPLOADS_PER_HOUR", "1")];
    let server = Server::start_with(&limits).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    for _ in 0..2 {
        ana.upload_file("a.txt", "text/plain", "words").await.expect(201);
    }
    let answer = ana.upload_file("a.txt", "text/plain", "words").await;
    assert!(answer.header("retry-after").is_some());
    answer.refused(429, "rate_limited");
    ben.upload_file("a.txt", "text/plain", "words").await.expect(201);
}

fn is_hexadecimal(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Names that lead elsewhere where somebody makes paths of them.
const STRANGE: [&str; 12] = [
    "../../../escape.txt",
    "..%2f..%2fescape.txt",
    "/etc/cron.d/x.txt",
    "nul\0.txt",
    "nul%00.txt",
    "..\\..\\x.txt",
    "C:\\escape.txt",
    "\\\\escape\\share\\x.txt",
    "a.txt/../../b.txt",
    "con.txt",
    "lpt1.txt",
    "~.txt",
];

async fn share_all(person: &Person) {
    for (number, name) in STRANGE.iter().enumerate() {
        person.share(name, "text/plain", words(number as u64, 100)).await;
        let upload = person.announced(name, "text/plain", 100).await;
        person.append(&upload, 0, words(1_000 + number as u64, 100)).await;
    }
    person.share("../a.png", "image/png", PICTURE).await;
}

#[tokio::test]
async fn t19_no_name_that_people_give_comes_to_the_disk() {
    let server = Server::start().await;
    share_all(&server.person("ana").await).await;
    let folder = server.files();
    // The parts of what came in parts go when it is whole, which takes a moment.
    let files = eventually("what is left are the files and the small pictures", async || {
        let files = files_below(&folder);
        (files.len() == 2 * STRANGE.len() + 3).then_some(files)
    })
    .await;
    for file in files {
        let parts: Vec<_> = file
            .strip_prefix(&folder)
            .unwrap()
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        let is_proper = parts.len() == 2
            && is_hexadecimal(&parts[1], 32)
            && is_hexadecimal(&parts[0], 2)
            && parts[1].ends_with(&parts[0]);
        assert!(is_proper, "{}", file.display());
    }
    let beside: Vec<_> =
        files_below(server.data()).into_iter().filter(|file| !file.starts_with(&folder)).collect();
    let strange = beside.iter().find(|file| {
        ["escape", "cron", "b.txt"].iter().any(|word| file.display().to_string().contains(word))
    });
    assert_eq!(strange, None);
}
