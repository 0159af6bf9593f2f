//! the machine's clock is set by an hour while the server runs.

use std::time::{Duration, Instant};

use parlor_tests::{
    Checker, Listener, PASSWORD, Person, Sender, Server, WrongClock, apart, eventually, new_id,
};
use serde_json::{Value, json};
use tokio::sync::watch;

/// How far bans and tokens may be off.
const NEAR: Duration = Duration::from_mins(1);

/// Waits until what the server writes into its log has another hour.
async fn shows(server: &Server, person: &Person, hours: i64, since: &Value) {
    eventually("the server's machine has another time", async || {
        person.get("/users/me").await.expect(200);
        let events = server.log().events();
        ((apart(&events.last()?["timestamp"], since) + 1_800) / 3_600 == hours).then_some(())
    })
    .await;
}

/// Puts somebody out for so many seconds from `now` on, an expression.
fn ban(server: &Server, person: &Person, now: &str, seconds: u32) {
    let literal = |id: uuid::Uuid| {
        if now.contains("unixepoch") { format!("x'{}'", id.simple()) } else { format!("'{id}'::uuid") }
    };
    let (user, ban) = (literal(person.id), literal(new_id()));
    server.sql(&format!(
        "INSERT INTO ban (id, user_id, reason, issued_by, issued_at, until)
        VALUES ({ban}, {user}, 'spam', {user}, {now}, {now} + {seconds}000)"
    ));
}

/// Whether somebody is refused because of a ban.
async fn is_banned(server: &Server, login: &str) -> bool {
    let body = json!({"login": login, "password": PASSWORD});
    let answer = server.api().post("/auth/login", body).await;
    match answer.status {
        200 => false,
        _ => answer.refused(403, "banned").is_object(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r17_a_clock_that_jumps_by_an_hour_changes_neither_order_nor_resume_nor_who_may_come_in() {
    let clock = WrongClock::off_by("+0");
    let mut server = Server::fresh_under(&clock.wrapper(), &[]).await;
    server.set_up().await;
    let now = match server.setting("PARLOR_DATABASE_URL") {
        Some(_) => "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
        None => "unixepoch() * 1000",
    };
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = ana.direct_with(&bob).await;
    let first = ana.say(id, "before").await["created_at"].clone();
    let (ends, receiver) = watch::channel(None);
    let listening = tokio::spawn(Listener::new(bob.link(), &[id]).run(receiver));
    let socket = bob.connect().await;
    socket.acknowledge();
    let mut sent = Vec::new();
    for (round, (offset, hours)) in [("+1h", 1), ("-1h", 1), ("+0", 0)].into_iter().enumerate() {
        let seen = ana.conversation(id).await["last_seq"].as_u64().unwrap();
        let sending = tokio::spawn(Sender::new(ana.link(), 4).with(&[id], 400).run());
        eventually("the load goes on", async || {
            (ana.conversation(id).await["last_seq"].as_u64().unwrap() > seen + 20).then_some(())
        })
        .await;
        let guest = server.person(&format!("guest{round}")).await;
        ban(&server, &guest, now, 4);
        let banned = Instant::now();
        clock.set(offset);
        // The tokens from before the jump are good, and so is a session that was idle meanwhile.
        shows(&server, &ana, hours, &first).await;
        sent.extend(sending.await.unwrap().sent);
        bob.get("/users/me").await.expect(200);
        let later = bob.another_device().await;
        later.get("/users/me").await.expect(200);
        // A ban lasts as long as it was meant to.
        assert!(is_banned(&server, &guest.username).await || banned.elapsed() > Duration::from_secs(3));
        eventually("the ban is over", async || (!is_banned(&server, &guest.username).await).then_some(()))
            .await;
        assert!(banned.elapsed() < NEAR);
        // Whoever comes back goes on where they were.
        let resumed = later.open_stream().await;
        resumed.acknowledge();
        resumed.hello(json!({"cursors": [[id, seen]]})).await;
        let receipt = ana.say(id, "after a jump").await;
        let last = receipt["seq"].as_u64().unwrap();
        resumed.entry(id, last).await;
        let entries = resumed.frames_of("entry");
        let heard = entries.iter().map(|entry| entry["seq"].as_u64().unwrap());
        assert!(heard.eq(seen + 1..=last), "{entries:?}");
        assert!(apart(&receipt["created_at"], &first) < 60, "{first} {receipt}");
    }
    let checker = Checker::read(&ana, &[id]).await;
    checker.stored(&sent);
    ends.send_replace(Some(checker.ends()));
    let listener = listening.await.unwrap();
    assert_eq!(listener.connections, 1, "the jump closed a socket");
    checker.heard_everything(&listener.heard);
}
