//! The stream, as a program uses it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use uuid::Uuid;

use crate::BOUND;

/// After so many entries an acknowledging socket says how far it has come; less than any window.
const ACK_EVERY: usize = 16;

/// Ids of acknowledgements start here, so that they never meet those of a test's own frames.
const ACK_IDS: u64 = 1 << 40;

/// What a client shows when it opens the stream.
#[derive(Debug, Clone)]
pub struct Opening {
    /// More headers of the request.
    pub headers: Vec<(String, String)>,
    /// The subprotocol it offers.
    pub subprotocol: Option<String>,
}

impl Opening {
    /// Nothing: the first frame has to say who this is.
    pub fn anonymous() -> Self {
        Self { headers: Vec::new(), subprotocol: Some("parlor.v1".into()) }
    }

    /// An access token.
    pub fn bearer(token: &str) -> Self {
        Self::anonymous().with("authorization", &format!("Bearer {token}"))
    }

    /// One more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The server did not open the stream.
#[derive(Debug)]
pub struct Refusal {
    /// The HTTP status; 0 when there was no answer.
    pub status: u16,
    /// The body; null when it was no JSON.
    pub body: Value,
}

/// What has come in so far.
#[derive(Debug, Default)]
struct Inbox {
    frames: Vec<Value>,
    /// The close code; 1006 when the connection was lost without one.
    closed: Option<u16>,
}

/// A client of the stream. A task of its own reads and writes; tests wait for what they need.
#[derive(Debug)]
pub struct Socket {
    outgoing: mpsc::Sender<Message>,
    inbox: Arc<Mutex<Inbox>>,
    changed: watch::Receiver<()>,
    acknowledging: Arc<AtomicBool>,
    next_id: AtomicU64,
    /// How many frames [`Socket::next`] has handed out.
    taken: usize,
}

impl Socket {
    /// Opens the stream.
    pub async fn open(address: SocketAddr, opening: &Opening) -> Self {
        Self::try_open(address, opening)
            .await
            .unwrap_or_else(|refusal| panic!("the stream was not opened: {refusal:?}"))
    }

    /// Opens the stream, or says how the server refused it.
    pub async fn try_open(address: SocketAddr, opening: &Opening) -> Result<Self, Refusal> {
        let lost = || Refusal { status: 0, body: Value::Null };
        let mut request = format!("ws://{address}/api/v1/realtime").into_client_request().unwrap();
        let offered = opening.subprotocol.as_ref().map(|name| ("sec-websocket-protocol", name.as_str()));
        let headers = opening.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in headers.chain(offered) {
            let name: reqwest::header::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let connecting = async {
            let stream = TcpStream::connect(address).await.map_err(|_| lost())?;
            stream.set_nodelay(true).map_err(|_| lost())?;
            client_async(request, stream).await.map_err(|error| match error {
                Error::Http(answer) => Refusal {
                    status: answer.status().as_u16(),
                    body: answer
                        .body()
                        .as_ref()
                        .and_then(|body| serde_json::from_slice(body).ok())
                        .unwrap_or_default(),
                },
                _ => lost(),
            })
        };
        let (stream, _) = tokio::time::timeout(BOUND, connecting).await.map_err(|_| lost())??;
        Ok(Self::over(stream))
    }

    fn over(stream: WebSocketStream<TcpStream>) -> Self {
        let (outgoing, commands) = mpsc::channel(1_024);
        let (announce, changed) = watch::channel(());
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let acknowledging = Arc::new(AtomicBool::new(false));
        tokio::spawn(run(stream, commands, Arc::clone(&inbox), announce, Arc::clone(&acknowledging)));
        Self { outgoing, inbox, changed, acknowledging, next_id: AtomicU64::new(1), taken: 0 }
    }

    /// From now on entries are acknowledged as they come in.
    pub fn acknowledge(&self) {
        self.acknowledging.store(true, Ordering::Relaxed);
    }

    /// Sends a frame and answers its id; a lost connection shows when its answer is waited for.
    pub async fn send(&self, kind: &str, fields: Value) -> u64 {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut frame = fields;
        frame["id"] = json!(id);
        frame["type"] = json!(kind);
        self.send_text(&frame.to_string()).await;
        id
    }

    /// Sends any text as a frame.
    pub async fn send_text(&self, text: &str) {
        self.send_message(Message::text(text)).await;
    }

    /// Sends any message of the WebSocket.
    pub async fn send_message(&self, message: Message) {
        let _ = tokio::time::timeout(BOUND, self.outgoing.send(message)).await;
    }

    /// Sends a frame and waits for what answers it.
    pub async fn request(&self, kind: &str, fields: Value) -> Value {
        let id = self.send(kind, fields).await;
        self.answer(id).await
    }

    /// The answer to the frame with this id.
    pub async fn answer(&self, id: u64) -> Value {
        self.wait(&format!("an answer to {id}"), |frame| frame["re"] == id).await
    }

    /// Sends a frame that must succeed.
    pub async fn done(&self, kind: &str, fields: Value) -> Value {
        let answer = self.request(kind, fields).await;
        assert_eq!(answer["type"], "ok", "{kind}: {answer}");
        answer
    }

    /// Sends a frame that must be refused for this reason.
    pub async fn refused(&self, kind: &str, fields: Value, code: &str) -> Value {
        let answer = self.request(kind, fields).await;
        assert_eq!(
            (answer["type"].as_str(), answer["code"].as_str()),
            (Some("error"), Some(code)),
            "{kind}: {answer}"
        );
        answer
    }

    /// Says hello and answers the `ready`.
    pub async fn hello(&self, fields: Value) -> Value {
        let ready = self.request("hello", fields).await;
        assert_eq!(ready["type"], "ready", "{ready}");
        ready
    }

    /// Posts a message; answers the receipt.
    pub async fn say(&self, conversation: Uuid, body: &str) -> Value {
        let fields = json!({"conversation": conversation, "client_id": crate::new_id(), "body": body});
        self.done("message.send", fields).await
    }

    /// Every frame so far.
    pub fn frames(&self) -> Vec<Value> {
        self.inbox.lock().unwrap().frames.clone()
    }

    /// The frames of one kind so far.
    pub fn frames_of(&self, kind: &str) -> Vec<Value> {
        self.frames().into_iter().filter(|frame| frame["type"] == kind).collect()
    }

    /// How many frames there were so far, to wait only for later ones.
    pub fn mark(&self) -> usize {
        self.inbox.lock().unwrap().frames.len()
    }

    /// The first frame, of all so far or to come, that satisfies a condition.
    pub async fn wait(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        self.wait_after(0, what, is_it).await
    }

    /// The same among the frames after a [`Socket::mark`].
    pub async fn wait_after(&self, mark: usize, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let find = |inbox: &Inbox| inbox.frames.iter().skip(mark).find(|frame| is_it(frame)).cloned();
        match self.find(BOUND, find).await {
            Ok(found) => found,
            Err(why) => panic!("{what}: {why}; there were {:#?}", self.frames()),
        }
    }

    /// The entry of a conversation with this place.
    pub async fn entry(&self, conversation: Uuid, seq: u64) -> Value {
        let conversation = conversation.to_string();
        let is_it = |frame: &Value| {
            frame["type"] == "entry" && frame["conversation"] == conversation.as_str() && frame["seq"] == seq
        };
        self.wait(&format!("entry {seq} of {conversation}"), is_it).await
    }

    /// Waits until the server has answered everything it got before, so that whatever it sent in
    /// between has come in: it answers in order.
    pub async fn settle(&self) {
        self.request("ack", json!({"cursors": []})).await;
    }

    /// The next frame in order; `None` when the connection has ended.
    pub async fn next(&mut self) -> Option<Value> {
        self.next_within(BOUND).await
    }

    /// The same with another bound.
    pub async fn next_within(&mut self, bound: Duration) -> Option<Value> {
        let taken = self.taken;
        let find = |inbox: &Inbox| match (inbox.frames.get(taken), inbox.closed) {
            (Some(frame), _) => Some(Some(frame.clone())),
            (None, Some(_)) => Some(None),
            (None, None) => None,
        };
        let next = self.find(bound, find).await.unwrap_or_else(|why| panic!("the next frame: {why}"));
        self.taken += usize::from(next.is_some());
        next
    }

    /// The close code, once the server has closed the connection.
    pub async fn closed(&self) -> u16 {
        self.closed_within(BOUND).await
    }

    /// The same with another bound.
    pub async fn closed_within(&self, bound: Duration) -> u16 {
        match self.find(bound, |inbox| inbox.closed).await {
            Ok(code) => code,
            Err(why) => panic!("the end of the connection: {why}; there were {:#?}", self.frames()),
        }
    }

    async fn find<T>(&self, bound: Duration, find: impl Fn(&Inbox) -> Option<T>) -> Result<T, String> {
        let mut changed = self.changed.clone();
        let look = async {
            loop {
                changed.mark_unchanged();
                if let Some(found) = find(&self.inbox.lock().unwrap()) {
                    return Ok(found);
                }
                let ended = self.inbox.lock().unwrap().closed;
                if let Some(code) = ended {
                    return Err(format!("the connection ended with {code}"));
                }
                if changed.changed().await.is_err() {
                    // The task has ended; one more look sees what it left.
                    let inbox = self.inbox.lock().unwrap();
                    return find(&inbox)
                        .ok_or_else(|| format!("the connection ended with {:?}", inbox.closed));
                }
            }
        };
        tokio::time::timeout(bound, look).await.unwrap_or_else(|_| Err(format!("not within {bound:?}")))
    }
}

async fn run(
    mut stream: WebSocketStream<TcpStream>,
    mut commands: mpsc::Receiver<Message>,
    inbox: Arc<Mutex<Inbox>>,
    announce: watch::Sender<()>,
    acknowledging: Arc<AtomicBool>,
) {
    let (mut positions, mut unacknowledged, mut acks) = (BTreeMap::new(), 0, ACK_IDS);
    let code = loop {
        let message = tokio::select! {
            command = commands.recv() => {
                // The socket was dropped, or the connection was lost.
                let Some(command) = command else { break 1006 };
                if stream.send(command).await.is_err() { break 1006 }
                continue;
            }
            message = stream.next() => message,
        };
        match message {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(&text)
                    .unwrap_or_else(|_| json!({"type": "not JSON", "text": text.as_str()}));
                if frame["type"] == "entry" {
                    positions.insert(
                        frame["conversation"].to_string(),
                        (frame["conversation"].clone(), frame["seq"].clone()),
                    );
                    unacknowledged += 1;
                }
                inbox.lock().unwrap().frames.push(frame);
                announce.send_replace(());
            }
            Some(Ok(Message::Close(frame))) => break frame.map_or(1005, |frame| u16::from(frame.code)),
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break 1006,
        }
        if acknowledging.load(Ordering::Relaxed) && unacknowledged >= ACK_EVERY {
            let cursors: Vec<_> = std::mem::take(&mut positions).into_values().collect();
            unacknowledged = 0;
            acks += 1;
            let ack = json!({"id": acks, "type": "ack", "cursors": cursors});
            if stream.send(Message::text(ack.to_string())).await.is_err() {
                break 1006;
            }
        }
    };
    // The closing handshake is finished, so that the server is not left waiting.
    let _ = tokio::time::timeout(Duration::from_secs(1), stream.close(None)).await;
    inbox.lock().unwrap().closed = Some(code);
    announce.send_replace(());
}
