//! Outgoing webhooks, with receivers on this machine.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use parlor_tests::{BOUND, Person, Received, Receiver, Server, eventually, id_of};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::net::TcpListener;
use uuid::Uuid;

/// Receivers of these tests are on this machine.
const HERE: (&str, &str) = ("PARLOR_WEBHOOKS_INSIDE_HOSTS", "127.0.0.1");

const PATH: &str = "/hooks/tickets";

struct World {
    server: Server,
    receiver: Receiver,
    ana: Person,
    group: Uuid,
    hook: Uuid,
    secret: String,
}

impl World {
    /// Ana has a group with a bot in it, whose webhook tells of messages, changes of them and members.
    async fn start() -> Self {
        Self::on(Server::start_with(&[HERE]).await).await
    }

    async fn on(server: Server) -> Self {
        let receiver = Receiver::start("204 No Content").await;
        let ana = server.person("ana").await;
        let bot = json!({"username": "robot", "name": "Robot"});
        let bot = id_of(&server.admin().post("/admin/bots", bot).await.expect(201)["id"]);
        let group = ana.create_group("Tickets", "private", &[]).await;
        ana.put(&format!("/groups/{group}/members/{bot}"), json!({})).await;
        let made = make(server.admin(), bot, &format!("{}{PATH}", receiver.origin())).await;
        let secret = made["secret"].as_str().unwrap().to_owned();
        Self { hook: id_of(&made["webhook"]["id"]), server, receiver, ana, group, secret }
    }

    fn admin(&self) -> &Person {
        self.server.admin()
    }

    fn path(&self, rest: &str) -> String {
        format!("/admin/outgoing-webhooks/{}{rest}", self.hook)
    }

    async fn webhook(&self) -> Value {
        self.admin().get(&self.path("")).await.expect(200)
    }

    async fn deliveries(&self) -> Vec<Value> {
        self.admin().get(&self.path("/deliveries")).await.expect(200)["items"].as_array().unwrap().clone()
    }

    /// What the receiver got so far: the texts of messages.
    fn texts(&self) -> Vec<String> {
        self.receiver.received(PATH).iter().filter_map(|received| text(&read(received))).collect()
    }
}

async fn make(admin: &Person, bot: Uuid, url: &str) -> Value {
    let events = ["message.posted", "message.edited", "message.deleted", "reaction.added", "member.joined"];
    let form = json!({"name": "tickets", "url": url, "events": events});
    admin.post(&format!("/admin/bots/{bot}/outgoing-webhooks"), form).await.expect(201)
}

fn read(received: &Received) -> Value {
    serde_json::from_slice(&received.body).unwrap()
}

fn text(told: &Value) -> Option<String> {
    told["data"]["message"]["body"].as_str().map(ToOwned::to_owned)
}

/// Whether one of the signatures is made with this secret.
fn is_signed(received: &Received, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let head = format!("{}.{}.", received.header("webhook-id"), received.header("webhook-timestamp"));
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(head).chain_update(&received.body);
    let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
    received.header("webhook-signature").split(' ').any(|signature| signature == expected)
}

#[tokio::test]
async fn what_happens_is_told_in_order_signed_and_in_the_shapes_of_the_api() {
    let world = World::start().await;
    let (ana, group) = (&world.ana, world.group);
    let direct = ana.direct_with(ana).await;
    ana.say(direct, "a note").await;
    let sent = ana.say(group, "printer on fire").await;
    let message = id_of(&sent["message_id"]);
    ana.patch(&format!("/messages/{message}"), json!({"body": "printer on **fire**"})).await.expect(200);
    ana.put(&format!("/messages/{message}/reactions/%F0%9F%91%8D"), Value::Null).await.expect(200);
    let ben = world.server.person("ben").await;
    ana.put(&format!("/groups/{group}/members/{}", ben.id), json!({})).await;
    let told = eventually("all of it", async || {
        let all: Vec<Value> = world.receiver.received(PATH).iter().map(read).collect();
        // Ben came into the lobby, too, where the bot is as everybody is.
        let ours = all.into_iter().filter(|told| told["data"]["conversation"] == json!(group));
        Some(ours.collect::<Vec<_>>()).filter(|ours| ours.len() == 4)
    })
    .await;
    let types: Vec<_> = told.iter().map(|told| told["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["message.posted", "message.edited", "reaction.added", "member.joined"]);
    let (posted, edited) = (&told[0], &told[1]);
    assert_eq!((&posted["timestamp"], &posted["data"]["seq"]), (&posted["data"]["created_at"], &sent["seq"]));
    assert_eq!(
        (&posted["data"]["actor"], &posted["data"]["message"]["id"]),
        (&json!(ana.id), &json!(message))
    );
    assert_eq!(edited["data"]["target"]["body"], "printer on **fire**");
    // As it stands in the log.
    assert_eq!(ana.log_of(group).await.pop().as_ref(), Some(&told[3]["data"]));
    for received in world.receiver.received(PATH) {
        assert!(is_signed(&received, &world.secret));
        assert_eq!(received.header("content-type"), "application/json");
        assert!(!String::from_utf8_lossy(&received.body).contains("a note"));
    }
}

#[tokio::test]
async fn what_was_not_taken_is_sent_again_with_the_same_id_and_nothing_passes_it() {
    let world = World::start().await;
    world.receiver.answer(&["500 Internal Server Error", "503 Service Unavailable\r\nretry-after: 1"]);
    for body in ["one", "two", "three"] {
        world.ana.say(world.group, body).await;
    }
    world.receiver.wait(PATH, 5).await;
    assert_eq!(world.texts(), ["one", "one", "one", "two", "three"]);
    let ids: Vec<_> = world
        .receiver
        .received(PATH)
        .iter()
        .map(|received| received.header("webhook-id").to_owned())
        .collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2] && ids[2] != ids[3]);
    let deliveries = eventually("all are written down", async || {
        let deliveries = world.deliveries().await;
        (deliveries.len() == 5).then_some(deliveries)
    })
    .await;
    let statuses: Vec<_> = deliveries.iter().rev().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [500, 503, 204, 204, 204]);
    assert_eq!((&deliveries[4]["delivered"], &deliveries[4]["message_id"]), (&json!(false), &json!(ids[0])));
    assert_eq!(
        (&world.webhook().await["tries"], &world.webhook().await["failing_since"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn a_server_that_was_killed_goes_on_where_it_was() {
    let mut world = World::start().await;
    world.ana.say(world.group, "one").await;
    world.receiver.wait(PATH, 1).await;
    world.receiver.usually_answer("500 Internal Server Error");
    world.ana.say(world.group, "two").await;
    world.receiver.wait(PATH, 2).await;
    world.ana.say(world.group, "three").await;
    world.server.kill();
    world.receiver.usually_answer("204 No Content");
    world.server.restart().await;
    let texts = eventually("the rest", async || {
        let texts = world.texts();
        texts.iter().any(|text| text == "three").then_some(texts)
    })
    .await;
    let mut once = texts.clone();
    once.dedup();
    assert_eq!(once, ["one", "two", "three"], "{texts:?}");
    assert!(world.receiver.received(PATH).iter().all(|received| is_signed(received, &world.secret)));
}

#[tokio::test]
async fn of_several_nodes_one_delivers_and_another_takes_over() {
    let one = Server::first_of_several(&[HERE]).await;
    let other = Server::beside(&one, &[HERE]).await;
    let mut world = World::on(one).await;
    let there = world.ana.through(other.address());
    let numbers: Vec<String> = (1..=20).map(|number| number.to_string()).collect();
    for (place, number) in numbers.iter().enumerate() {
        let from = if place % 2 == 0 { &world.ana } else { &there };
        from.say(world.group, number).await;
    }
    world.receiver.wait(PATH, 20).await;
    assert_eq!(world.texts(), numbers, "each once, in order");
    world.server.kill();
    there.say(world.group, "after all").await;
    // What the first one had sent and not written down comes once more, several in a row maybe.
    let texts = eventually("the other node goes on", async || {
        let texts = world.texts();
        texts.iter().any(|text| text == "after all").then_some(texts)
    })
    .await;
    let mut heard = HashSet::new();
    let first: Vec<_> = texts.into_iter().filter(|text| heard.insert(text.clone())).collect();
    assert_eq!(first, [numbers, vec!["after all".to_owned()]].concat());
}

#[tokio::test]
async fn a_paused_one_waits_and_goes_on_without_loss() {
    let world = World::start().await;
    let paused = world.admin().put(&world.path("/pause"), Value::Null).await.expect(200);
    assert_eq!(paused["state"], "paused");
    world.ana.say(world.group, "one").await;
    let test = world.admin().post(&world.path("/test"), Value::Null).await.expect(200);
    assert_eq!(
        (&test["delivered"], &test["status"], &test["event"]),
        (&json!(true), &json!(204), &Value::Null)
    );
    let told = read(&world.receiver.wait(PATH, 1).await);
    let data = json!({"webhook": world.hook, "name": "tickets"});
    assert_eq!((&told["type"], &told["data"]), (&json!("test"), &data));
    assert_eq!(world.admin().delete(&world.path("/pause")).await.expect(200)["state"], "active");
    world.ana.say(world.group, "two").await;
    world.receiver.wait(PATH, 3).await;
    assert_eq!(world.texts(), ["one", "two"]);
    world.admin().put(&world.path("/pause"), Value::Null).await.expect(200);
    world.ana.say(world.group, "left out").await;
    world.admin().delete(&world.path("/pause?skip=true")).await.expect(200);
    world.ana.say(world.group, "three").await;
    world.receiver.wait(PATH, 4).await;
    assert_eq!(world.texts(), ["one", "two", "three"]);
}

#[tokio::test]
async fn when_the_receiver_is_gone_admins_are_told_and_it_can_go_on() {
    let world = World::start().await;
    let socket = world.admin().connect().await;
    world.receiver.answer(&["410 Gone"]);
    world.ana.say(world.group, "one").await;
    let told = socket.wait("a notification", |frame| frame["notification"]["kind"] == "webhook_failed").await;
    let webhook = world.webhook().await;
    assert_eq!((&told["notification"]["actor"], &webhook["state"]), (&webhook["bot"], &json!("failed")));
    world.ana.say(world.group, "two").await;
    world.admin().delete(&world.path("/pause")).await.expect(200);
    world.receiver.wait(PATH, 3).await;
    assert_eq!(world.texts(), ["one", "one", "two"]);
}

#[tokio::test]
async fn something_is_sent_once_more_by_hand() {
    let world = World::start().await;
    world.ana.say(world.group, "one").await;
    let first = world.receiver.wait(PATH, 1).await;
    let sent = eventually("it is written down", async || world.deliveries().await.pop()).await;
    let path = world.path(&format!("/deliveries/{}", sent["id"].as_str().unwrap()));
    world.receiver.answer(&["404 Not Found"]);
    let again = world.admin().post(&path, Value::Null).await.expect(200);
    assert_eq!((&again["status"], &again["delivered"]), (&json!(404), &json!(false)));
    assert_eq!(world.admin().post(&path, Value::Null).await.expect(200)["delivered"], true);
    let last = world.receiver.wait(PATH, 3).await;
    assert_eq!((last.header("webhook-id"), read(&last)), (first.header("webhook-id"), read(&first)));
    assert_eq!(world.webhook().await["tries"], 0, "trying by hand does not count");
}

#[tokio::test]
async fn another_secret_takes_over_without_a_gap() {
    let world = World::start().await;
    let made = world.admin().post(&world.path("/secret"), Value::Null).await.expect(200);
    let secret = made["secret"].as_str().unwrap();
    assert_ne!(secret, world.secret);
    assert!(made["webhook"]["previous_signs_until"].is_string());
    world.ana.say(world.group, "one").await;
    let received = world.receiver.wait(PATH, 1).await;
    assert!(is_signed(&received, secret) && is_signed(&received, &world.secret));
}

#[tokio::test]
async fn a_slow_receiver_holds_up_nobody_else() {
    let world = World::start().await;
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let bot = id_of(&world.webhook().await["bot"]);
    let slow = make(world.admin(), bot, &format!("http://{}/x", silent.local_addr().unwrap())).await;
    world.ana.say(world.group, "one").await;
    let (_kept, _) = silent.accept().await.unwrap();
    for number in 2..=5 {
        world.ana.say(world.group, &number.to_string()).await;
        world.receiver.wait(PATH, number).await;
    }
    let slow = format!("/admin/outgoing-webhooks/{}", slow["webhook"]["id"].as_str().unwrap());
    assert_eq!(world.admin().get(&slow).await.expect(200)["tries"], 0, "it is still being waited for");
}

#[tokio::test]
async fn t21_no_webhook_leads_inside() {
    let server = Server::start().await;
    let (admin, listener) = (server.admin(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    let bot = json!({"username": "robot", "name": "Robot"});
    let bot = id_of(&admin.post("/admin/bots", bot).await.expect(201)["id"]);
    let path = format!("/admin/bots/{bot}/outgoing-webhooks");
    let form = |url: &str| json!({"name": "inside", "url": url, "events": ["message.posted"]});
    for url in [
        format!("http://127.0.0.1:{port}/x"),
        format!("https://127.0.0.1:{port}/x"),
        format!("https://[::1]:{port}/x"),
        format!("http://localhost:{port}/x"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://10.0.0.1/x".to_owned(),
        "http://hooks.example.org/x".to_owned(),
    ] {
        let refused = admin.post(&path, form(&url)).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["field"]), (422, &json!("url")), "{url}");
    }
    // A name is looked at when something is sent.
    let made = admin.post(&path, form(&format!("https://localhost:{port}/x"))).await.expect(201);
    let test = format!("/admin/outgoing-webhooks/{}/test", made["webhook"]["id"].as_str().unwrap());
    let test = admin.post(&test, Value::Null).await.expect(200);
    assert_eq!((&test["delivered"], &test["status"]), (&json!(false), &Value::Null));
    assert!(test["error"].as_str().unwrap().contains("none of the internet's"), "{test}");
    // Nobody came: the first who does is this one.
    let own = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().1, own.local_addr().unwrap());
}

#[tokio::test]
async fn t21_a_redirect_is_not_followed() {
    let world = World::start().await;
    let inside = Receiver::start("204 No Content").await;
    let answer = format!("307 Temporary Redirect\r\nlocation: {}/inside", inside.origin());
    world.receiver.usually_answer(answer.leak());
    let test = world.admin().post(&world.path("/test"), Value::Null).await.expect(200);
    assert_eq!((&test["delivered"], &test["status"]), (&json!(false), &json!(307)));
    assert!(inside.received("/inside").is_empty());
}

#[tokio::test]
async fn a_webhook_is_changed_and_ends_with_its_bot() {
    let mut world = World::start().await;
    let bot = id_of(&world.webhook().await["bot"]);
    let other = world.ana.create_group("Other", "private", &[]).await;
    let url = format!("{}/elsewhere", world.receiver.origin());
    let form =
        |groups: Value| json!({"name": "other", "url": url, "events": ["message.posted"], "groups": groups});
    world.admin().put(&world.path(""), form(json!([other]))).await.refused(409, "bot_not_in_group");
    world.admin().put(&world.path(""), form(json!([]))).await.refused(422, "invalid_fields");
    world.ana.put(&format!("/groups/{other}/members/{bot}"), json!({})).await;
    let changed = world.admin().put(&world.path(""), form(json!([other]))).await.expect(200);
    assert_eq!((&changed["name"], &changed["groups"]), (&json!("other"), &json!([other])));
    world.ana.say(world.group, "not told").await;
    world.ana.say(other, "told").await;
    let received = world.receiver.wait("/elsewhere", 1).await;
    assert_eq!(text(&read(&received)).unwrap(), "told");
    assert!(is_signed(&received, &world.secret));
    // A server that was stopped in order loses nothing either.
    world.server.terminate();
    world.server.ended(BOUND).await;
    world.server.restart().await;
    let ana = world.ana.through(world.server.address());
    ana.say(other, "told, too").await;
    assert_eq!(text(&read(&world.receiver.wait("/elsewhere", 2).await)).unwrap(), "told, too");
    let admin = world.admin().through(world.server.address());
    admin.delete(&format!("/admin/users/{bot}?messages=keep")).await.expect(204);
    assert_eq!(admin.get("/admin/outgoing-webhooks").await.expect(200)["items"], json!([]));
    admin.get(&world.path("")).await.refused(404, "not_found");
}
