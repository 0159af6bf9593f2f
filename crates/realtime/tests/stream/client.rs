use std::collections::{HashMap, VecDeque};
use std::sync::LazyLock;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use jsonschema::Validator;
use parlor_domain::ConversationId;
use serde_json::{Value, json};
use tokio::io::DuplexStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use uuid::Uuid;

static FRAMES: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&parlor_realtime::frames::schema()["server"]).unwrap());

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client that keeps the frames it did not ask for, and checks every log it sees.
pub struct Client {
    socket: WebSocketStream<DuplexStream>,
    next_id: u64,
    kept: VecDeque<Value>,
    /// The next entry of each conversation.
    next_seq: HashMap<String, u64>,
    pub close_code: Option<u16>,
}

impl Client {
    pub async fn new(stream: DuplexStream) -> Self {
        let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
        Self { socket, next_id: 1, kept: VecDeque::new(), next_seq: HashMap::new(), close_code: None }
    }

    /// Sends a frame, and returns its id.
    pub async fn send(&mut self, mut frame: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        frame["id"] = json!(id);
        self.send_raw(Message::text(frame.to_string())).await;
        id
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.socket.send(message).await.unwrap();
    }

    /// Sends a frame and waits for its answer; what comes in between is kept.
    pub async fn ask(&mut self, frame: Value) -> Value {
        let id = self.send(frame).await;
        self.answer(id).await
    }

    pub async fn answer(&mut self, id: u64) -> Value {
        self.find(|frame| frame["re"] == json!(id)).await
    }

    pub async fn hello(&mut self, cursors: &[(ConversationId, u64)]) -> Value {
        let list: Vec<_> = cursors.iter().map(|(id, seq)| json!([id.as_uuid(), seq])).collect();
        let ready = self.ask(json!({"type": "hello", "cursors": list})).await;
        assert_eq!(ready["type"], "ready", "{ready}");
        for (id, seq) in cursors {
            self.next_seq.insert(id.to_string(), seq + 1);
        }
        ready
    }

    /// The next frame of this type; others are kept.
    pub async fn next(&mut self, kind: &str) -> Value {
        self.find(|frame| frame["type"] == kind).await
    }

    pub async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(place) = self.kept.iter().position(&wanted) {
            return self.kept.remove(place).unwrap();
        }
        loop {
            let frame = self
                .receive()
                .await
                .unwrap_or_else(|| panic!("closed with {:?}; kept {:?}", self.close_code, self.kept));
            if wanted(&frame) {
                return frame;
            }
            self.kept.push_back(frame);
        }
    }

    /// The next frame as it comes; `None` when the connection is closed.
    pub async fn receive(&mut self) -> Option<Value> {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("nothing came")?;
            match message {
                Ok(Message::Text(text)) => {
                    let frame: Value = serde_json::from_str(text.as_str()).unwrap();
                    assert!(FRAMES.is_valid(&frame), "{frame} is not in the schema");
                    self.check(&frame);
                    return Some(frame);
                }
                Ok(Message::Close(close)) => self.close_code = close.map(|close| close.code.into()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// Everything until the connection is closed, the frames kept before first.
    pub async fn until_closed(&mut self) -> Vec<Value> {
        let mut frames: Vec<_> = self.kept.drain(..).collect();
        while let Some(frame) = self.receive().await {
            frames.push(frame);
        }
        frames
    }

    /// The frames of this type that came so far, without waiting: everything that was sent before
    /// the answer to a new question has arrived with it.
    pub async fn so_far(&mut self, kind: &str) -> Vec<Value> {
        self.ask(json!({"type": "ack", "cursors": []})).await;
        let (wanted, others): (Vec<_>, Vec<_>) = self.kept.drain(..).partition(|frame| frame["type"] == kind);
        self.kept = others.into();
        wanted
    }

    /// The gap check that every client makes.
    fn check(&mut self, frame: &Value) {
        let id = || frame["conversation"].as_str().unwrap_or_default().to_owned();
        match frame["type"].as_str().unwrap() {
            "entry" => {
                let seq = frame["seq"].as_u64().unwrap();
                let next = self.next_seq.entry(id()).or_insert(seq);
                assert_eq!(seq, *next, "a gap or a repeat in {}", id());
                *next += 1;
            }
            "reset" => {
                self.next_seq.insert(id(), frame["last_seq"].as_u64().unwrap() + 1);
            }
            "conversation.removed" => {
                self.next_seq.insert(id(), u64::MAX);
            }
            "conversation.added" => {
                let shown = &frame["conversation"];
                let id = shown["id"].as_str().unwrap().to_owned();
                self.next_seq.insert(id, shown["last_seq"].as_u64().unwrap() + 1);
            }
            _ => {}
        }
    }

    pub async fn post(&mut self, conversation: ConversationId, body: &str) -> Value {
        let id = self.start_post(conversation, body).await;
        self.answer(id).await
    }

    pub async fn start_post(&mut self, conversation: ConversationId, body: &str) -> u64 {
        let client_id = Uuid::from_u128(u128::from(self.next_id) << 64 | u128::from(rand_of(body)));
        let conversation = conversation.as_uuid();
        self.send(json!({"type": "message.send", "conversation": conversation, "client_id": client_id, "body": body})).await
    }

    pub async fn acknowledge(&mut self, conversation: ConversationId, seq: u64) -> Value {
        self.ask(json!({"type": "ack", "cursors": [[conversation.as_uuid(), seq]]})).await
    }

    /// Goes away without a word.
    pub fn vanish(self) {
        drop(self);
    }
}

/// A number that differs between texts.
fn rand_of(text: &str) -> u64 {
    text.bytes().fold(7, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)))
}
