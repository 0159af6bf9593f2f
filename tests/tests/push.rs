//! What devices are told of while the page is closed.

use std::time::SystemTime;

use parlor_tests::{BOUND, Person, PushBrowser, PushService, Server, eventually};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use uuid::Uuid;

const PATH: &str = "/notifications/push";

/// Push services of these tests are on this machine.
const HERE: (&str, &str) = ("PARLOR_PUSH_ALLOW_LOCAL_SERVICES", "true");

struct World {
    server: Server,
    service: PushService,
    ana: Person,
    ben: Person,
    direct: Uuid,
    browser: PushBrowser,
}

impl World {
    /// Ben has a browser that is told.
    async fn start() -> Self {
        let server = Server::start_with(&[HERE]).await;
        let service = PushService::start().await;
        let (ana, ben) = (server.person("ana").await, server.person("ben").await);
        let (direct, browser) = (ana.direct_with(&ben).await, service.browser());
        ben.put(PATH, browser.subscription()).await.expect(204);
        Self { server, service, ana, ben, direct, browser }
    }
}

/// Ends the server in order, and starts it again.
async fn restart(server: &mut Server) {
    server.terminate();
    server.ended(BOUND).await;
    server.restart().await;
}

async fn endpoint(person: &Person) -> Value {
    person.get(PATH).await.expect(200)["endpoint"].clone()
}

fn settings(preview: bool) -> Value {
    json!({"off": [], "quiet_hours": null, "sound": true, "badge": true, "preview": preview})
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the server under test goes by the machine's clock")]
async fn a_device_is_told_in_secret_and_by_a_server_that_says_who_it_is() {
    let World { server: _server, service, ana, ben, direct, browser } = World::start().await;
    let state = ben.get(PATH).await.expect(200);
    assert_eq!(state["endpoint"], browser.endpoint);
    let sent = ana.say(direct, "Soup?").await;
    let pushed = service.wait(&browser, 1).await;
    let told = browser.read(&pushed);
    assert_eq!((&told["conversation"], &told["seq"]), (&json!(direct), &sent["seq"]));
    let words =
        json!({"kind": null, "actor": "ana", "group": null, "role": null, "reactions": [], "text": "Soup?"});
    assert_eq!(told["words"], words);
    assert_eq!((pushed.header("ttl"), pushed.header("urgency")), ("86400", "high"));
    assert_eq!(pushed.header("topic").len(), 32);

    let claims = pushed.claims(state["public_key"].as_str().unwrap());
    assert_eq!(claims["aud"], browser.endpoint.split("/push/").next().unwrap());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let ends = claims["exp"].as_u64().unwrap();
    assert!((now..now + 86_400).contains(&ends), "{ends}");
}

#[tokio::test]
async fn the_key_stays_the_same_over_a_restart() {
    let mut world = World::start().await;
    let before = world.ben.get(PATH).await.expect(200);
    restart(&mut world.server).await;
    let ben = world.ben.through(world.server.address());
    assert_eq!(ben.get(PATH).await.expect(200), before);
}

#[tokio::test]
async fn what_waits_is_told_before_the_server_ends() {
    let mut world = World::start().await;
    world.ana.say(world.direct, "the last word").await;
    world.server.terminate();
    world.server.ended(BOUND).await;
    let pushed = world.service.pushed_to(&world.browser);
    assert_eq!(world.browser.read(&pushed[0])["words"]["text"], "the last word");
}

#[tokio::test]
async fn what_was_read_elsewhere_is_not_told() {
    let World { server: _server, service, ana, ben, direct, browser } = World::start().await;
    let group = ana.create_group("Kitchen", "private", &[&ben]).await;
    // That he was brought in is told.
    assert_eq!(browser.read(&service.wait(&browser, 1).await)["words"]["kind"], "added");
    let sent = ana.say(direct, "read at once").await;
    ben.another_device()
        .await
        .put(&format!("/conversations/{direct}/read"), json!({"seq": sent["seq"]}))
        .await
        .expect(200);
    ana.say(group, "not read").await;
    let told = browser.read(&service.wait(&browser, 2).await);
    let words = &told["words"];
    assert_eq!((&words["text"], &words["group"]), (&json!("not read"), &json!("Kitchen")));
    assert_eq!(service.pushed_to(&browser).len(), 2);
}

#[tokio::test]
async fn hidden_texts_do_not_leave_the_server() {
    let World { server: _server, service, ana, ben, direct, browser } = World::start().await;
    ben.put("/notifications/settings", settings(false)).await.expect(200);
    ana.say(direct, "a secret").await;
    let told = browser.read(&service.wait(&browser, 1).await);
    assert_eq!(told["words"], Value::Null);
    assert_eq!((&told["conversation"], told.to_string().contains("ana")), (&json!(direct), false));
}

#[tokio::test]
async fn a_device_that_signs_out_or_unsubscribes_is_not_told() {
    let World { server: _server, service, ana, ben, direct, browser } = World::start().await;
    let (other, third) = (ben.another_device().await, ben.another_device().await);
    let (others, thirds) = (service.browser(), service.browser());
    other.put(PATH, others.subscription()).await.expect(204);
    third.put(PATH, thirds.subscription()).await.expect(204);
    assert_eq!(endpoint(&ben).await, browser.endpoint, "each device has its own");
    ben.post("/auth/logout", Value::Null).await.expect(204);
    third.delete(PATH).await.expect(204);
    assert_eq!(endpoint(&third).await, Value::Null);
    for number in 1..=2 {
        ana.say(direct, "hello").await;
        service.wait(&others, number).await;
    }
    assert!(service.pushed_to(&browser).is_empty() && service.pushed_to(&thirds).is_empty());
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_dropped() {
    let World { server: _server, service, ana, ben, direct, browser } = World::start().await;
    service.answer(&["410 Gone"]);
    ana.say(direct, "hello").await;
    service.wait(&browser, 1).await;
    eventually("the subscription is dropped", async || endpoint(&ben).await.is_null().then_some(())).await;
}

#[tokio::test]
async fn a_push_is_tried_again_when_the_service_is_busy() {
    let World { server: _server, service, ana, ben, direct, browser } = World::start().await;
    service.answer(&["503 Service Unavailable\r\nretry-after: 1", "429 Too Many Requests\r\nretry-after: 1"]);
    ana.say(direct, "hello").await;
    let pushed = service.wait(&browser, 3).await;
    assert_eq!(browser.read(&pushed)["words"]["text"], "hello");
    assert_eq!(endpoint(&ben).await, browser.endpoint);
}

#[tokio::test]
async fn t21_the_server_connects_to_nothing_inside() {
    let server = Server::start().await;
    let (ana, ben) = (server.person("ana").await, server.person("ben").await);
    let direct = ana.direct_with(&ben).await;
    let inside = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = inside.local_addr().unwrap().port();
    let service = PushService::start().await;
    let at = |endpoint: &str| {
        let mut form = service.browser().subscription();
        form["endpoint"] = json!(endpoint);
        form
    };
    for endpoint in [
        format!("http://127.0.0.1:{port}/x"),
        format!("https://127.0.0.1:{port}/x"),
        format!("https://[::1]:{port}/x"),
        format!("https://[::ffff:127.0.0.1]:{port}/x"),
        "https://10.0.0.1/x".into(),
        "https://169.254.169.254/latest/meta-data".into(),
        "http://push.example.org/x".into(),
        "file:///etc/passwd".into(),
    ] {
        let problem = ben.put(PATH, at(&endpoint)).await.refused(422, "invalid_fields");
        assert_eq!(parlor_tests::Answer::fields(&problem), ["endpoint"], "{endpoint}");
    }
    // Where names lead is known when something is sent.
    for name in ["localhost", "2130706433"] {
        ben.put(PATH, at(&format!("https://{name}:{port}/x"))).await.expect(204);
        ana.say(direct, "hello").await;
        eventually("it is dropped", async || endpoint(&ben).await.is_null().then_some(())).await;
    }
    let nobody = tokio::time::timeout(std::time::Duration::ZERO, inside.accept()).await;
    assert!(nobody.is_err(), "the server connected");
}

#[tokio::test]
async fn bad_keys_are_refused_and_a_browser_belongs_to_who_used_it_last() {
    let World { server: _server, service, ana, ben, browser, .. } = World::start().await;
    let good = browser.subscription();
    for (key, bad) in [("p256dh", "AAAA"), ("p256dh", "!"), ("auth", "AAAA"), ("auth", "")] {
        let mut form = good.clone();
        form["keys"][key] = json!(bad);
        ben.put(PATH, form).await.refused(422, "invalid_fields");
    }
    ana.put(PATH, good).await.expect(204);
    assert_eq!((endpoint(&ana).await, endpoint(&ben).await), (json!(browser.endpoint), Value::Null));
    drop(service);
}

#[tokio::test]
async fn a_server_that_is_not_to_push_does_not() {
    let mut world = World::start().await;
    world.server.set("PARLOR_PUSH_ENABLED", "false");
    restart(&mut world.server).await;
    let (ana, ben) = (world.ana.through(world.server.address()), world.ben.through(world.server.address()));
    let state = ben.get(PATH).await.expect(200);
    assert_eq!((&state["public_key"], &state["endpoint"]), (&Value::Null, &json!(world.browser.endpoint)));
    ben.put(PATH, world.browser.subscription()).await.refused(409, "push_off");
    ana.say(world.direct, "hello").await;
    // What happened before the server pushes again is not told then.
    world.server.set("PARLOR_PUSH_ENABLED", "true");
    restart(&mut world.server).await;
    world.ana.through(world.server.address()).say(world.direct, "again").await;
    let told = world.browser.read(&world.service.wait(&world.browser, 1).await);
    assert_eq!(told["words"]["text"], "again");
}

#[tokio::test]
async fn of_several_nodes_one_tells() {
    let one = Server::first_of_several(&[HERE]).await;
    let other = Server::beside(&one, &[]).await;
    let service = PushService::start().await;
    let (ana, ben) = (one.person("ana").await, one.person("ben").await);
    let (direct, browser) = (ana.direct_with(&ben).await, service.browser());
    let there = ben.through(other.address());
    let state = there.get(PATH).await.expect(200);
    assert_eq!(state["public_key"], ben.get(PATH).await.expect(200)["public_key"], "they share the key");
    there.put(PATH, browser.subscription()).await.expect(204);
    for (number, from) in [(1, &ana), (2, &ana.through(other.address())), (3, &ana)] {
        from.say(direct, &number.to_string()).await;
        let told = browser.read(&service.wait(&browser, number).await);
        assert_eq!(told["words"]["text"], number.to_string());
    }
    assert_eq!(service.pushed_to(&browser).len(), 3);
}
