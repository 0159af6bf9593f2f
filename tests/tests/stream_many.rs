//! Many streams at once: what an idle one costs, and what one costs that stops reading.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where it fails")]

use futures_util::future::join_all;
use futures_util::{SinkExt, StreamExt};
use parlor_tests::{BOUND, Opening, Person, Server, Socket, eventually};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f09_two_thousand_idle_streams_take_twenty_kib_each_at_most() {
    const STREAMS: u64 = 2_000;
    // Each is an open file here, too; the server raises its own limit.
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum }).unwrap();
    let server = Server::start().await;
    let people = [server.person("ana").await, server.person("ben").await, server.person("eve").await];
    // What the first streams need once is not counted.
    let first = connect(&people[2], 50).await;
    let before = server.resident_kib();
    let mut streams = Vec::new();
    for person in &people[..2] {
        for _ in 0..20 {
            streams.extend(connect(person, 50).await);
        }
    }
    assert_eq!(streams.len() as u64, STREAMS);
    join_all(streams.iter().map(Socket::settle)).await;
    let grown = server.resident_kib().saturating_sub(before);
    assert!(grown <= 20 * STREAMS, "{STREAMS} idle streams take {grown} KiB");
    drop(first);
}

async fn connect(person: &Person, count: usize) -> Vec<Socket> {
    join_all((0..count).map(|_| person.connect())).await
}

/// What the system takes in for a client that does not read, in bytes.
const RECEIVED: u32 = 65_536;

/// A client of the stream that reads only when it is told to.
struct Lazy {
    stream: WebSocketStream<TcpStream>,
    next_id: u64,
    /// The places of the entries it got, for each conversation.
    seqs: Vec<(String, u64)>,
    close_code: Option<u16>,
    /// The server takes nothing more: it has given this client up already.
    given_up: bool,
}

impl Lazy {
    /// As soon as there is a place for it.
    async fn connect(person: &Person, cursors: Value) -> Self {
        eventually("there is a place", async || Self::try_connect(person, &cursors).await).await
    }

    async fn try_connect(person: &Person, cursors: &Value) -> Option<Self> {
        let url = format!("ws://{}/api/v1/realtime", person.address());
        let mut request = url.into_client_request().unwrap();
        for (name, value) in [
            ("sec-websocket-protocol", "parlor.v1".to_owned()),
            ("authorization", format!("Bearer {}", person.access_token)),
        ] {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        // Of a fixed size, which the system then does not make larger for one who reads fast.
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.set_recv_buffer_size(RECEIVED).unwrap();
        let tcp = tcp.connect(person.address()).await.unwrap();
        let (stream, _) = client_async(request, tcp).await.unwrap();
        let mut lazy = Self { stream, next_id: 1, seqs: Vec::new(), close_code: None, given_up: false };
        lazy.send(json!({"type": "hello", "cursors": cursors})).await;
        while lazy.read().await?["type"] != "ready" {}
        Some(lazy)
    }

    async fn send(&mut self, mut frame: Value) {
        frame["id"] = json!(self.next_id);
        self.next_id += 1;
        let sent = self.stream.send(Message::text(frame.to_string()));
        self.given_up |= tokio::time::timeout(BOUND, sent).await.expect("the server takes nothing").is_err();
    }

    async fn acknowledge(&mut self, conversation: Uuid, seq: u64) {
        self.send(json!({"type": "ack", "cursors": [[conversation, seq]]})).await;
    }

    /// The next frame; `None` when the connection has ended.
    async fn read(&mut self) -> Option<Value> {
        loop {
            match tokio::time::timeout(BOUND, self.stream.next()).await.expect("nothing comes")? {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(&text).unwrap();
                    if frame["type"] == "entry" {
                        let conversation = frame["conversation"].as_str().unwrap().to_owned();
                        self.seqs.push((conversation, frame["seq"].as_u64().unwrap()));
                    }
                    return Some(frame);
                }
                Ok(Message::Close(frame)) => self.close_code = frame.map(|frame| frame.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    async fn read_up_to(&mut self, conversation: Uuid, seq: u64) {
        while self.newest(conversation) < seq {
            self.read().await.expect("it was closed");
        }
    }

    /// The newest place it got, after a look whether one is missing.
    fn newest(&self, conversation: Uuid) -> u64 {
        let conversation = conversation.to_string();
        let seqs = self.seqs.iter().filter(|(id, _)| *id == conversation).map(|(_, seq)| *seq);
        is_dense(seqs)
    }
}

/// The last of these numbers, which must follow each other.
fn is_dense(seqs: impl Iterator<Item = u64>) -> u64 {
    seqs.reduce(|last, seq| {
        assert_eq!(seq, last + 1, "a gap or a repeat");
        seq
    })
    .unwrap_or(0)
}

/// So many of the newest entries of a conversation are kept in memory.
const REMEMBERED: usize = 512;

/// The longest message there is, in bytes.
fn long_message() -> String {
    "\u{1f375}".repeat(8_000)
}

/// A busy conversation that fifty streams follow, and another one with long messages that fills
/// what the system keeps for a socket.
struct Talk {
    server: Server,
    ana: Person,
    ben: Person,
    busy: Uuid,
    long: Uuid,
    followers: Vec<Socket>,
}

/// So many stop reading at once: what one costs is less than what the memory in use goes up and
/// down by itself.
const LAZY: usize = 4;

/// Messages of one run: together more than the 2.6 MB that Linux keeps for a socket of the same
/// machine.
const MESSAGES: usize = 160;

impl Talk {
    async fn start() -> Self {
        let settings =
            [("PARLOR_REALTIME_BLOCKED_WRITE_SECONDS", "1"), ("PARLOR_LIMITS_SOCKETS_PER_USER", "5")];
        let server = Server::start_with(&settings).await;
        let (ana, ben) = (server.person("ana").await, server.person("ben").await);
        let mut people = vec![];
        for number in 0..25 {
            people.push(server.person(&format!("person{number}")).await);
        }
        let mut members: Vec<&Person> = people.iter().collect();
        members.push(&ben);
        let busy = ana.create_group("Busy", "private", &members).await;
        let long = ana.create_group("Long", "private", &[&ben]).await;
        let mut followers = Vec::new();
        for person in &people {
            for _ in 0..2 {
                let socket = person.connect().await;
                socket.acknowledge();
                followers.push(socket);
            }
        }
        // What the server remembers of every conversation is full before anything is measured.
        let body = long_message();
        for _ in 0..REMEMBERED / 32 {
            join_all((0..32).map(|_| ana.say(long, &body))).await;
        }
        Self { server, ana, ben, busy, long, followers }
    }

    async fn lazy(&self) -> Vec<Lazy> {
        join_all((0..LAZY).map(|_| Lazy::connect(&self.ben, json!([])))).await
    }

    /// Posts in both conversations, and acknowledges the long messages for those who are
    /// `lazy`, so that it is not the window that holds the server back. Answers the last places.
    async fn talk(&self, lazy: &mut [Lazy], reads: bool) -> (u64, u64) {
        let body = long_message();
        let (mut busy, mut long) = (0, 0);
        for number in 0..MESSAGES {
            busy = seq(&self.ana.say(self.busy, &number.to_string()).await);
            long = seq(&self.ana.say(self.long, &body).await);
            for one in &mut *lazy {
                if reads {
                    one.read_up_to(self.long, long).await;
                    one.acknowledge(self.busy, busy).await;
                }
                if !one.given_up {
                    one.acknowledge(self.long, long).await;
                }
            }
        }
        (busy, long)
    }

    /// One who was given up at these ends of the two conversations.
    async fn is_told_and_misses_nothing(&self, mut one: Lazy, end: u64, long_end: u64) {
        let (busy, long) = (self.busy, self.long);
        let mut last = Value::Null;
        while let Some(frame) = one.read().await {
            last = frame;
        }
        // The server says goodbye for two seconds; on a busy machine they can be over.
        if let Some(code) = one.close_code {
            assert_eq!((last["type"].as_str(), last["code"].as_u64()), (Some("bye"), Some(4408)));
            assert_eq!(code, 4408);
        }
        let cursors = [(busy, one.newest(busy)), (long, one.newest(long))];
        assert!(cursors[1].1 < long_end, "it was given up although it had everything");

        let mut back = Lazy::connect(&self.ben, json!(cursors)).await;
        for (conversation, end) in [(busy, end), (long, long_end)] {
            while back.newest(conversation) < end {
                let frame = back.read().await.expect("it was closed");
                if frame["type"] == "entry" {
                    let conversation = frame["conversation"].as_str().unwrap().parse().unwrap();
                    back.acknowledge(conversation, frame["seq"].as_u64().unwrap()).await;
                }
            }
        }
        for (conversation, cursor) in cursors {
            let first = back.seqs.iter().find(|(id, _)| *id == conversation.to_string());
            assert!(first.is_none_or(|(_, seq)| *seq == cursor + 1), "there is a gap behind {cursor}");
        }
    }

    async fn everybody_has(&self, seq: u64) {
        for follower in &self.followers {
            follower.entry(self.busy, seq).await;
        }
    }
}

fn seq(receipt: &Value) -> u64 {
    receipt["seq"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r08_one_who_stops_reading_costs_little_and_the_others_nothing() {
    let world = Talk::start().await;
    let Talk { server, ben, busy, .. } = &world;
    // The same with those who read, so that only what not reading costs is measured.
    let mut diligent = world.lazy().await;
    let (end, _) = world.talk(&mut diligent, true).await;
    world.everybody_has(end).await;
    for one in &mut diligent {
        one.read_up_to(*busy, end).await;
    }
    drop(diligent);
    let mut lazy = world.lazy().await;
    let _other = ben.connect().await;
    let before = server.resident_kib();

    let (end, long_end) = world.talk(&mut lazy, false).await;
    world.everybody_has(end).await;
    let mut most = server.resident_kib();
    // Their places are free as soon as the server has given them up.
    let mut in_their_places = Vec::new();
    while in_their_places.len() < LAZY {
        let next = eventually("one who does not read is given up", async || {
            most = most.max(server.resident_kib());
            let mut socket =
                Socket::try_open(ben.address(), &Opening::bearer(&ben.access_token)).await.ok()?;
            socket.send("hello", json!({})).await;
            let first = socket.next().await;
            first.is_some_and(|frame| frame["type"] == "ready").then_some(socket)
        });
        in_their_places.push(next.await);
    }
    drop(in_their_places);
    let grown = most.saturating_sub(before);
    assert!(grown <= 2 * 1_024 * LAZY as u64, "the server took {grown} KiB more for {LAZY}");

    // Each comes back to what it had.
    join_all(lazy.into_iter().map(|one| world.is_told_and_misses_nothing(one, end, long_end))).await;
    for follower in &world.followers {
        let seqs =
            follower.frames_of("entry").into_iter().filter(|frame| frame["conversation"] == busy.to_string());
        is_dense(seqs.map(|frame| frame["seq"].as_u64().unwrap()));
    }
}
