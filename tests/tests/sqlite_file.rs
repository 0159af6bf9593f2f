//! What is, and what is not, written to the file of SQLite.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use parlor_tests::{Checker, Sender, Server, eventually};
use serde_json::json;

#[tokio::test]
async fn r20_typing_writes_nothing_to_the_database() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let (from, to) = (ana.connect().await, bob.connect().await);
    from.say(direct, "one").await;
    to.entry(direct, 1).await;
    // What a message leaves behind is written a moment later.
    eventually("the message is indexed", async || {
        let found = bob.get("/search?q=one").await.expect(200);
        (found["items"].as_array().map(Vec::len) == Some(1)).then_some(())
    })
    .await;
    let before = database(&server);
    assert!(before.iter().map(Vec::len).sum::<usize>() > 0, "the database is elsewhere");
    from.done("typing", json!({"conversation": direct})).await;
    to.wait("typing", |frame| frame["type"] == "typing").await;
    // It may be said again after 3 s; whatever is written behind is written by then.
    eventually("typing is told again", async || {
        let again = from.request("typing", json!({"conversation": direct})).await;
        (again["type"] == "ok").then_some(())
    })
    .await;
    to.settle().await;
    assert!(database(&server) == before, "typing changed the database");
    from.say(direct, "two").await;
    assert!(database(&server) != before, "a message changed nothing: this test looks at nothing");
}

#[tokio::test]
async fn nothing_of_many_erased_messages_stays_in_the_index_for_searching() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let socket = ana.connect().await;
    for number in 0..60 {
        socket.say(direct, &format!("qzxj {number}")).await;
    }
    bob.say(direct, "stays").await;
    let count = "SELECT count(*) FROM search_document";
    eventually("all are indexed", async || (server.sql(count).trim() == "61").then_some(())).await;
    // The pieces of a rare word are next to each other, and stand there in full.
    let blocks = "SELECT count(*) FROM search_index_data WHERE instr(block, 'qzx') > 0";
    assert_ne!(server.sql(blocks).trim(), "0", "this test looks at nothing");
    let path = format!("/admin/users/{}?messages=erase", ana.id);
    server.admin().delete(&path).await.expect(204);
    eventually("nothing is left", async || (server.sql(blocks).trim() == "0").then_some(())).await;
    assert_eq!(server.sql(count).trim(), "1");
    let found = bob.get("/search?q=stays").await.expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
}

/// How much a crash leaves in the log of writes.
const LOG: u64 = 64 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r11_a_server_that_was_killed_with_64_mib_of_unmerged_writes_has_everything() {
    let mut server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = ana.direct_with(&bob).await;
    let log = server.data().join("parlor.db-wal");
    let size = || std::fs::metadata(&log).unwrap().len();
    // As long as somebody reads an old state, nothing behind it can be merged into the database.
    let mut reader = reader(&server);
    let mut sent = Vec::new();
    while size() < LOG {
        // Few at once, so that each commit has little in it, and much around it.
        let senders = [&ana, &bob].map(|person| Sender::new(person.link(), 1).with(&[id], 500));
        for sender in senders.map(|sender| tokio::spawn(sender.run())) {
            sent.extend(sender.await.unwrap().sent);
        }
    }
    let in_flight = tokio::spawn(Sender::new(ana.link(), 16).with(&[id], 500).run());
    let before = sent.len() as u64;
    eventually("some more are stored", async || {
        (ana.conversation(id).await["last_seq"].as_u64().unwrap() > before + 100).then_some(())
    })
    .await;
    server.kill();
    // Killed, too: the last one that leaves in order would merge the log.
    reader.kill().unwrap();
    reader.wait().unwrap();
    assert!(size() >= LOG);
    server.restart().await;
    sent.extend(in_flight.await.unwrap().sent);
    let checker = Checker::read(&ana, &[id]).await;
    checker.stored(&sent);
    assert_eq!(checker.order(id).len(), sent.len());
    server.terminate();
    server.ended(Duration::from_secs(10)).await;
    assert!(!log.exists(), "something stays in the log");
    assert_eq!(server.sql("PRAGMA integrity_check"), "ok");
}

/// Another program that reads the present state and does not let go of it.
fn reader(server: &Server) -> Child {
    let mut reader = Command::new("sqlite3")
        .arg(server.data().join("parlor.db"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = reader.stdin.take().unwrap();
    writeln!(input, "BEGIN; SELECT count(*) FROM entry;").unwrap();
    let mut answer = [0];
    std::io::Read::read_exact(reader.stdout.as_mut().unwrap(), &mut answer).unwrap();
    reader.stdin = Some(input);
    reader
}

/// The bytes of the database and of its log.
fn database(server: &Server) -> Vec<Vec<u8>> {
    let files = std::fs::read_dir(server.data()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.to_string_lossy().contains(".db")).collect();
    files.retain(|path| !path.to_string_lossy().ends_with("-shm"));
    files.sort();
    files.into_iter().map(|path| std::fs::read(path).unwrap()).collect()
}
