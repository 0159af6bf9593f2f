use parlor_domain::{GroupChange, GroupName};
use serde_json::json;

use crate::{Person, Server};

#[tokio::test]
async fn one_who_is_invited_gets_the_conversation_and_what_follows() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut client = server.connect(&ben).await;
    let group = server.group(&ana, "plans", &[&ben]).await;
    let added = client.next("conversation.added").await;
    assert_eq!(added["conversation"]["group"]["name"], "plans");
    server.post(&ana, group.id.into(), "Welcome").await;
    assert_eq!(client.next("entry").await["message"]["body"], "Welcome");
}

#[tokio::test]
async fn both_hear_of_a_direct_conversation() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let (mut first, mut second) = (server.connect(&ana).await, server.connect(&ben).await);
    let (view, made) = server.conversations.open_direct(&ana.actor(), ben.user.id).await.unwrap();
    assert!(made);
    assert_eq!(first.next("conversation.added").await["conversation"]["peer"]["username"], "ben");
    assert_eq!(second.next("conversation.added").await["conversation"]["peer"]["username"], "ana");
    server.post(&ana, view.conversation.id, "Hi").await;
    assert_eq!(second.next("entry").await["message"]["body"], "Hi");
}

#[tokio::test]
async fn members_hear_of_a_changed_group_and_strangers_do_not() {
    let server = Server::new().await;
    let (ana, ben, eve) =
        (server.person("ana").await, server.person("ben").await, server.person("eve").await);
    let group = server.group(&ana, "plans", &[&ben]).await;
    let (mut member, mut stranger) = (server.connect(&ben).await, server.connect(&eve).await);
    let change = GroupChange { name: Some(GroupName::parse("plots").unwrap()), ..GroupChange::default() };
    server.groups.change(&ana.actor(), group.id, change).await.unwrap();
    assert_eq!(member.next("conversation.changed").await["group"]["name"], "plots");
    assert_eq!(member.next("entry").await["kind"], "rename");
    assert_eq!(stranger.so_far("conversation.changed").await.len(), 0);
    assert_eq!(stranger.so_far("entry").await.len(), 0);
}

async fn kick(server: &Server, owner: &Person, round: usize) {
    let member = server.person(&format!("member{round}")).await;
    let group = server.group(owner, &format!("group {round}"), &[&member]).await;
    let mut client = server.connect(&member).await;
    let post = async |from: usize| {
        for number in from..from + 5 {
            server.post(owner, group.id.into(), &format!("{number}")).await;
        }
    };
    let actor = owner.actor();
    let ((), (), removed) =
        tokio::join!(post(0), post(5), server.groups.remove(&actor, group.id, member.user.id));
    removed.unwrap();
    post(10).await;
    let mut last = None;
    loop {
        let frame = client.receive().await.expect("the connection lives on");
        match frame["type"].as_str().unwrap() {
            "entry" => last = Some(frame),
            "conversation.removed" => break,
            _ => {}
        }
    }
    // A client that keeps up gets everything up to its removal, and that is the last of it.
    let last = last.expect("its removal at least");
    assert_eq!((&last["kind"], &last["subject"]), (&json!("removal"), &json!(member.user.id.as_uuid())));
    server.post(owner, server.lobby(), "still there?").await;
    assert_eq!(client.next("entry").await["message"]["body"], "still there?");
    assert_eq!(client.so_far("entry").await.len(), 0);
}

#[tokio::test]
async fn r19_nothing_behind_a_removal_reaches_the_one_who_was_removed() {
    let server = Server::new().await;
    let owner = server.person("owner").await;
    for round in 0..20 {
        kick(&server, &owner, round).await;
    }
}

#[tokio::test]
async fn one_who_leaves_and_comes_back_starts_anew() {
    let server = Server::new().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let group = server.group(&ana, "plans", &[&ben]).await;
    let mut client = server.connect(&ben).await;
    server.groups.remove(&ben.actor(), group.id, ben.user.id).await.unwrap();
    client.next("conversation.removed").await;
    server.post(&ana, group.id.into(), "without ben").await;
    server.groups.add(&ana.actor(), group.id, ben.user.id).await.unwrap();
    client.next("conversation.added").await;
    server.post(&ana, group.id.into(), "with ben").await;
    let entry = client.find(|frame| frame["type"] == "entry" && frame["kind"] == "message").await;
    assert_eq!(entry["message"]["body"], "with ben");
}
