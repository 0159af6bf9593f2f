//! Shutting people out of one group.

use std::time::{Duration, Instant};

use parlor_tests::{Answer, Server, in_a_while};
use serde_json::{Value, json};

#[tokio::test]
async fn t07_one_who_is_banned_from_a_group_hears_nothing_more_of_it_on_any_socket() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "private", &[&bob]).await;
    let sockets = [bob.connect().await, bob.connect().await, bob.another_device().await.connect().await];
    let began = Instant::now();
    let path = format!("/groups/{group}/bans/{}", bob.id);
    let made = ana.put(&path, json!({"reason": "spam"})).await.expect(200);
    assert_eq!(
        (&made["by"], &made["until"], &made["reason"]),
        (&json!(ana.id), &Value::Null, &json!("spam"))
    );
    for socket in &sockets {
        socket.wait("the removal", |frame| frame["type"] == "conversation.removed").await;
    }
    assert!(began.elapsed() < Duration::from_secs(1), "it took {:?}", began.elapsed());
    let marks = sockets.each_ref().map(parlor_tests::Socket::mark);
    ana.say(group, "they are gone").await;
    for (socket, mark) in sockets.iter().zip(marks) {
        socket.settle().await;
        let heard = socket.frames().split_off(mark);
        assert!(heard.iter().all(|frame| frame["conversation"] != json!(group)), "{heard:?}");
    }
    bob.get(&format!("/conversations/{group}/log?after=0")).await.refused(404, "not_found");
    bob.get(&format!("/groups/{group}")).await.refused(404, "not_found");
}

#[tokio::test]
async fn no_way_leads_back_until_the_ban_is_lifted() {
    let server = Server::start().await;
    let (ana, bob, eve) =
        (server.person("ana").await, server.person("bob").await, server.person("eve").await);
    let group = ana.create_group("Tea", "public", &[&bob, &eve]).await;
    let made = ana.post(&format!("/groups/{group}/invite-links"), json!({})).await.expect(201);
    let secret = made["url"].as_str().unwrap().split_once("/join#").unwrap().1.to_owned();
    let until = in_a_while(Duration::from_hours(1));
    let ban = format!("/groups/{group}/bans/{}", bob.id);
    ana.put(&ban, json!({"reason": "spam", "until": until})).await.expect(200);

    let member = format!("/groups/{group}/members/{}", bob.id);
    let refused = bob.put(&member, Value::Null).await.refused(403, "banned_from_group");
    assert_eq!(refused["ban"]["reason"], "spam");
    assert!(refused["ban"]["until"].is_string());
    for path in ["/invite-links/lookup", "/invite-links/redemption"] {
        bob.post(path, json!({"secret": secret})).await.refused(403, "banned_from_group");
    }
    ana.put(&member, Value::Null).await.refused(409, "banned_there");
    eve.put(&member, Value::Null).await.refused(409, "banned_there");
    bob.get(&format!("/conversations/{group}/messages")).await.refused(403, "forbidden");

    let list = format!("/groups/{group}/bans");
    eve.get(&list).await.refused(403, "forbidden");
    eve.delete(&ban).await.refused(403, "forbidden");
    let active = ana.get(&format!("{list}?state=active")).await.expect(200);
    assert_eq!((&active["items"][0]["user"], &active["items"][1]), (&json!(bob.id), &Value::Null));
    let socket = bob.connect().await;
    assert_eq!(ana.delete(&ban).await.status, 204);
    let told = socket.wait("that it is over", |frame| frame["type"] == "notification").await;
    assert_eq!(told["notification"]["kind"], "ban_lifted");
    ana.delete(&ban).await.refused(404, "not_found");
    let past = ana.get(&format!("{list}?state=past")).await.expect(200);
    assert!(past["items"][0]["lifted_at"].is_string());
    bob.put(&member, Value::Null).await.expect(201);
    bob.say(group, "thanks").await;
}

#[tokio::test]
async fn a_ban_from_a_group_ends_by_itself() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    let socket = bob.connect().await;
    let ban = format!("/groups/{group}/bans/{}", bob.id);
    ana.put(&ban, json!({"until": in_a_while(Duration::from_secs(3))})).await.expect(200);
    let told = socket.wait("that it is over", |frame| frame["type"] == "notification").await;
    assert_eq!(told["notification"]["kind"], "ban_lifted");
    bob.put(&format!("/groups/{group}/members/{}", bob.id), Value::Null).await.expect(201);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_admins_read_who_banned_whom() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let group = ana.create_group("Tea", "public", &[&bob]).await;
    let ban = format!("/groups/{group}/bans/{}", bob.id);
    let past = ana.put(&ban, json!({"until": "2001-01-01T00:00:00Z"})).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&past), ["until"]);
    let both = json!({"until": "2999-01-01T00:00:00Z", "minutes": 5});
    let both = ana.put(&ban, both).await.refused(422, "invalid_fields");
    assert_eq!(Answer::fields(&both), ["minutes"]);
    ana.put(&format!("/groups/{group}/bans/{}", ana.id), json!({})).await.refused(403, "forbidden");
    let lobby = ana.lobby().await;
    server
        .admin()
        .put(&format!("/groups/{lobby}/bans/{}", bob.id), json!({}))
        .await
        .refused(403, "forbidden");
    ana.put(&ban, json!({"reason": "spam", "minutes": 5})).await.expect(200);
    let audit = server.admin().get("/admin/audit?action=banned_from_group").await.expect(200);
    let written = &audit["items"][0];
    assert_eq!((&written["by"], &written["target"]["id"]), (&json!(ana.id), &json!(bob.id)));
    let fields: Vec<&str> = written["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| change["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["group", "name", "reason", "until"]);
}
