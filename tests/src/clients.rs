//! Clients that do what the protocol asks of them: send until there is an answer, and continue
//! from where they were.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Opening, Socket, id_of, new_id};

/// How long a client goes on trying to reach the server.
const PATIENCE: Duration = Duration::from_mins(2);

/// The pause before a client tries again to connect.
const PAUSE: Duration = Duration::from_millis(10);

/// Where and as whom to connect.
#[derive(Debug, Clone)]
pub struct Link {
    /// The server's address, or a proxy's.
    pub address: SocketAddr,
    /// The access token of the session.
    pub access_token: String,
}

impl Link {
    /// Connects, as often as it takes.
    async fn connect(&self, deadline: Instant) -> Socket {
        loop {
            match Socket::try_open(self.address, &Opening::bearer(&self.access_token)).await {
                Ok(socket) => return socket,
                // Only a refusal that will not change ends the tries.
                Err(refusal) if matches!(refusal.status, 400..=499) => panic!("refused: {refusal:?}"),
                Err(_) => assert!(Instant::now() < deadline, "{} cannot be reached", self.address),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// A message that was answered with "stored".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Where.
    pub conversation: Uuid,
    /// The id the client gave it.
    pub client_id: Uuid,
    /// Its place in the log, as the answer said.
    pub seq: u64,
    /// Its id, as the answer said.
    pub message_id: Uuid,
    /// Whether the answer said that an earlier try had stored it.
    pub duplicate: bool,
}

/// Somebody who sends messages until each of them is answered.
#[derive(Debug)]
pub struct Sender {
    link: Link,
    /// How many may be on their way at once.
    in_flight: usize,
    outbox: VecDeque<(Uuid, Uuid)>,
    /// What was answered, in the order of the answers.
    pub sent: Vec<Sent>,
}

impl Sender {
    /// Sends through this link, so many at once.
    pub fn new(link: Link, in_flight: usize) -> Self {
        Self { link, in_flight, outbox: VecDeque::new(), sent: Vec::new() }
    }

    /// Puts so many messages in the outbox, round robin over the conversations.
    #[must_use]
    pub fn with(mut self, conversations: &[Uuid], count: usize) -> Self {
        self.outbox.extend(
            conversations.iter().copied().cycle().take(count).map(|conversation| (conversation, new_id())),
        );
        self
    }

    /// The client ids in the order in which they will be sent.
    pub fn order(&self) -> Vec<Uuid> {
        self.outbox.iter().map(|(_, client_id)| *client_id).collect()
    }

    /// Sends everything, over as many connections as it takes.
    pub async fn run(mut self) -> Self {
        let deadline = Instant::now() + PATIENCE;
        while !self.outbox.is_empty() {
            let socket = self.link.connect(deadline).await;
            self.send_over(socket).await;
            assert!(Instant::now() < deadline, "{} messages were not answered", self.outbox.len());
        }
        self
    }

    /// Sends until the outbox is empty or the connection is lost; what was not answered stays.
    async fn send_over(&mut self, mut socket: Socket) {
        let mut waiting: BTreeMap<u64, (Uuid, Uuid)> = BTreeMap::new();
        let mut unsent = std::mem::take(&mut self.outbox);
        while !(unsent.is_empty() && waiting.is_empty()) {
            while waiting.len() < self.in_flight
                && let Some((conversation, client_id)) = unsent.pop_front()
            {
                let body = client_id.to_string();
                let fields = json!({"conversation": conversation, "client_id": client_id, "body": body});
                waiting.insert(socket.send("message.send", fields).await, (conversation, client_id));
            }
            let Some(frame) = socket.next().await else { break };
            let Some(message) = frame["re"].as_u64().and_then(|id| waiting.remove(&id)) else { continue };
            if frame["type"] == "ok" {
                self.sent.push(sent(message, &frame));
            } else {
                assert_eq!(frame["retryable"], true, "{frame}");
                unsent.push_back(message);
            }
        }
        // In the order in which they were sent, before those that were not.
        self.outbox = waiting.into_values().chain(unsent).collect();
    }
}

fn sent((conversation, client_id): (Uuid, Uuid), answer: &Value) -> Sent {
    Sent {
        conversation,
        client_id,
        seq: answer["seq"].as_u64().unwrap(),
        message_id: id_of(&answer["message_id"]),
        duplicate: answer["duplicate"] == true,
    }
}

/// An entry that reached a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Where.
    pub conversation: Uuid,
    /// Its place.
    pub seq: u64,
    /// The client id, when it is a message.
    pub client_id: Option<Uuid>,
}

/// Somebody who follows conversations, over as many connections as it takes.
#[derive(Debug)]
pub struct Listener {
    link: Link,
    cursors: BTreeMap<Uuid, u64>,
    /// Everything that came in, in this order.
    pub heard: Vec<Heard>,
    /// How often a connection was made.
    pub connections: usize,
    epoch: Option<Value>,
}

impl Listener {
    /// Follows these conversations from their beginning.
    pub fn new(link: Link, conversations: &[Uuid]) -> Self {
        let cursors = conversations.iter().map(|conversation| (*conversation, 0)).collect();
        Self { link, cursors, heard: Vec::new(), connections: 0, epoch: None }
    }

    /// Listens until it has come as far as `ends` says, once that says anything.
    pub async fn run(mut self, mut ends: watch::Receiver<Option<BTreeMap<Uuid, u64>>>) -> Self {
        let deadline = Instant::now() + PATIENCE;
        while !self.has_reached(&mut ends) {
            assert!(Instant::now() < deadline, "a listener came only to {:?}", self.cursors);
            let mut socket = self.link.connect(deadline).await;
            self.connections += 1;
            socket.acknowledge();
            let cursors: Vec<_> =
                self.cursors.iter().map(|(conversation, seq)| json!([conversation, seq])).collect();
            let mut hello = json!({"cursors": cursors});
            if let Some(epoch) = &self.epoch {
                hello["epoch"] = epoch.clone();
            }
            socket.send("hello", hello).await;
            loop {
                tokio::select! {
                    frame = socket.next_within(PATIENCE) => match frame {
                        Some(frame) => self.take(&frame),
                        None => break,
                    },
                    _ = ends.changed() => {}
                }
                if self.has_reached(&mut ends) {
                    break;
                }
            }
        }
        self
    }

    fn take(&mut self, frame: &Value) {
        match frame["type"].as_str().unwrap() {
            "ready" => self.epoch = Some(frame["epoch"].clone()),
            "entry" => {
                let (conversation, seq) = (id_of(&frame["conversation"]), frame["seq"].as_u64().unwrap());
                let client_id = frame["message"].get("client_id").map(id_of);
                if let Some(cursor) = self.cursors.get_mut(&conversation) {
                    *cursor = seq;
                    self.heard.push(Heard { conversation, seq, client_id });
                }
            }
            "reset" | "error" => panic!("a listener that was never far behind got {frame}"),
            _ => {}
        }
    }

    fn has_reached(&self, ends: &mut watch::Receiver<Option<BTreeMap<Uuid, u64>>>) -> bool {
        let ends = ends.borrow_and_update();
        ends.as_ref().is_some_and(|ends| {
            self.cursors.iter().all(|(conversation, seq)| ends.get(conversation).is_none_or(|end| seq >= end))
        })
    }
}
