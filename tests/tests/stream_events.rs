//! What else a stream tells: who types, who is there, how far the others have come.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use parlor_tests::{Person, Server, Socket, eventually, new_id};
use serde_json::{Value, json};
use uuid::Uuid;

struct World {
    server: Server,
    ana: Person,
    bob: Person,
    eve: Person,
    direct: Uuid,
}

impl World {
    async fn start() -> Self {
        let server = Server::start().await;
        let (ana, bob, eve) =
            (server.person("ana").await, server.person("bob").await, server.person("eve").await);
        let direct = ana.direct_with(&bob).await;
        Self { server, ana, bob, eve, direct }
    }
}

fn about(frame: &Value, kind: &str, conversation: Uuid) -> bool {
    frame["type"] == kind && frame["conversation"] == conversation.to_string()
}

/// Waits until a socket has heard everything that was committed before now: a message to
/// everybody comes after it.
async fn hear_everything(socket: &Socket, by: &Person) {
    let lobby = by.lobby().await;
    let receipt = by.say(lobby, "to everybody").await;
    socket.entry(lobby, receipt["seq"].as_u64().unwrap()).await;
}

#[tokio::test]
async fn a_message_reaches_everybody_at_once_also_ones_other_devices() {
    let World { ana, bob, direct, server, .. } = World::start().await;
    let (one, two, theirs) = (ana.connect().await, ana.connect().await, bob.connect().await);
    let client_id = new_id();
    let fields = json!({"conversation": direct, "client_id": client_id, "body": "hi"});
    let receipt = one.done("message.send", fields.clone()).await;
    assert_eq!((&receipt["seq"], &receipt["duplicate"]), (&json!(1), &json!(false)));
    for socket in [&one, &two, &theirs] {
        let entry = socket.entry(direct, 1).await;
        assert_eq!(entry["message"]["client_id"], client_id.to_string());
        assert_eq!(entry["message"]["id"], receipt["message_id"]);
    }
    let again = two.done("message.send", fields.clone()).await;
    assert_eq!((&again["seq"], &again["duplicate"]), (&receipt["seq"], &json!(true)));
    assert_eq!(
        (&again["message_id"], &again["created_at"]),
        (&receipt["message_id"], &receipt["created_at"])
    );
    let mut other = fields;
    other["body"] = json!("ho");
    one.refused("message.send", other, "idempotency_conflict").await;
    assert_eq!(ana.post_message(direct, client_id, "hi").await.expect(200)["seq"], 1, "HTTP knows it, too");
    drop(server);
}

#[tokio::test]
async fn t33_typing_is_seen_by_those_who_are_there_and_nobody_else() {
    let World { ana, bob, eve, direct, server } = World::start().await;
    let (from, to, stranger) = (ana.connect().await, bob.connect().await, eve.connect().await);
    from.done("typing", json!({"conversation": direct})).await;
    let typing = to.wait("typing", |frame| frame["type"] == "typing").await;
    assert_eq!(typing, json!({"type": "typing", "conversation": direct, "user": ana.id}));
    let again = from.refused("typing", json!({"conversation": direct}), "rate_limited").await;
    assert!(
        again["retry_after_ms"].as_u64().is_some_and(|wait| wait <= 3_000) && again["retryable"] == true,
        "{again}"
    );
    stranger.refused("typing", json!({"conversation": direct}), "not_found").await;
    stranger.refused("typing", json!({"conversation": new_id()}), "not_found").await;
    hear_everything(&stranger, &ana).await;
    assert!(stranger.frames_of("typing").is_empty(), "a stranger knows who types");
    assert_eq!(to.frames_of("typing").len(), 1);
    drop(server);
}

#[tokio::test]
async fn t33_a_stranger_hears_nothing_of_a_private_conversation() {
    let World { ana, bob, eve, direct, server: _server, .. } = World::start().await;
    let stranger = eve.connect().await;
    let (one, two) = (ana.connect().await, bob.connect().await);
    let group = ana.create_group("Secret", "private", &[&bob]).await;
    two.wait("the new group", |frame| frame["type"] == "conversation.added").await;
    for conversation in [direct, group] {
        one.say(conversation, "secret words").await;
        one.request("typing", json!({"conversation": conversation})).await;
        two.done("read", json!({"conversation": conversation, "seq": 1})).await;
    }
    ana.patch(&format!("/groups/{group}"), json!({"name": "Secret, too"})).await.expect(200);
    hear_everything(&stranger, &ana).await;
    let heard = json!(stranger.frames()).to_string();
    for secret in ["ecret", &direct.to_string(), &group.to_string()] {
        assert!(!heard.contains(secret), "a stranger heard of {secret}: {heard}");
    }
}

#[tokio::test]
async fn r20_presence_shows_who_comes_and_goes() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    let watcher = bob.connect().await;
    let state = |frame: &Value, state: &str| {
        let users = frame["users"].as_array().into_iter().flatten();
        users.into_iter().any(|one| one["user"] == ana.id.to_string() && one["state"] == state)
    };
    let one = ana.connect().await;
    watcher.wait("ana is online", |frame| state(frame, "online")).await;
    let seen = bob.get(&format!("/users/{}", ana.id)).await.expect(200);
    assert_eq!(seen["presence"], "online");
    one.done("presence", json!({"state": "do_not_disturb"})).await;
    watcher.wait("ana is busy", |frame| state(frame, "do_not_disturb")).await;
    one.done("presence", json!({"state": "away"})).await;
    watcher.wait("ana is away", |frame| state(frame, "away")).await;
    one.done("presence", json!({"state": "invisible"})).await;
    watcher.wait("ana is not to be seen", |frame| state(frame, "offline")).await;
    assert_eq!(bob.get(&format!("/users/{}", ana.id)).await.expect(200)["presence"], "offline");
    let mark = watcher.mark();
    one.done("presence", json!({"state": "online"})).await;
    watcher.wait_after(mark, "ana is back", |frame| state(frame, "online")).await;
    let mark = watcher.mark();
    drop(one);
    watcher.wait_after(mark, "ana is gone", |frame| state(frame, "offline")).await;
    let path = format!("/users/{}", ana.id);
    let seen = eventually("when ana was last there", async || {
        let seen = bob.get(&path).await.expect(200);
        seen["last_seen_at"].is_string().then_some(seen)
    })
    .await;
    assert_eq!(seen["presence"], "offline");
}

#[tokio::test]
async fn cursors_reach_the_other_side() {
    let World { ana, bob, direct, server: _server, .. } = World::start().await;
    let (from, to) = (ana.connect().await, bob.connect().await);
    for text in ["one", "two", "three"] {
        from.say(direct, text).await;
    }
    to.entry(direct, 3).await;
    to.done("ack", json!({"cursors": [[direct, 2]]})).await;
    let is_at = |delivered: u64, read: u64| {
        let bob = bob.id.to_string();
        move |frame: &Value| {
            about(frame, "cursor", direct)
                && frame["user"] == bob.as_str()
                && frame["delivered_seq"] == delivered
                && frame["read_seq"] == read
        }
    };
    from.wait("it was delivered up to 2", is_at(2, 0)).await;
    to.done("read", json!({"conversation": direct, "seq": 3})).await;
    from.wait("it was read up to 3", is_at(3, 3)).await;
    let seen = ana.conversation(direct).await;
    assert_eq!(seen["peer_cursor"], json!({"user": bob.id, "delivered_seq": 3, "read_seq": 3}));
    assert_eq!(bob.conversation(direct).await["unread"], 0);
    // By HTTP it is the same.
    from.say(direct, "four").await;
    bob.put(&format!("/conversations/{direct}/read"), json!({"seq": 4})).await.expect(200);
    from.wait("it was read up to 4", is_at(4, 4)).await;
}

#[tokio::test]
async fn cursors_of_a_group_reach_ones_own_devices_only() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let (one, two, other) = (bob.connect().await, bob.connect().await, ana.connect().await);
    ana.say(group, "hi").await;
    one.done("read", json!({"conversation": group, "seq": 3})).await;
    let cursor = two.wait("the other device's cursor", |frame| about(frame, "cursor", group)).await;
    assert_eq!((&cursor["user"], &cursor["read_seq"]), (&json!(bob.id), &json!(3)));
    hear_everything(&other, &bob).await;
    assert!(other.frames_of("cursor").is_empty(), "who has read what is nobody's business in a group");
}

#[tokio::test]
async fn r21_cursors_never_move_back_whatever_three_devices_say() {
    let World { ana, bob, direct, server: _server, .. } = World::start().await;
    let watcher = ana.connect().await;
    for number in 0..100 {
        watcher.say(direct, &number.to_string()).await;
    }
    let devices = [bob.connect().await, bob.connect().await, bob.connect().await];
    let (mut number, mut furthest) = (7_u64, 0);
    for _ in 0..200 {
        // Always the same steps, in no order.
        number = (number * 1_103_515_245 + 12_345) & 0x7fff_ffff;
        let (device, seq) = (&devices[(number >> 8) as usize % 3], (number >> 16) % 99 + 1);
        if number & 16 == 0 {
            device.done("read", json!({"conversation": direct, "seq": seq})).await;
            furthest = furthest.max(seq);
        } else {
            device.request("ack", json!({"cursors": [[direct, seq]]})).await;
        }
    }
    devices[0].done("read", json!({"conversation": direct, "seq": 100})).await;
    watcher
        .wait("everything is read", |frame| about(frame, "cursor", direct) && frame["read_seq"] == 100)
        .await;
    assert!(furthest > 0);
    let moves = watcher.frames_of("cursor");
    for pair in moves.windows(2) {
        for field in ["read_seq", "delivered_seq"] {
            assert!(pair[0][field].as_u64() <= pair[1][field].as_u64(), "{field} moved back: {pair:?}");
        }
    }
    let seen = bob.conversation(direct).await;
    assert_eq!((&seen["read_seq"], &seen["delivered_seq"]), (&json!(100), &json!(100)));
}

#[tokio::test]
async fn a_new_conversation_is_told_to_everybody_in_it() {
    let World { ana, bob, eve, server: _server, .. } = World::start().await;
    let (one, two) = (ana.connect().await, bob.connect().await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    for (socket, role) in [(&one, "owner"), (&two, "member")] {
        let added = socket.wait("the group", |frame| frame["type"] == "conversation.added").await;
        let conversation = &added["conversation"];
        assert_eq!((&conversation["id"], &conversation["role"]), (&json!(group), &json!(role)));
        assert_eq!((&conversation["last_seq"], &conversation["group"]["name"]), (&json!(2), &json!("Tea")));
    }
    ana.say(group, "hi").await;
    two.entry(group, 3).await;
    let direct = eve.direct_with(&bob).await;
    two.wait("the direct conversation", |frame| {
        frame["type"] == "conversation.added" && frame["conversation"]["id"] == direct.to_string()
    })
    .await;
    eve.say(direct, "hello").await;
    two.entry(direct, 1).await;
}

#[tokio::test]
async fn changes_of_groups_and_people_are_told() {
    let World { ana, bob, server: _server, .. } = World::start().await;
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let (one, two) = (ana.connect().await, bob.connect().await);
    ana.patch(&format!("/groups/{group}"), json!({"name": "Coffee"})).await.expect(200);
    let changed = two.wait("the new name", |frame| about(frame, "conversation.changed", group)).await;
    assert_eq!(changed["group"]["name"], "Coffee");
    assert_eq!(two.entry(group, 3).await["name"], "Coffee");
    ana.patch("/users/me", json!({"name": "Ana Pop"})).await.expect(200);
    let changed = two.wait("the person", |frame| frame["type"] == "user.changed").await;
    assert_eq!((&changed["user"]["id"], &changed["user"]["name"]), (&json!(ana.id), &json!("Ana Pop")));
    let me = one.wait("one's own account", |frame| frame["type"] == "account.changed").await;
    assert_eq!(me["me"]["name"], "Ana Pop");
    assert!(two.frames_of("account.changed").is_empty());
}

#[tokio::test]
async fn nobody_has_read_what_is_not_written_yet() {
    let World { ana, bob, direct, server: _server, .. } = World::start().await;
    let (from, to) = (ana.connect().await, bob.connect().await);
    from.say(direct, "one").await;
    to.entry(direct, 1).await;
    // Beyond the end is the end, and does not count for what comes later.
    to.done("read", json!({"conversation": direct, "seq": 1_000_000})).await;
    to.done("ack", json!({"cursors": [[direct, 1_000_000]]})).await;
    to.done("read", json!({"conversation": direct, "seq": u64::MAX})).await;
    from.wait("it was read", |frame| about(frame, "cursor", direct) && frame["read_seq"] == 1).await;
    from.say(direct, "two").await;
    to.entry(direct, 2).await;
    let seen = bob.conversation(direct).await;
    assert_eq!((&seen["unread"], &seen["read_seq"]), (&json!(1), &json!(1)));
    // Nor does it hide what the same connection reads later.
    to.done("read", json!({"conversation": direct, "seq": 2})).await;
    from.wait("it was read too", |frame| about(frame, "cursor", direct) && frame["read_seq"] == 2).await;
    assert_eq!(bob.conversation(direct).await["unread"], 0);
    let told = from.frames_of("cursor");
    assert!(told.iter().all(|frame| frame["delivered_seq"].as_u64() <= Some(2)), "{told:?}");
}
