//! Members who are online: they take what comes and acknowledge it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::task::JoinSet;

use crate::latency::Latencies;
use crate::people::Person;
use crate::stream::Socket;
use crate::stream::protocol::{self, Kind, hello};

/// Entries until the next acknowledgement: a quarter of the window, so that it never closes on a
/// receiver that keeps up.
const ACK_EVERY: u64 = 64;
/// Sockets that are opened at the same time.
const AT_ONCE: usize = 32;

/// Some members, each with a socket of their own, until this is dropped.
pub struct Receivers {
    board: Arc<Mutex<Board>>,
    tasks: JoinSet<()>,
}

/// What no load excuses.
#[derive(Debug)]
pub struct Disorder;

impl std::fmt::Display for Disorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("entries are missing, repeated or out of order")
    }
}

impl std::error::Error for Disorder {}

/// What they received since the board was last wiped.
pub struct Board {
    pub latencies: Latencies,
    pub deliveries: u64,
    /// When the last delivery arrived.
    pub last: Duration,
    failure: Option<anyhow::Error>,
}

impl Receivers {
    /// Brings these people online.
    pub async fn online(address: SocketAddr, people: &[Person]) -> Result<Self> {
        let board =
            Board { latencies: Latencies::new()?, deliveries: 0, last: Duration::ZERO, failure: None };
        let mut receivers = Self { board: Arc::new(Mutex::new(board)), tasks: JoinSet::new() };
        for some in people.chunks(AT_ONCE) {
            for socket in live(address, some).await? {
                let board = Arc::clone(&receivers.board);
                receivers.tasks.spawn(async move {
                    let failed = receive(socket, &board).await;
                    if let Err(error) = failed {
                        lock(&board).failure.get_or_insert(error);
                    }
                });
            }
        }
        Ok(receivers)
    }

    /// Forgets what was received.
    pub fn wipe(&self) -> Result<()> {
        let mut board = lock(&self.board);
        board.latencies = Latencies::new()?;
        board.deliveries = 0;
        Ok(())
    }

    /// Waits until so many deliveries were made, or none comes any more for two seconds.
    pub async fn wait_for(&self, deliveries: u64) -> Result<MutexGuard<'_, Board>> {
        let mut before = 0;
        let mut pauses = 0;
        loop {
            {
                let mut board = lock(&self.board);
                if let Some(failure) = board.failure.take() {
                    return Err(failure.context("a receiver was lost"));
                }
                pauses = if board.deliveries == before { pauses + 1 } else { 0 };
                before = board.deliveries;
                if board.deliveries >= deliveries || pauses > 200 {
                    return Ok(board);
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// A socket for each person, with its stream running.
pub async fn live(address: SocketAddr, people: &[Person]) -> Result<Vec<Socket>> {
    let mut opening = JoinSet::new();
    for person in people {
        let token = person.token.clone();
        opening.spawn(async move {
            let mut socket = Socket::open(address, &token).await?;
            socket.ask(&hello([], None)).await?;
            anyhow::Ok(socket)
        });
    }
    let mut sockets = Vec::with_capacity(people.len());
    while let Some(socket) = opening.join_next().await {
        sockets.push(socket??);
    }
    Ok(sockets)
}

fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn receive(mut socket: Socket, board: &Mutex<Board>) -> Result<()> {
    let mut progress = Progress::default();
    loop {
        let mut arrived = false;
        socket
            .receive(|text| {
                if protocol::kind(text) == Kind::Entry {
                    let mut board = lock(board);
                    if !arrived {
                        board.last = protocol::now();
                        arrived = true;
                    }
                    board.deliveries += 1;
                    if let Some(due) = protocol::stamp(text) {
                        let took = board.last.saturating_sub(due);
                        board.latencies.record(took);
                    }
                    progress.note(text);
                }
            })
            .await?;
        if !progress.dense {
            bail!(Disorder);
        }
        if let Some(ack) = progress.ack() {
            socket.send(&ack)?;
        }
    }
}

/// How far a receiver has come, and what of it was not acknowledged yet.
pub struct Progress {
    /// Each conversation with its last entry, and whether that is news for the server.
    conversations: Vec<(String, u64, bool)>,
    unacknowledged: u64,
    acks: u64,
    /// Whether each entry came right behind the one before it.
    pub dense: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Self { conversations: Vec::new(), unacknowledged: 0, acks: 0, dense: true }
    }
}

impl Progress {
    /// An entry arrived.
    pub fn note(&mut self, text: &[u8]) {
        let (Some(id), Some(seq)) = (protocol::conversation(text), protocol::seq(text)) else { return };
        self.unacknowledged += 1;
        match self.conversations.iter_mut().find(|known| known.0.as_bytes() == id) {
            Some(known) => {
                self.dense &= seq == known.1 + 1;
                (known.1, known.2) = (seq, true);
            }
            None => self.conversations.push((String::from_utf8_lossy(id).into_owned(), seq, true)),
        }
    }

    /// The frame that acknowledges, when it is time for one.
    pub fn ack(&mut self) -> Option<String> {
        if self.unacknowledged < ACK_EVERY {
            return None;
        }
        self.unacknowledged = 0;
        self.acks += 1;
        let known = self.conversations.iter_mut();
        let news = known.filter_map(|(id, seq, news)| std::mem::take(news).then_some((&**id, *seq)));
        Some(protocol::ack(self.acks, news))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_64_entries_are_acknowledged_once() {
        let id = "01936c3e-7a00-7000-8000-000000000001";
        let mut progress = Progress::default();
        for seq in 1..=64 {
            assert_eq!(progress.ack(), None);
            progress.note(format!(r#"{{"type":"entry","conversation":"{id}","seq":{seq}}}"#).as_bytes());
        }
        assert_eq!(progress.ack(), Some(format!(r#"{{"id":1,"type":"ack","cursors":[["{id}",64]]}}"#)));
        assert_eq!(progress.ack(), None);
        assert!(progress.dense);
    }

    #[test]
    fn a_gap_is_noticed() {
        let mut progress = Progress::default();
        for seq in [4, 6] {
            let id = "01936c3e-7a00-7000-8000-000000000001";
            progress.note(format!(r#"{{"type":"entry","conversation":"{id}","seq":{seq}}}"#).as_bytes());
        }
        assert!(!progress.dense);
    }
}
