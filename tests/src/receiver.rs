//! Something on this machine that takes what the server sends by itself.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::eventually;

/// A request that was received.
#[derive(Debug, Clone)]
pub struct Received {
    /// The path it was sent to.
    pub path: String,
    /// The headers, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// A header's value; nothing when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// Takes every `POST`, unless it is told to answer something else.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    usual: &'static str,
    answers: VecDeque<&'static str>,
    received: Vec<Received>,
}

impl Receiver {
    /// One on a port of its own that answers this status line.
    pub async fn start(usual: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State { usual, answers: VecDeque::new(), received: Vec::new() }));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { address, state }
    }

    /// Where it is, without a path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it answers next, once each: a status line and headers.
    pub fn answer(&self, answers: &[&'static str]) {
        self.state.lock().unwrap().answers.extend(answers);
    }

    /// What it answers from now on, when nothing else was said.
    pub fn usually_answer(&self, usual: &'static str) {
        self.state.lock().unwrap().usual = usual;
    }

    /// What was received at this path so far.
    pub fn received(&self, path: &str) -> Vec<Received> {
        let state = self.state.lock().unwrap();
        state.received.iter().filter(|received| received.path == path).cloned().collect()
    }

    /// Waits for the request with this number at this path, counted from 1.
    pub async fn wait(&self, path: &str, number: usize) -> Received {
        eventually("a request", async || self.received(path).into_iter().nth(number - 1)).await
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut heard = Vec::new();
    let received = loop {
        let mut piece = [0; 4_096];
        let Ok(length @ 1..) = stream.read(&mut piece).await else { return };
        heard.extend_from_slice(&piece[..length]);
        if let Some(received) = parse(&heard) {
            break received;
        }
    };
    let answer = {
        let mut state = state.lock().unwrap();
        state.received.push(received);
        state.answers.pop_front().unwrap_or(state.usual)
    };
    let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
    // Whoever does not wait for the answer does not get it.
    _ = stream.write_all(answer.as_bytes()).await;
}

/// A request, once all of it is there.
fn parse(heard: &[u8]) -> Option<Received> {
    let end = heard.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&heard[..end]).unwrap();
    let (first, lines) = text.split_once("\r\n").unwrap();
    let path = first.strip_prefix("POST ").and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
    let headers = lines.split("\r\n").filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let path = path.unwrap_or_else(|| panic!("{first} is no POST")).to_owned();
    let received = Received { path, headers, body: heard[end + 4..].to_vec() };
    (received.body.len() == received.header("content-length").parse::<usize>().unwrap()).then_some(received)
}
