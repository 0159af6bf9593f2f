use std::time::Duration;

use parlor_realtime::Settings;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::{Client, Server};

async fn entries(client: &mut Client, count: usize) -> Vec<Value> {
    let mut entries = Vec::new();
    while entries.len() < count {
        entries.push(client.next("entry").await);
    }
    entries
}

#[tokio::test]
async fn r07_a_client_gets_what_it_missed_and_then_what_is_new() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let start = server.post(&ana, server.lobby(), "seen").await.entry.seq;
    for number in 0..5 {
        server.post(&ana, server.lobby(), &format!("missed {number}")).await;
    }
    let mut client = server.resume(&ana, &[(server.lobby(), start)]).await;
    assert_eq!(entries(&mut client, 5).await[4]["message"]["body"], "missed 4");
    server.post(&ana, server.lobby(), "new").await;
    assert_eq!(client.next("entry").await["message"]["body"], "new");
}

#[tokio::test]
async fn r06_a_thousand_missed_entries_arrive_within_the_window() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let start = server.post(&ana, server.lobby(), "seen").await.entry.seq;
    let mut writer = server.connect(&ana).await;
    let mut ids = Vec::new();
    for number in 0..90 {
        ids.push(writer.start_post(server.lobby(), &format!("{number}")).await);
    }
    for id in ids {
        writer.answer(id).await;
    }
    for number in 90..1_000 {
        server.post(&ana, server.lobby(), &format!("{number}")).await;
    }
    let began = Instant::now();
    let mut client = server.resume(&ana, &[(server.lobby(), start)]).await;
    let mut seen = 0;
    while seen < 1_000 {
        // Unacknowledged, no more than the window comes.
        let some = entries(&mut client, 256.min(1_000 - seen)).await;
        assert_eq!(client.so_far("entry").await, Vec::<Value>::new());
        seen += some.len();
        client.acknowledge(server.lobby(), some.last().unwrap()["seq"].as_u64().unwrap()).await;
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(server.realtime.metrics().gap_hellos.get(), 0);
}

#[tokio::test]
async fn r06_a_cursor_far_behind_is_reset_and_the_stream_goes_on() {
    let server = Server::with(Settings { resume_entries: 5, ..Settings::default() }).await;
    let ana = server.person("ana").await;
    for number in 0..10 {
        server.post(&ana, server.lobby(), &format!("{number}")).await;
    }
    let mut client = server.resume(&ana, &[(server.lobby(), 1)]).await;
    let reset = client.next("reset").await;
    let next = server.post(&ana, server.lobby(), "live").await.entry.seq;
    assert_eq!(reset["last_seq"], json!(next - 1));
    assert_eq!(client.next("entry").await["seq"], json!(next));
    assert_eq!(server.realtime.metrics().resets.get(), 1);
}

#[tokio::test]
async fn r15_what_is_never_announced_arrives_within_three_seconds() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut client = server.connect(&ben).await;
    server.deafen(true);
    for number in 0..3 {
        server.post(&ana, server.lobby(), &format!("{number}")).await;
        let arrived = timeout(Duration::from_secs(3), client.next("entry")).await.expect("it is late");
        assert_eq!(arrived["message"]["body"], json!(format!("{number}")));
    }
}

#[tokio::test]
async fn when_announcements_overflow_everybody_looks_for_themselves() {
    let server = Server::with(Settings { events_waiting: 1, ..Settings::default() }).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = server.group(&ana, "left", &[&ben]).await;
    let mut client = server.connect(&ben).await;
    server.deafen(true);
    let other = server.group(&ana, "joined", &[&ben]).await;
    server.groups.remove(&ana.actor(), group.id, ben.user.id).await.unwrap();
    server.deafen(false);
    let user = std::sync::Arc::new(ana.user.clone());
    for _ in 0..3 {
        server.publish(vec![parlor_domain::Event::UserChanged(std::sync::Arc::clone(&user))]);
    }
    assert_eq!(client.next("conversation.removed").await["conversation"], json!(group.id.as_uuid()));
    assert_eq!(client.next("conversation.added").await["conversation"]["id"], json!(other.id.as_uuid()));
    assert!(server.realtime.metrics().overflows.get() > 0);
}

#[tokio::test]
async fn a_client_that_says_hello_again_is_put_back() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let start = server.post(&ana, server.lobby(), "one").await.entry.seq;
    let mut client = server.connect(&ana).await;
    server.post(&ana, server.lobby(), "two").await;
    assert_eq!(client.next("entry").await["message"]["body"], "two");
    let mut again = server.connect(&ana).await;
    let answer = again.ask(json!({"type": "hello", "cursors": [[server.lobby().as_uuid(), start]]})).await;
    assert_eq!(answer["type"], "ok");
    assert_eq!(again.next("entry").await["message"]["body"], "two");
    assert_eq!(server.realtime.metrics().gap_hellos.get(), 1);
}
