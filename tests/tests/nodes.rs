//! Several nodes that share one database.

use std::time::Duration;

use parlor_tests::{
    Checker, Listener, Nats, Person, Proxy, Sender, Server, Socket, TwoNodes, WrongClock, apart, eventually,
    in_a_while, new_id,
};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

fn about(frame: &Value, kind: &str, conversation: Uuid) -> bool {
    frame["type"] == kind && frame["conversation"] == conversation.to_string()
}

async fn hears_of(socket: &Socket, kind: &str, conversation: Uuid) -> Value {
    let is_it =
        |frame: &Value| frame["type"] == kind && frame["conversation"]["id"] == conversation.to_string();
    socket.wait(kind, |frame| is_it(frame) || about(frame, kind, conversation)).await
}

async fn sees(socket: &Socket, person: &Person, state: &str) {
    let is_it = |frame: &Value| {
        frame["type"] == "presence"
            && frame["users"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|seen| seen["user"] == person.id.to_string() && seen["state"] == state)
    };
    socket.wait(&format!("{} is {state}", person.username), is_it).await;
}

/// Typing is told once and may be lost, so it is said until it is seen.
async fn is_seen_typing(his: &Socket, hers: &Socket, conversation: Uuid) {
    eventually("typing is seen", async || {
        his.request("typing", json!({"conversation": conversation})).await;
        hers.frames().iter().any(|frame| about(frame, "typing", conversation)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn people_on_two_nodes_chat_as_on_one() {
    let nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let bob = bob.through(nodes.two.address());
    let (hers, his) = (ana.connect().await, bob.connect().await);
    sees(&hers, &bob, "online").await;
    let direct = ana.direct_with(&bob).await;
    hears_of(&his, "conversation.added", direct).await;

    let receipt = hers.say(direct, "hello from the other node").await;
    let entry = his.entry(direct, receipt["seq"].as_u64().unwrap()).await;
    assert_eq!(entry["message"]["body"], "hello from the other node");
    is_seen_typing(&his, &hers, direct).await;
    his.done("read", json!({"conversation": direct, "seq": 1})).await;
    hers.wait("the tick", |frame| about(frame, "cursor", direct) && frame["read_seq"] == 1).await;
    his.done("presence", json!({"state": "invisible"})).await;
    sees(&hers, &bob, "offline").await;

    let group = ana.create_group("Tea", "private", &[&bob]).await;
    hears_of(&his, "conversation.added", group).await;
    ana.patch(&format!("/groups/{group}"), json!({"description": "With milk"})).await.expect(200);
    let changed = his.wait("the change", |frame| about(frame, "conversation.changed", group)).await;
    assert_eq!(changed["group"]["description"], "With milk");
    bob.patch("/users/me", json!({"name": "Robert"})).await.expect(200);
    hers.wait("the new name", |frame| frame["type"] == "user.changed" && frame["user"]["name"] == "Robert")
        .await;
    assert_eq!(ana.delete(&format!("/groups/{group}/members/{}", bob.id)).await.status, 204);
    his.wait("the removal", |frame| about(frame, "conversation.removed", group)).await;
}

#[tokio::test]
async fn every_node_tells_of_maintenance_without_any_bell() {
    let nodes = TwoNodes::start().await;
    let ana = nodes.one.person("ana").await;
    let bob = nodes.two.person("bob").await;
    let (hers, his) = (ana.connect().await, bob.connect().await);
    nodes.cut_the_bus();
    for (arguments, message) in [
        (&["maintenance", "on", "--message", "Noon."][..], json!("Noon.")),
        (&["maintenance", "off"], json!(null)),
    ] {
        let done = nodes.one.run(arguments);
        assert_eq!(done.status, Some(0), "{done:?}");
        for socket in [&hers, &his] {
            let is_it = |frame: &Value| frame["type"] == "maintenance" && frame["message"] == message;
            socket.wait("news of maintenance", is_it).await;
        }
    }
}

#[tokio::test]
async fn admins_see_the_nodes_and_whether_they_hear_each_other() {
    let nodes = TwoNodes::start().await;
    let admin = nodes.one.admin().clone();
    let list = async || admin.get("/admin/nodes").await.expect(200)["items"].as_array().unwrap().clone();
    let both = eventually("both nodes are up", async || {
        let nodes = list().await;
        let up = nodes.iter().filter(|node| node["state"] == "up" && node["bus"] == true).count();
        (up == 2).then_some(nodes)
    })
    .await;
    let addresses: Vec<_> = both.iter().map(|node| node["address"].as_str().unwrap().to_owned()).collect();
    assert!(addresses.contains(&nodes.two.address().to_string()), "{both:?}");
    nodes.cut_the_bus();
    eventually("the cut is told", async || {
        list().await.iter().any(|node| node["bus"] == false).then_some(())
    })
    .await;
    nodes.two.terminate();
    eventually("a node that stops is no longer listed", async || (list().await.len() == 1).then_some(()))
        .await;
}

#[tokio::test]
async fn r15_without_any_bell_messages_and_new_conversations_arrive() {
    let nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let bob = bob.through(nodes.two.address());
    let his = bob.connect().await;
    nodes.cut_the_bus();
    let direct = ana.direct_with(&bob).await;
    ana.say(direct, "without a bell").await;
    hears_of(&his, "conversation.added", direct).await;
    let lobby = ana.lobby().await;
    for text in ["one", "two", "three"] {
        let receipt = ana.say(lobby, text).await;
        his.entry(lobby, receipt["seq"].as_u64().unwrap()).await;
    }
    nodes.bells.stall(false);
    let receipt = ana.say(direct, "with a bell again").await;
    his.entry(direct, receipt["seq"].as_u64().unwrap()).await;
}

#[tokio::test]
async fn r18_t07_signing_out_on_one_node_closes_the_sockets_on_the_other() {
    let nodes = TwoNodes::start().await;
    let ana = nodes.one.person("ana").await;
    let there = ana.through(nodes.two.address());
    let socket = there.connect().await;
    ana.post("/auth/logout", json!({})).await;
    assert_eq!(socket.closed().await, 4501);

    // And with the bus cut, within five seconds.
    let again = ana.another_device().await;
    let socket = again.through(nodes.two.address()).connect().await;
    nodes.cut_the_bus();
    again.post("/auth/logout", json!({})).await;
    assert_eq!(socket.closed_within(Duration::from_secs(5)).await, 4501);
    eventually("HTTP there refuses the session, too", async || {
        (again.through(nodes.two.address()).get("/users/me").await.status == 401).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r05_r07_two_nodes_write_one_log_and_a_client_goes_on_at_the_other() {
    let nodes = TwoNodes::start().await;
    let (ana, bob, eve) =
        (nodes.one.person("ana").await, nodes.one.person("bob").await, nodes.one.person("eve").await);
    let group = ana.create_group("Busy", "private", &[&bob, &eve]).await;
    let (ends, receiver) = watch::channel(None);
    let listeners: Vec<_> = [&nodes.one, &nodes.two]
        .map(|node| {
            tokio::spawn(Listener::new(eve.through(node.address()).link(), &[group]).run(receiver.clone()))
        })
        .into();
    let senders = [ana.clone(), bob.through(nodes.two.address())]
        .map(|person| tokio::spawn(Sender::new(person.link(), 8).with(&[group], 500).run()));
    let mut sent = Vec::new();
    for sender in senders {
        sent.extend(sender.await.unwrap().sent);
    }
    let checker = Checker::read(&ana, &[group]).await;
    checker.stored(&sent);
    assert_eq!(checker.order(group).len(), 1_000);
    ends.send_replace(Some(checker.ends()));
    for listener in listeners {
        checker.heard_everything(&listener.await.unwrap().heard);
    }
    let middle = checker.ends()[&group] - 300;
    let resumed = eve.through(nodes.two.address()).open_stream().await;
    resumed.acknowledge();
    resumed.hello(json!({"cursors": [[group, middle]]})).await;
    resumed.entry(group, checker.ends()[&group]).await;
    let entries = resumed.frames_of("entry");
    let heard: Vec<_> = entries.iter().map(|entry| entry["seq"].as_u64().unwrap()).collect();
    assert!(heard.iter().copied().eq(middle + 1..=middle + 300), "{heard:?}");
}

#[tokio::test]
async fn r17_a_node_whose_clock_is_wrong_goes_by_the_databases() {
    let clock = WrongClock::off_by("+1h");
    let one = Server::first_of_several(&[]).await;
    let two = Server::beside_under(&clock.wrapper(), &one, &[]).await;
    let here = one.person("ana").await;
    for offset in ["+1h", "-1h"] {
        clock.set(offset);
        // Tokens of either node are good on the other.
        let there = here.through(two.address()).another_device().await;
        there.through(one.address()).get("/users/me").await.expect(200);
        here.through(two.address()).get("/users/me").await.expect(200);
        let lobby = here.lobby().await;
        let (first, second) = (here.say(lobby, "here").await, there.say(lobby, "there").await);
        assert_eq!(second["seq"], first["seq"].as_u64().unwrap() + 1);
        assert!(apart(&first["created_at"], &second["created_at"]) < 60, "{first} {second}");
        let nodes = one.admin().get("/admin/nodes").await.expect(200);
        assert!(nodes["items"].as_array().unwrap().iter().all(|node| node["state"] == "up"), "{nodes}");
    }
}

/// How often somebody is put out and brought back.
const ROUNDS: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r19_t07_a_removal_on_one_node_takes_effect_at_its_place_on_the_other() {
    let nodes = TwoNodes::start().await;
    let (ana, bob, eve) =
        (nodes.one.person("ana").await, nodes.one.person("bob").await, nodes.one.person("eve").await);
    let group = ana.create_group("Busy", "private", &[&bob, &eve]).await;
    let bob = bob.through(nodes.two.address());
    let listening = bob.connect().await;
    listening.acknowledge();
    let flood =
        tokio::spawn(Sender::new(eve.through(nodes.two.address()).link(), 4).with(&[group], 1_000).run());
    let path = format!("/groups/{group}/members/{}", bob.id);
    for _ in 0..ROUNDS {
        let mark = listening.mark();
        assert_eq!(ana.delete(&path).await.status, 204);
        listening.wait_after(mark, "the removal", |frame| about(frame, "conversation.removed", group)).await;
        bob.post_message(group, new_id(), "still here?").await.refused(404, "not_found");
        let mark = listening.mark();
        ana.put(&path, Value::Null).await.expect(201);
        listening.wait_after(mark, "the return", |frame| frame["type"] == "conversation.added").await;
    }
    flood.await.unwrap();
    let log = ana.log_of(group).await;
    let mut inside = true;
    let heard: Vec<u64> = listening
        .frames_of("entry")
        .iter()
        .filter(|entry| entry["conversation"] == group.to_string())
        .map(|entry| entry["seq"].as_u64().unwrap())
        .collect();
    assert!(heard.is_sorted(), "{heard:?}");
    for entry in &log {
        let seq = entry["seq"].as_u64().unwrap();
        let is_his = entry["subject"] == bob.id.to_string();
        if is_his && entry["kind"] == "join" {
            inside = true;
        }
        assert!(inside || !heard.contains(&seq), "{seq} was heard by one who was out");
        if is_his && entry["kind"] == "removal" {
            inside = false;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r16_nodes_can_ring_through_nats_and_go_on_while_it_is_cut() {
    let nats = Nats::start().await;
    let way = Proxy::start(nats.address()).await;
    let url = format!("nats://{}", way.address());
    let bus = [("PARLOR_CLUSTER_BUS", "nats"), ("PARLOR_CLUSTER_NATS_URL", &*url)];
    let one = Server::first_of_several(&bus).await;
    let two = Server::beside(&one, &[]).await;
    let (ana, bob) = (one.person("ana").await, one.person("bob").await);
    let bob = bob.through(two.address());
    let (hers, his) = (ana.connect().await, bob.connect().await);
    sees(&hers, &bob, "online").await;
    let direct = ana.direct_with(&bob).await;
    hears_of(&his, "conversation.added", direct).await;
    is_seen_typing(&his, &hers, direct).await;
    for round in 0..3 {
        way.stall(round == 1);
        way.cut();
        let receipt = hers.say(direct, "hello").await;
        his.entry(direct, receipt["seq"].as_u64().unwrap()).await;
    }
    let entries = his.frames_of("entry");
    let heard = entries.iter().filter(|entry| entry["conversation"] == direct.to_string()).count();
    assert_eq!(heard, 3);
}

#[tokio::test]
async fn what_somebody_keeps_for_themselves_is_told_on_every_node() {
    let nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let message = ana.say_something(direct).await;
    let elsewhere = ana.through(nodes.two.address()).connect().await;
    ana.put(&format!("/messages/{message}/thread/follow"), Value::Null).await.expect(200);
    let told = elsewhere.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!((&told["what"], &told["message"]), (&json!("thread"), &json!(message)));
}

#[tokio::test]
async fn a_notification_and_that_it_was_read_are_told_on_every_node() {
    let nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let elsewhere = bob.through(nodes.two.address());
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    bob.put("/notifications/read", json!({})).await.expect(200);
    let (here, there) = (bob.connect().await, elsewhere.connect().await);
    ana.say(group, "green or black, @bob?").await;
    let mut told = Vec::new();
    for socket in [&here, &there] {
        let is_it = |frame: &Value| frame["notification"]["kind"] == "mention";
        told.push(socket.wait("the mention", is_it).await["notification"].clone());
    }
    assert_eq!(told[0], told[1]);
    let mark = here.mark();
    let read = elsewhere.put("/notifications/read", json!({"ids": [told[0]["id"]]})).await.expect(200);
    assert_eq!(read["unread"], 0);
    let is_read =
        |frame: &Value| frame["type"] == "notifications.changed" && frame["notifications"]["unread"] == 0;
    here.wait_after(mark, "that it was read", is_read).await;
    assert_eq!(bob.get("/notifications/summary").await.expect(200)["unread"], 0);
}

/// Schedules a message for in a moment.
async fn schedule(person: &Person, conversation: Uuid, body: &str) {
    let form = json!({"body": body, "at": in_a_while(Duration::from_secs(3))});
    person.put(&format!("/conversations/{conversation}/scheduled/{}", new_id()), form).await.expect(201);
}

async fn none_is_scheduled(person: &Person) {
    eventually("what was scheduled is gone", async || {
        (person.get("/scheduled").await.expect(200)["items"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_scheduled_on_one_node_is_posted_once_by_one_of_them_and_told_on_both() {
    let nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let elsewhere = ana.through(nodes.two.address());
    let (his, hers) = (bob.through(nodes.two.address()).connect().await, elsewhere.connect().await);
    for number in 1..=5 {
        schedule(&ana, direct, &format!("soup number {number}")).await;
    }
    let told = hers.wait("what changed", |frame| frame["type"] == "personal.changed").await;
    assert_eq!(told["what"], "scheduled");
    his.entry(direct, 5).await;
    none_is_scheduled(&elsewhere).await;
    let mut bodies: Vec<_> = (bob.log_of(direct).await.iter())
        .map(|entry| entry["message"]["body"].as_str().unwrap().to_owned())
        .collect();
    bodies.sort();
    assert_eq!(bodies, [1, 2, 3, 4, 5].map(|number| format!("soup number {number}")));
}

#[tokio::test]
async fn what_was_scheduled_on_a_node_that_stopped_is_posted_by_the_other() {
    let nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let direct = ana.direct_with(&bob).await;
    let his = bob.connect().await;
    schedule(&ana.through(nodes.two.address()), direct, "soup at seven").await;
    nodes.two.terminate();
    assert_eq!(his.entry(direct, 1).await["message"]["body"], "soup at seven");
    none_is_scheduled(&ana).await;
}
