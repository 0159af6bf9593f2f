//! Coming in and being put out while messages are on their way.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parlor_tests::{Person, Server, Socket, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

/// How often somebody is put out and brought back.
const ROUNDS: usize = 50;

/// Posts without a pause, several at once, until it is told to stop; refusals do not matter.
async fn flood(person: Person, conversation: Uuid, stop: Arc<AtomicBool>) {
    let mut socket = person.connect().await;
    socket.acknowledge();
    let mut on_their_way = 0;
    while !stop.load(Ordering::Relaxed) {
        while on_their_way < 4 {
            let fields = json!({"conversation": conversation, "client_id": new_id(), "body": "flood"});
            socket.send("message.send", fields).await;
            on_their_way += 1;
        }
        let frame = socket.next().await.unwrap();
        let is_answer = frame["re"].as_u64().is_some_and(|re| re < 1 << 40);
        on_their_way -= usize::from(is_answer && frame["type"] != "ready");
    }
}

/// From which entry to which somebody was a member, as the log tells it.
fn memberships(log: &[Value], user: Uuid) -> Vec<(u64, u64)> {
    let (mut found, user) = (Vec::new(), user.to_string());
    for entry in log.iter().filter(|entry| entry["subject"] == user.as_str()) {
        let seq = entry["seq"].as_u64().unwrap();
        match entry["kind"].as_str().unwrap() {
            "join" => found.push((seq, u64::MAX)),
            _ => found.last_mut().unwrap().1 = seq,
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn r19_a_removal_takes_effect_exactly_at_its_place_in_the_log() {
    let server = Server::start().await;
    let (ana, bob, carol) =
        (server.person("ana").await, server.person("bob").await, server.person("carol").await);
    let group = ana.create_group("Busy", "private", &[&bob, &carol]).await;
    let listening = bob.connect().await;
    listening.acknowledge();
    let stop = Arc::new(AtomicBool::new(false));
    let floods = [&bob, &carol].map(|person| tokio::spawn(flood(person.clone(), group, Arc::clone(&stop))));

    let path = format!("/groups/{group}/members/{}", bob.id);
    for _ in 0..ROUNDS {
        let mark = listening.mark();
        assert_eq!(ana.delete(&path).await.status, 204);
        listening.wait_after(mark, "the removal", |frame| frame["type"] == "conversation.removed").await;
        let mark = listening.mark();
        ana.put(&path, Value::Null).await.expect(201);
        listening.wait_after(mark, "the return", |frame| frame["type"] == "conversation.added").await;
    }
    let mark = listening.mark();
    assert_eq!(ana.delete(&path).await.status, 204);
    listening.wait_after(mark, "the last removal", |frame| frame["type"] == "conversation.removed").await;
    stop.store(true, Ordering::Relaxed);
    for flood in floods {
        flood.await.unwrap();
    }
    let lobby = ana.lobby().await;
    let receipt = ana.say(lobby, "that was all").await;
    listening.entry(lobby, receipt["seq"].as_u64().unwrap()).await;

    let log = ana.log_of(group).await;
    let memberships = memberships(&log, bob.id);
    assert_eq!(memberships.len(), ROUNDS + 1);
    let is_in = |seq: u64| memberships.iter().any(|(from, to)| (*from..=*to).contains(&seq));
    for entry in log.iter().filter(|entry| entry["kind"] == "message" && entry["actor"] == bob.id.to_string())
    {
        assert!(is_in(entry["seq"].as_u64().unwrap()), "a message of somebody who was not there: {entry}");
    }
    is_heard_only_inside(&listening, group, &memberships);
}

/// Everything that was heard of a group lies inside the memberships, and has no gap inside each.
fn is_heard_only_inside(socket: &Socket, group: Uuid, memberships: &[(u64, u64)]) {
    let mut last: BTreeMap<usize, u64> = BTreeMap::new();
    let group = group.to_string();
    for entry in socket.frames_of("entry").iter().filter(|entry| entry["conversation"] == group.as_str()) {
        let seq = entry["seq"].as_u64().unwrap();
        let which = memberships.iter().position(|(from, to)| (*from..=*to).contains(&seq));
        let which =
            which.unwrap_or_else(|| panic!("{seq} was heard by somebody who was not there: {memberships:?}"));
        if let Some(before) = last.insert(which, seq) {
            assert_eq!(seq, before + 1, "a gap inside a membership");
        }
    }
    assert!(last.len() > memberships.len() / 2, "too little was heard to prove anything: {last:?}");
}

#[tokio::test]
async fn t07_who_is_out_can_do_nothing_more_over_an_open_stream() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let socket = bob.connect().await;
    socket.say(group, "here").await;
    ana.delete(&format!("/groups/{group}/members/{}", bob.id)).await;
    let removed = socket.wait("the removal", |frame| frame["type"] == "conversation.removed").await;
    assert_eq!(removed["conversation"], group.to_string());
    let post = json!({"conversation": group, "client_id": new_id(), "body": "still here"});
    socket.refused("message.send", post, "not_found").await;
    socket.refused("typing", json!({"conversation": group}), "not_found").await;
    socket.refused("read", json!({"conversation": group, "seq": 1}), "not_found").await;
    socket.done("hello", json!({"cursors": [[group, 0]]})).await;
    ana.say(group, "among ourselves").await;
    let lobby = ana.lobby().await;
    let receipt = ana.say(lobby, "to everybody").await;
    socket.entry(lobby, receipt["seq"].as_u64().unwrap()).await;
    assert!(!json!(socket.frames()).to_string().contains("among ourselves"));
    let fresh = bob.open_stream().await;
    let ready = fresh.hello(json!({"cursors": [[group, 0]]})).await;
    assert!(!ready.to_string().contains(&group.to_string()), "{ready}");
    fresh.settle().await;
    assert!(fresh.frames_of("entry").is_empty());
}

#[tokio::test]
async fn who_comes_back_hears_from_then_on() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "public", &[]).await;
    let socket = bob.connect().await;
    for _ in 0..3 {
        let mark = socket.mark();
        bob.put(&format!("/groups/{group}/members/{}", bob.id), Value::Null).await.expect(201);
        let added = socket.wait_after(mark, "the group", |frame| frame["type"] == "conversation.added").await;
        let last_seq = added["conversation"]["last_seq"].as_u64().unwrap();
        ana.say(group, "hi").await;
        socket.entry(group, last_seq + 1).await;
        let mark = socket.mark();
        bob.delete(&format!("/groups/{group}/members/{}", bob.id)).await;
        socket.wait_after(mark, "the end", |frame| frame["type"] == "conversation.removed").await;
        ana.say(group, "without bob").await;
    }
    let heard = json!(socket.frames_of("entry")).to_string();
    assert!(!heard.contains("without bob"), "{heard}");
}
