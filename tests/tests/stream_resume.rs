//! Continuing where one was, and not being sent more than one can take.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::time::{Duration, Instant};

use parlor_tests::{Person, Sender, Server, Socket, eventually, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

async fn two() -> (Server, Person, Person, Uuid) {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = ana.direct_with(&bob).await;
    (server, ana, bob, id)
}

async fn fill(person: &Person, conversation: Uuid, count: usize) {
    Sender::new(person.link(), 500).with(&[conversation], count).run().await;
}

fn seqs(socket: &Socket, conversation: Uuid) -> Vec<u64> {
    let entries = socket.frames_of("entry");
    let conversation = conversation.to_string();
    let here = entries.iter().filter(|entry| entry["conversation"] == conversation.as_str());
    here.map(|entry| entry["seq"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn a_stream_without_cursors_begins_with_what_comes_next() {
    let (_server, ana, bob, id) = two().await;
    fill(&ana, id, 3).await;
    let socket = bob.open_stream().await;
    let ready = socket.hello(json!({})).await;
    let conversation =
        ready["conversations"].as_array().unwrap().iter().find(|one| one["id"] == id.to_string()).unwrap();
    assert_eq!((&conversation["last_seq"], &conversation["unread"]), (&json!(3), &json!(3)));
    let receipt = ana.say(id, "live").await;
    let entry = socket.entry(id, 4).await;
    assert_eq!((&entry["kind"], &entry["actor"]), (&json!("message"), &json!(ana.id)));
    assert_eq!(
        (&entry["message"]["id"], &entry["message"]["body"]),
        (&receipt["message_id"], &json!("live"))
    );
    assert_eq!(entry["created_at"], receipt["created_at"]);
    let stored = ana.log_of(id).await.remove(3);
    for (key, value) in stored.as_object().unwrap() {
        assert_eq!(&entry[key], value, "{key} differs between HTTP and the stream");
    }
    assert_eq!(seqs(&socket, id), [4]);
}

#[tokio::test]
async fn r06_a_stream_continues_from_its_cursors() {
    let (_server, ana, bob, id) = two().await;
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    fill(&ana, id, 1_000).await;
    fill(&ana, group, 10).await;
    let start = Instant::now();
    let socket = bob.open_stream().await;
    socket.acknowledge();
    socket.hello(json!({"cursors": [[id, 1], [group, 11], [new_id(), 5]]})).await;
    socket.entry(id, 1_000).await;
    socket.entry(group, 12).await;
    assert!(start.elapsed() < Duration::from_secs(3), "it took {:?}", start.elapsed());
    assert_eq!(seqs(&socket, id), (2..=1_000).collect::<Vec<u64>>());
    assert_eq!(seqs(&socket, group), [12]);
    ana.say(id, "live").await;
    socket.entry(id, 1_001).await;
}

#[tokio::test]
async fn r07_a_stream_continues_after_a_restart() {
    let (mut server, ana, bob, id) = two().await;
    let before = bob.open_stream().await;
    let ready = before.hello(json!({})).await;
    fill(&ana, id, 20).await;
    before.entry(id, 20).await;
    server.kill();
    before.closed().await;
    server.restart().await;
    fill(&ana, id, 20).await;
    let after = bob.open_stream().await;
    let hello = json!({"epoch": ready["epoch"], "cursors": [[id, 20]]});
    assert_eq!(after.hello(hello).await["epoch"], ready["epoch"]);
    after.entry(id, 40).await;
    assert_eq!(seqs(&after, id), (21..=40).collect::<Vec<u64>>());
    assert!(after.frames_of("reset").is_empty());
}

#[tokio::test]
async fn cursors_of_another_database_are_reset() {
    let (_server, ana, bob, id) = two().await;
    fill(&ana, id, 5).await;
    let socket = bob.open_stream().await;
    socket.hello(json!({"epoch": new_id(), "cursors": [[id, 2], [bob.lobby().await, 0]]})).await;
    let reset = socket
        .wait("the reset", |frame| frame["type"] == "reset" && frame["conversation"] == id.to_string())
        .await;
    assert_eq!(reset["last_seq"], 5);
    ana.say(id, "live").await;
    socket.entry(id, 6).await;
    assert_eq!((seqs(&socket, id), socket.frames_of("reset").len()), (vec![6], 2));
}

#[tokio::test]
async fn a_cursor_beyond_the_end_is_reset() {
    let (_server, ana, bob, id) = two().await;
    fill(&ana, id, 2).await;
    let socket = bob.open_stream().await;
    socket.hello(json!({"cursors": [[id, 9]]})).await;
    let reset = socket.wait("the reset", |frame| frame["type"] == "reset").await;
    assert_eq!(reset, json!({"type": "reset", "conversation": id, "last_seq": 2}));
}

#[tokio::test]
async fn r06_who_is_more_than_5000_entries_behind_starts_anew() {
    let (_server, ana, bob, id) = two().await;
    let edge = ana.direct_with(&ana).await;
    fill(&ana, id, 5_001).await;
    fill(&ana, edge, 5_000).await;
    let start = Instant::now();
    let socket = bob.open_stream().await;
    socket.hello(json!({"cursors": [[id, 0]]})).await;
    let reset = socket.wait("the reset", |frame| frame["type"] == "reset").await;
    assert_eq!((&reset["conversation"], &reset["last_seq"]), (&json!(id), &json!(5_001)));
    assert!(start.elapsed() < Duration::from_secs(2), "it took {:?}", start.elapsed());
    ana.say(id, "live").await;
    socket.entry(id, 5_002).await;
    assert_eq!(seqs(&socket, id), [5_002]);

    let exactly = ana.open_stream().await;
    exactly.hello(json!({"cursors": [[edge, 0]]})).await;
    exactly.entry(edge, 150).await;
    assert!(exactly.frames_of("reset").is_empty(), "5,000 is not too many");
    let sync = bob.get(&format!("/sync?cursors={id}:0")).await.expect(200);
    assert_eq!(sync["resets"], json!([{"conversation": id, "last_seq": 5_002}]));
}

#[tokio::test]
async fn a_later_hello_puts_one_conversation_back() {
    let (_server, ana, bob, id) = two().await;
    let socket = bob.connect().await;
    fill(&ana, id, 5).await;
    socket.entry(id, 5).await;
    let mark = socket.mark();
    socket.done("hello", json!({"cursors": [[id, 2]]})).await;
    socket.wait_after(mark, "entry 5 again", |frame| frame["type"] == "entry" && frame["seq"] == 5).await;
    assert_eq!(seqs(&socket, id), [1, 2, 3, 4, 5, 3, 4, 5]);
}

/// Waits until the window of so many entries is nearly full after so many were acknowledged, and
/// makes sure that no more come than it holds although there are. The server need not fill the
/// last quarter: it reads no page for a single entry.
async fn fills(socket: &Socket, other: &Person, acknowledged: usize, window: usize) {
    let least = acknowledged + window - window / 4;
    eventually(&format!("{least} entries"), async || {
        (socket.frames_of("entry").len() >= least).then_some(())
    })
    .await;
    // What is no entry passes the window: a sign of life by somebody else, and an answer. They are
    // sent after whatever the server had to send before.
    let mark = socket.mark();
    other.patch("/users/me", json!({"about": new_id()})).await.expect(200);
    socket.wait_after(mark, "news of a person", |frame| frame["type"] == "user.changed").await;
    socket.settle().await;
    let count = socket.frames_of("entry").len();
    assert!(count <= acknowledged + window, "{} entries are on their way", count - acknowledged);
}

#[tokio::test]
async fn r09_a_client_that_acknowledges_nothing_gets_256_entries() {
    let (_server, ana, bob, id) = two().await;
    fill(&ana, id, 600).await;
    let socket = bob.open_stream().await;
    socket.hello(json!({"cursors": [[id, 0]]})).await;
    fills(&socket, &ana, 0, 256).await;
    ana.say(id, "live").await;
    fills(&socket, &ana, 0, 256).await;
    socket.done("ack", json!({"cursors": [[id, 100]]})).await;
    fills(&socket, &ana, 100, 256).await;
    socket.acknowledge();
    socket.done("ack", json!({"cursors": [[id, 200]]})).await;
    socket.entry(id, 601).await;
    assert_eq!(seqs(&socket, id), (1..=601).collect::<Vec<u64>>());
}

#[tokio::test]
async fn r09_a_client_may_ask_for_a_smaller_window() {
    let (_server, ana, bob, id) = two().await;
    fill(&ana, id, 30).await;
    let socket = bob.open_stream().await;
    socket.hello(json!({"cursors": [[id, 0]], "window": 7})).await;
    fills(&socket, &ana, 0, 7).await;
    socket.done("ack", json!({"cursors": [[id, 1]]})).await;
    fills(&socket, &ana, 1, 7).await;
    // Acknowledging what was not sent yet gives no more than a whole window.
    let sent = socket.frames_of("entry").len();
    socket.request("ack", json!({"cursors": [[id, 1_000_000]]})).await;
    fills(&socket, &ana, sent, 7).await;
}

#[tokio::test]
async fn r09_a_window_has_256_kib() {
    let (_server, ana, bob, id) = two().await;
    for _ in 0..20 {
        ana.say(id, &"😀".repeat(8_000)).await;
    }
    let socket = bob.open_stream().await;
    socket.hello(json!({"cursors": [[id, 0]]})).await;
    // Each has 32,000 bytes of text and a little around it.
    fills(&socket, &ana, 0, 8).await;
    let bytes: usize = socket.frames_of("entry").iter().map(|entry| entry.to_string().len()).sum();
    assert!(bytes <= 256 * 1024, "{bytes} bytes are on their way");
    for acknowledged in [4, 8, 12, 16] {
        socket.entry(id, acknowledged).await;
        socket.done("ack", json!({"cursors": [[id, acknowledged]]})).await;
        fills(&socket, &ana, usize::try_from(acknowledged.min(12)).unwrap(), 8).await;
    }
    socket.entry(id, 20).await;
}

#[tokio::test]
async fn many_conversations_are_caught_up_with_together() {
    let (_server, ana, bob, _) = two().await;
    let mut cursors: Vec<Value> = Vec::new();
    let mut groups = Vec::new();
    for number in 0..12 {
        let group = ana.create_group(&format!("Group {number}"), "private", &[&bob]).await;
        groups.push(group);
        cursors.push(json!([group, 0]));
    }
    Sender::new(ana.link(), 200).with(&groups, 12 * 60).run().await;
    let socket = bob.open_stream().await;
    socket.acknowledge();
    socket.hello(json!({"cursors": cursors})).await;
    for group in &groups {
        socket.entry(*group, 62).await;
        assert_eq!(seqs(&socket, *group), (1..=62).collect::<Vec<u64>>());
    }
}
