//! Several nodes that share one database, while one of them is away.

use std::time::Duration;

use parlor_tests::{Checker, Listener, Person, Sender, TwoNodes, eventually, eventually_within};
use serde_json::{Value, json};
use tokio::sync::watch;

/// Whether a frame says that somebody is in this state.
fn shows(frame: &Value, person: &Person, state: &str) -> bool {
    let is_it = |seen: &Value| seen["user"] == person.id.to_string() && seen["state"] == state;
    frame["type"] == "presence" && frame["users"].as_array().into_iter().flatten().any(is_it)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r10_nodes_that_are_restarted_one_after_the_other_lose_nothing() {
    let mut nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let group = ana.create_group("Busy", "private", &[&bob]).await;
    let (ends, receiver) = watch::channel(None);
    let listener = Listener::new(bob.through(nodes.two.address()).link(), &[group]);
    let listening = tokio::spawn(listener.run(receiver));
    let sending = tokio::spawn(Sender::new(ana.link(), 4).with(&[group], 1_500).run());
    for node in [&mut nodes.two, &mut nodes.one] {
        let before = bob.through(node.address()).conversation(group).await["last_seq"].as_u64().unwrap();
        node.terminate();
        node.ended(Duration::from_secs(10)).await;
        node.restart().await;
        let there = bob.through(node.address());
        eventually("the load goes on", async || {
            (there.conversation(group).await["last_seq"].as_u64().unwrap() >= before + 50).then_some(())
        })
        .await;
    }
    let sender = sending.await.unwrap();
    let checker = Checker::read(&ana, &[group]).await;
    checker.stored(&sender.sent);
    assert_eq!(checker.order(group).len(), 1_500);
    ends.send_replace(Some(checker.ends()));
    checker.heard_everything(&listening.await.unwrap().heard);
}

#[tokio::test]
async fn r20_people_of_a_node_that_dies_go_offline() {
    let mut nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let hers = ana.connect().await;
    let _his = bob.through(nodes.two.address()).connect().await;
    hers.wait("bob is online", |frame| shows(frame, &bob, "online")).await;
    let there = nodes.two.address().to_string();
    eventually("it is written down that he is connected there", async || {
        let nodes = nodes.one.admin().get("/admin/nodes").await.expect(200);
        let mut nodes = nodes["items"].as_array().unwrap().iter();
        nodes.any(|node| node["address"] == there && node["connections"] == 1).then_some(())
    })
    .await;
    nodes.two.kill();
    eventually_within(Duration::from_secs(75), "his node's lease is over", async || {
        hers.frames().iter().any(|frame| shows(frame, &bob, "offline")).then_some(())
    })
    .await;
    let nodes = nodes.one.admin().get("/admin/nodes").await.expect(200);
    let states: Vec<_> = nodes["items"].as_array().unwrap().iter().map(|node| &node["state"]).collect();
    assert!(states.contains(&&json!("up")) && states.contains(&&json!("silent")), "{nodes}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r11_a_node_that_is_killed_under_load_starts_beside_the_other_and_misses_nothing() {
    let mut nodes = TwoNodes::start().await;
    let (ana, bob) = (nodes.one.person("ana").await, nodes.one.person("bob").await);
    let bob = bob.through(nodes.two.address());
    let id = ana.direct_with(&bob).await;
    let (ends, receiver) = watch::channel(None);
    let listening =
        [&ana, &bob].map(|person| tokio::spawn(Listener::new(person.link(), &[id]).run(receiver.clone())));
    let sending =
        [&ana, &bob].map(|person| tokio::spawn(Sender::new(person.link(), 4).with(&[id], 1_000).run()));
    for kill in 1..=3 {
        eventually("the load goes on", async || {
            (ana.conversation(id).await["last_seq"].as_u64().unwrap() >= kill * 300).then_some(())
        })
        .await;
        nodes.two.kill();
        nodes.two.restart().await;
    }
    let mut sent = Vec::new();
    for sender in sending {
        sent.extend(sender.await.unwrap().sent);
    }
    let checker = Checker::read(&bob, &[id]).await;
    checker.stored(&sent);
    assert_eq!(checker.order(id).len(), 2_000);
    ends.send_replace(Some(checker.ends()));
    for listener in listening {
        checker.heard_everything(&listener.await.unwrap().heard);
    }
}
