use std::time::Duration;

use parlor_domain::{Event, SessionEnd};
use serde_json::json;
use tokio::time::timeout;

use crate::Server;

#[tokio::test]
async fn t07_signing_out_closes_what_is_connected_through_the_session() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let elsewhere = server.another_device(&ana).await;
    let (mut first, mut second) = (server.connect(&ana).await, server.connect(&ana).await);
    let mut other = server.connect(&elsewhere).await;
    server.accounts.sign_out(&ana.authenticated()).await.unwrap();
    server.post(&elsewhere, server.lobby(), "after").await;
    for client in [&mut first, &mut second] {
        let frames = timeout(Duration::from_secs(1), client.until_closed()).await.expect("it is late");
        assert!(frames.iter().all(|frame| frame["type"] != "entry"), "{frames:?}");
        assert_eq!(frames.last().unwrap()["code"], 4501);
        assert_eq!(client.close_code, Some(4501));
    }
    assert_eq!(other.next("entry").await["message"]["body"], "after");
}

#[tokio::test]
async fn the_close_code_says_why_the_session_ended() {
    let server = Server::new().await;
    let ends = [(SessionEnd::Banned, 4503), (SessionEnd::Deleted, 4505), (SessionEnd::TokenReused, 4501)];
    for (number, (reason, code)) in ends.into_iter().enumerate() {
        let person = server.person(&format!("person{number}")).await;
        let mut client = server.connect(&person).await;
        server.publish(vec![Event::SessionEnded { session: person.session, user: person.user.id, reason }]);
        client.until_closed().await;
        assert_eq!(client.close_code, Some(code));
    }
}

#[tokio::test]
async fn r10_at_shutdown_clients_are_told_when_to_come_back_and_posts_are_answered() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut writer = server.connect(&ana).await;
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(server.connect(&ben).await);
    }
    let mut guest = server.dial().await;
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(writer.start_post(server.lobby(), &format!("{number}")).await);
    }
    let answered = writer.answer(ids[0]).await;
    assert_eq!(answered["type"], "ok");
    let ended = async {
        let mut hints = Vec::new();
        for client in &mut clients {
            let bye = client.until_closed().await.pop().unwrap();
            assert_eq!((bye["type"].as_str(), bye["code"].as_u64()), (Some("bye"), Some(4401)));
            hints.push(bye["retry_after_ms"].as_u64().unwrap());
        }
        let frames = writer.until_closed().await;
        (hints, frames)
    };
    let ((), (mut hints, frames), guest_frames) =
        tokio::join!(server.realtime.shutdown(), ended, guest.until_closed());
    assert_eq!(guest_frames.last().unwrap()["code"], 4401);
    assert!(hints.iter().all(|hint| *hint < 5_000));
    hints.sort_unstable();
    hints.dedup();
    assert_eq!(hints.len(), 5, "not all at the same moment");
    // What was stored was answered, and what was not stored was not.
    let log = server
        .store
        .log(server.lobby(), ana.user.id, parlor_domain::Span::Newest, 100)
        .await
        .unwrap()
        .unwrap();
    let stored = log.entries.iter().filter(|entry| entry.message().is_some()).count();
    let answers = 1 + frames.iter().filter(|frame| frame["type"] == "ok").count();
    assert_eq!(stored, answers);
}

#[tokio::test]
async fn r20_at_shutdown_it_is_stored_when_people_were_last_seen_and_how_far_they_read() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.connect(&ana).await;
    let seq = server.post(&ana, server.lobby(), "Hi").await.entry.seq;
    client.next("entry").await;
    client.ask(json!({"type": "read", "conversation": server.lobby().as_uuid(), "seq": seq})).await;
    let (_, ()) = tokio::join!(client.until_closed(), server.realtime.shutdown());
    assert!(server.store.user(ana.user.id).await.unwrap().unwrap().last_seen_at.is_some());
    let view = server.store.conversation_view(server.lobby(), ana.user.id).await.unwrap().unwrap();
    assert_eq!(view.membership.cursor.read_seq, seq);
}
