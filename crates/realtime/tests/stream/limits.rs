use std::time::Duration;

use parlor_realtime::Settings;
use serde_json::json;

use crate::Server;

#[tokio::test]
async fn t17_the_eleventh_socket_of_a_person_is_refused() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        clients.push(server.connect(&ana).await);
    }
    let mut eleventh = server.dial_as(Some(ana.authenticated()), 65_536).await;
    assert_eq!(eleventh.until_closed().await.pop().unwrap()["code"], 4429);
    // A place that becomes free can be taken.
    clients.pop().unwrap().vanish();
    while server.realtime.metrics().connections() > 9 {
        tokio::task::yield_now().await;
    }
    server.connect(&ana).await;
}

#[tokio::test]
async fn t17_the_fifty_first_guest_of_an_address_is_refused() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut guests = Vec::new();
    for _ in 0..50 {
        let mut guest = server.dial().await;
        guest.ask(json!({"type": "hello"})).await;
        guests.push(guest);
    }
    let mut refused = server.dial().await;
    refused.until_closed().await;
    assert_eq!(refused.close_code, Some(4429));
    // One who says who they are is a guest no longer.
    let known = guests[0].ask(json!({"type": "authenticate", "access_token": ana.access_token})).await;
    assert_eq!(known["type"], "ok");
    let mut next = server.dial().await;
    assert_eq!(next.ask(json!({"type": "hello"})).await["code"], "unauthenticated");
}

#[tokio::test]
async fn t17_a_guest_who_does_not_say_who_they_are_is_closed() {
    let server =
        Server::with(Settings { authenticate_within: Duration::from_millis(50), ..Settings::default() })
            .await;
    let mut guest = server.dial().await;
    guest.until_closed().await;
    assert_eq!(guest.close_code, Some(4504));
}

#[tokio::test]
async fn t17_a_silent_client_is_dropped_and_an_answering_one_is_kept() {
    let settings = Settings {
        ping_every: Duration::from_millis(50),
        dead_after: Duration::from_millis(120),
        ..Settings::default()
    };
    let server = Server::with(settings).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    // Nobody polls this client, so it answers no ping.
    let silent = server.connect(&ana).await;
    let mut answering = server.connect(&ben).await;
    let answers = async {
        while server.realtime.metrics().connections() > 1 {
            assert_eq!(answering.ask(json!({"type": "ack", "cursors": []})).await["type"], "ok");
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), answers).await.expect("the silent client is still there");
    drop(silent);
    assert_eq!(answering.ask(json!({"type": "ack", "cursors": []})).await["type"], "ok");
}

#[tokio::test]
async fn r08_one_who_does_not_read_is_closed_and_misses_nothing_after_coming_back() {
    let server =
        Server::with(Settings { blocked_for: Duration::from_millis(200), ..Settings::default() }).await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let mut slow = server.dial_as(Some(ben.authenticated()), 4_096).await;
    let start = slow.hello(&[]).await["conversations"][0]["last_seq"].as_u64().unwrap();
    let mut healthy = server.connect(&ben).await;
    let body = "x".repeat(500);
    for _ in 0..40 {
        server.post(&ana, server.lobby(), &body).await;
        healthy.next("entry").await;
    }
    while server.realtime.metrics().too_slow.get() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // It hears why, as soon as it reads again.
    slow.until_closed().await;
    assert_eq!(slow.close_code, Some(4408));
    let mut back = server.resume(&ben, &[(server.lobby(), start)]).await;
    for _ in 0..40 {
        back.next("entry").await;
    }
}

#[tokio::test]
async fn commands_beyond_the_rate_are_answered_and_abuse_is_closed() {
    let server = Server::new().await;
    let ana = server.person("ana").await;
    let mut client = server.connect(&ana).await;
    for _ in 0..400 {
        client.send(json!({"type": "presence", "state": "online"})).await;
    }
    let frames = client.until_closed().await;
    let refused = frames.iter().filter(|frame| frame["code"] == "rate_limited").count();
    assert!(refused >= 200, "{refused}");
    assert_eq!(client.close_code, Some(4413));
}
