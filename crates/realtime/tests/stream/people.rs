use std::time::Duration;

use parlor_domain::ProfileChange;
use parlor_realtime::Settings;
use parlor_wire::PresenceState;
use serde_json::{Value, json};

use crate::{Client, Server};

fn quick() -> Settings {
    Settings {
        presence_grace: Duration::from_millis(100),
        presence_every: Duration::from_millis(20),
        typing_every: Duration::from_millis(300),
        ..Settings::default()
    }
}

async fn presence_of(client: &mut Client, user: &str) -> Value {
    loop {
        let frame = client.next("presence").await;
        let found = frame["users"].as_array().unwrap().iter().find(|one| one["user"] == user).cloned();
        if let Some(found) = found {
            return found;
        }
    }
}

#[tokio::test]
async fn people_are_online_while_a_device_is_connected() {
    let server = Server::with(quick()).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut watcher = server.connect(&ana).await;
    let client = server.connect(&ben).await;
    assert_eq!(presence_of(&mut watcher, &ben.id()).await["state"], "online");
    assert_eq!(server.realtime.presence().presence_of(ben.user.id), PresenceState::Online);
    client.vanish();
    let gone = presence_of(&mut watcher, &ben.id()).await;
    assert_eq!(gone["state"], "offline");
    assert!(gone["last_seen_at"].is_string());
}

#[tokio::test]
async fn people_choose_how_they_are_seen() {
    let server = Server::with(quick()).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (mut watcher, mut client) = (server.connect(&ana).await, server.connect(&ben).await);
    assert_eq!(presence_of(&mut watcher, &ben.id()).await["state"], "online");
    for (choice, seen) in [("away", "away"), ("do_not_disturb", "do_not_disturb"), ("invisible", "offline")] {
        assert_eq!(client.ask(json!({"type": "presence", "state": choice})).await["type"], "ok");
        assert_eq!(presence_of(&mut watcher, &ben.id()).await["state"], seen);
    }
}

#[tokio::test]
async fn typing_reaches_the_others_and_not_too_often() {
    let server = Server::with(quick()).await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let group = server.group(&ana, "plans", &[&ben]).await;
    let (mut first, mut second) = (server.connect(&ana).await, server.connect(&ben).await);
    let (mut own, mut stranger) = (server.connect(&ana).await, server.connect(&eve).await);
    let typing = json!({"type": "typing", "conversation": group.id.as_uuid()});
    assert_eq!(first.ask(typing.clone()).await["type"], "ok");
    let typed = second.next("typing").await;
    assert_eq!(
        (&typed["user"], &typed["conversation"]),
        (&json!(ana.user.id.as_uuid()), &json!(group.id.as_uuid()))
    );
    let early = own.ask(typing.clone()).await;
    assert_eq!(early["code"], "rate_limited");
    assert_eq!((own.so_far("typing").await.len(), stranger.so_far("typing").await.len()), (0, 0));
    tokio::time::sleep(Duration::from_millis(early["retry_after_ms"].as_u64().unwrap() + 1)).await;
    assert_eq!(first.ask(typing).await["type"], "ok");
}

#[tokio::test]
async fn a_cursor_reaches_the_other_side_and_ones_other_devices() {
    let server = Server::with(quick()).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (view, _) = server.conversations.open_direct(&ana.actor(), ben.user.id).await.unwrap();
    let direct = view.conversation.id;
    let mut writer = server.connect(&ana).await;
    let (mut reader, mut tablet) = (server.connect(&ben).await, server.connect(&ben).await);
    let seq = writer.post(direct, "Hi").await["seq"].as_u64().unwrap();
    reader.next("entry").await;
    reader.acknowledge(direct, seq).await;
    for client in [&mut writer, &mut tablet] {
        let cursor = client.next("cursor").await;
        assert_eq!(
            (cursor["user"].as_str(), cursor["delivered_seq"].as_u64()),
            (Some(&*ben.id()), Some(seq))
        );
        assert_eq!(cursor["read_seq"], 0);
    }
    let read = json!({"type": "read", "conversation": direct.as_uuid(), "seq": seq});
    assert_eq!(reader.ask(read).await["type"], "ok");
    for client in [&mut writer, &mut tablet] {
        assert_eq!(client.next("cursor").await["read_seq"], json!(seq));
    }
    assert_eq!(reader.so_far("cursor").await.len(), 0, "what one reported oneself is no news");
}

#[tokio::test]
async fn a_changed_profile_reaches_everybody_and_the_account_its_owner() {
    let server = Server::with(quick()).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (mut own, mut other) = (server.connect(&ana).await, server.connect(&ben).await);
    let change = ProfileChange { name: Some("Ana B.".into()), ..ProfileChange::default() };
    server.accounts.change_profile(&ana.actor(), &change).await.unwrap();
    assert_eq!(
        other.find(|frame| frame["type"] == "user.changed" && frame["user"]["name"] == "Ana B.").await["user"]
            ["username"],
        "ana"
    );
    assert_eq!(own.next("account.changed").await["me"]["name"], "Ana B.");
    assert_eq!(other.so_far("account.changed").await.len(), 0);
}
