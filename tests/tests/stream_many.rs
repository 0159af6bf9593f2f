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
}

impl Lazy {
    async fn connect(person: &Person, cursors: Value) -> Self {
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
        let mut lazy = Self { stream, next_id: 1, seqs: Vec::new(), close_code: None };
        lazy.send(json!({"type": "hello", "cursors": cursors})).await;
        while lazy.read().await.expect("it was closed")["type"] != "ready" {}
        lazy
    }

    async fn send(&mut self, mut frame: Value) {
        frame["id"] = json!(self.next_id);
        self.next_id += 1;
        let sent = self.stream.send(Message::text(frame.to_string()));
        tokio::time::timeout(BOUND, sent).await.expect("the server takes nothing").unwrap();
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

/// Messages of one run: together more than the 2.6 MB that Linux keeps for a socket of the same
/// machine.
const MESSAGES: usize = 160;

impl Talk {
    async fn start() -> Self {
        let settings =
            [("PARLOR_REALTIME_BLOCKED_WRITE_SECONDS", "1"), ("PARLOR_LIMITS_SOCKETS_PER_USER", "2")];
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

    /// Posts in both conversations, and acknowledges the long messages for the one who is
    /// `lazy`, so that it is not the window that holds the server back. Answers the last places.
    async fn talk(&self, lazy: &mut Lazy, reads: bool) -> (u64, u64) {
        let body = long_message();
        let (mut busy, mut long) = (0, 0);
        for number in 0..MESSAGES {
            busy = seq(&self.ana.say(self.busy, &number.to_string()).await);
            long = seq(&self.ana.say(self.long, &body).await);
            if reads {
                lazy.read_up_to(self.long, long).await;
                lazy.acknowledge(self.busy, busy).await;
            }
            lazy.acknowledge(self.long, long).await;
        }
        (busy, long)
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
    let Talk { server, ben, busy, long, .. } = &world;
    // The same with one who reads, so that only what not reading costs is measured.
    let mut diligent = Lazy::connect(&world.ana, json!([])).await;
    let (end, _) = world.talk(&mut diligent, true).await;
    world.everybody_has(end).await;
    diligent.read_up_to(*busy, end).await;
    drop(diligent);
    let mut lazy = Lazy::connect(ben, json!([])).await;
    let _other = ben.connect().await;
    let before = server.resident_kib();

    let (end, long_end) = world.talk(&mut lazy, false).await;
    world.everybody_has(end).await;
    let mut most = server.resident_kib();
    // Its place is free as soon as the server has given it up.
    let in_its_place = eventually("the one who does not read is given up", async || {
        most = most.max(server.resident_kib());
        let mut socket = Socket::try_open(ben.address(), &Opening::bearer(&ben.access_token)).await.ok()?;
        socket.send("hello", json!({})).await;
        let first = socket.next().await;
        first.is_some_and(|frame| frame["type"] == "ready").then_some(socket)
    })
    .await;
    drop(in_its_place);
    let grown = most.saturating_sub(before);
    assert!(grown <= 2 * 1_024, "the server took {grown} KiB more");

    // It hears why, once it reads what was on its way.
    let mut last = Value::Null;
    while let Some(frame) = lazy.read().await {
        last = frame;
    }
    assert_eq!((last["type"].as_str(), last["code"].as_u64()), (Some("bye"), Some(4408)));
    assert_eq!(lazy.close_code, Some(4408));
    let cursors = [(*busy, lazy.newest(*busy)), (*long, lazy.newest(*long))];
    assert!(cursors[1].1 < long_end, "it was given up although it had everything");

    let mut back = Lazy::connect(ben, json!(cursors)).await;
    for (conversation, end) in [(*busy, end), (*long, long_end)] {
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
    for follower in &world.followers {
        let seqs =
            follower.frames_of("entry").into_iter().filter(|frame| frame["conversation"] == busy.to_string());
        is_dense(seqs.map(|frame| frame["seq"].as_u64().unwrap()));
    }
}
