//! an answer means that the message is on the disk.
//!
//! Killing the server does not show this, because what it wrote survives in the system's memory.
//! `strace` shows the calls themselves.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::fs;
use std::time::Duration;

use parlor_tests::{Person, Server, eventually_within, new_id, setup_body};
use uuid::Uuid;

/// Messages that are sent one after the other.
const MESSAGES: usize = 200;

#[tokio::test]
async fn r01_every_answer_comes_after_a_sync() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let calls = "trace=read,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync";
    // With -D the server is this test's own child, and strace ends with it.
    let strace = [
        "strace",
        "-D",
        "-f",
        "-q",
        "-s",
        "400",
        "-e",
        calls,
        "-e",
        "signal=none",
        "-o",
        trace.to_str().unwrap(),
    ];
    assert!(
        std::process::Command::new("strace").arg("-V").output().is_ok(),
        "this test needs strace; on Debian: apt-get install strace"
    );
    let server = Server::fresh_under(&strace, &[]).await;
    let api = server.api();
    let answer = api.post("/setup", setup_body(&server.setup_token())).await.expect(201);
    let ana = Person::signed_in(&api, &answer);
    let lobby = ana.lobby().await;
    let mut sent = Vec::new();
    for _ in 0..MESSAGES {
        let client_id = new_id();
        ana.post_message(lobby, client_id, "sync me").await.expect(201);
        sent.push(client_id);
    }
    // strace writes what it saw before it lets the program go on, but not at once to the file.
    let last = sent[MESSAGES - 1].to_string();
    let text = eventually_within(Duration::from_secs(10), "the trace is complete", async || {
        let text = String::from_utf8_lossy(&fs::read(&trace).ok()?).into_owned();
        let (_, after) = text.split_once(&last)?;
        after.contains("HTTP/1.1 201").then_some(text)
    })
    .await;
    let lines: Vec<&str> = text.lines().collect();
    for client_id in sent {
        is_synced(&lines, client_id);
    }
}

/// Between reading the request and writing its answer a sync has ended well.
fn is_synced(lines: &[&str], client_id: Uuid) {
    let request = format!("/messages/{client_id}");
    let read = lines.iter().position(|line| line.contains(&request));
    let read = read.unwrap_or_else(|| panic!("the trace does not show how {client_id} was read"));
    let answer = lines[read..].iter().position(|line| line.contains("HTTP/1.1 201")).unwrap();
    let between = &lines[read..read + answer];
    let synced = between.iter().any(|line| {
        (line.contains("fdatasync(")
            || line.contains("fsync(")
            || line.contains("fdatasync resumed")
            || line.contains("fsync resumed"))
            && line.trim_end().ends_with("= 0")
    });
    assert!(synced, "{client_id} was answered without a sync:\n{}", between.join("\n"));
}
