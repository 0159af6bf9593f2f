//! the disk of the database is full, and then has room again.
//!
//! `strace` has the kernel answer the program's writes as a full disk does: a real one would need a
//! file system of the test's own.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use parlor_tests::{PICTURE, Server, eventually_within, files_below, new_id};
use serde_json::json;

/// How long after there is room again writing works, at most.
const SOON: Duration = Duration::from_secs(5);

/// The disk is full for this process until this is dropped.
struct FullDisk {
    strace: Child,
    /// It ends when nobody listens to it any more.
    _said: BufReader<ChildStderr>,
}

impl FullDisk {
    /// What SQLite writes its files with fails; files and sockets use other calls.
    fn of(server: &Server) -> Self {
        let mut strace = Command::new("strace")
            .args(["-f", "-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC", "-e", "signal=none"])
            .args(["-o", "/dev/null", "-p", &server.pid().to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("strace: {error}; on Debian: apt-get install strace"));
        // It says so once it holds the process and its threads.
        let (mut said, mut line) = (BufReader::new(strace.stderr.take().unwrap()), String::new());
        said.read_line(&mut line).unwrap();
        assert!(line.contains("attached"), "{line}");
        Self { strace, _said: said }
    }
}

impl Drop for FullDisk {
    fn drop(&mut self) {
        // The kernel lets the process go on without it.
        _ = self.strace.kill();
        _ = self.strace.wait();
    }
}

#[tokio::test]
async fn r13_a_full_disk_stops_writing_and_nothing_else() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let socket = ana.connect().await;
    for number in 1..=20 {
        socket.say(direct, &format!("stored {number}")).await;
    }
    let waiting = new_id();
    let full = FullDisk::of(&server);
    let frame = json!({"conversation": direct, "client_id": waiting, "body": "waits for room"});
    let post = format!("/conversations/{direct}/messages/{waiting}");
    for _ in 0..5 {
        socket.refused("message.send", frame.clone(), "storage_full").await;
        ana.put(&post, json!({"body": "waits for room"})).await.refused(507, "storage_full");
    }
    ana.upload_file("p.png", "image/png", PICTURE).await.refused(507, "storage_full");
    assert!(files_below(&server.files()).is_empty(), "what was not noted is not kept either");

    // Reading and coming back go on.
    assert_eq!(ana.log_of(direct).await.len(), 20);
    ben.get("/sync").await.expect(200);
    let back = ben.open_stream().await;
    back.hello(json!({"cursors": [[direct, 5]]})).await;
    for seq in 6..=20 {
        back.entry(direct, seq).await;
    }

    drop(full);
    eventually_within(SOON, "messages are stored again", async || {
        let answer = ana.put(&post, json!({"body": "waits for room"})).await;
        (answer.status == 201).then_some(())
    })
    .await;
    socket.say(direct, "and on it goes").await;
    let bodies: Vec<_> =
        ben.log_of(direct).await.iter().map(|entry| entry["message"]["body"].clone()).collect();
    assert_eq!(bodies.len(), 22, "each message is there once: {bodies:?}");
    assert_eq!(bodies[20..], [json!("waits for room"), json!("and on it goes")]);
    ana.share("p.png", "image/png", PICTURE).await;
    assert_eq!(server.sql("PRAGMA integrity_check").trim(), "ok");
}
