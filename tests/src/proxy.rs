//! A way to the server that makes trouble.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What the proxy does now.
#[derive(Debug, Clone, Default)]
struct Trouble {
    /// Nothing passes in either direction.
    stalled: bool,
    /// Everything passes so much later.
    delay: Duration,
    /// Of a hundred pieces of answers so many are swallowed, together with their connections.
    swallow_percent: u64,
    /// What has this in it is swallowed, together with its connection.
    swallowed_word: Option<&'static str>,
    /// Connections made before this changed are cut.
    generation: u64,
}

/// A TCP proxy in front of a server.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    trouble: watch::Sender<Trouble>,
    swallowed: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A proxy that passes everything on to `target`.
    pub async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (trouble, receiver) = watch::channel(Trouble::default());
        let (answers, swallowed) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let counter = Arc::clone(&swallowed);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let link = Link {
                    trouble: receiver.clone(),
                    answers: Arc::clone(&answers),
                    swallowed: Arc::clone(&counter),
                };
                tokio::spawn(link.pass(client, target));
            }
        });
        Self { address, trouble, swallowed, accepting }
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Cuts every connection there is; new ones are let through.
    pub fn cut(&self) {
        self.trouble.send_modify(|trouble| trouble.generation += 1);
    }

    /// Lets nothing through, without closing anything, until it is told to go on.
    pub fn stall(&self, stalled: bool) {
        self.trouble.send_modify(|trouble| trouble.stalled = stalled);
    }

    /// Lets everything through so much later.
    pub fn delay(&self, delay: Duration) {
        self.trouble.send_modify(|trouble| trouble.delay = delay);
    }

    /// Cuts the connection instead of passing on what the server answers, so many times of a
    /// hundred: the server has done its work then, and the client does not know.
    pub fn swallow_answers(&self, percent: u64) {
        self.trouble.send_modify(|trouble| trouble.swallow_percent = percent);
    }

    /// Cuts the connection instead of passing on an answer that has this word in it.
    pub fn swallow_answers_with(&self, word: Option<&'static str>) {
        self.trouble.send_modify(|trouble| trouble.swallowed_word = word);
    }

    /// How many answers were swallowed so far.
    pub fn swallowed(&self) -> u64 {
        self.swallowed.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

/// One connection through the proxy.
#[derive(Clone)]
struct Link {
    trouble: watch::Receiver<Trouble>,
    answers: Arc<AtomicU64>,
    swallowed: Arc<AtomicU64>,
}

impl Link {
    async fn pass(self, client: TcpStream, target: SocketAddr) {
        let Ok(server) = TcpStream::connect(target).await else { return };
        _ = (client.set_nodelay(true), server.set_nodelay(true));
        let generation = self.trouble.borrow().generation;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let mut cut = self.trouble.clone();
        // Whichever direction ends first ends both: the halves are dropped here.
        tokio::select! {
            () = self.clone().pump(from_client, to_server, false) => {}
            () = self.pump(from_server, to_client, true) => {}
            _ = cut.wait_for(|trouble| trouble.generation != generation) => {}
        }
    }

    async fn pump(mut self, mut from: OwnedReadHalf, mut to: OwnedWriteHalf, answers: bool) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let Ok(length @ 1..) = from.read(&mut buffer).await else { return };
            if answers && self.swallows(&buffer[..length]) {
                return;
            }
            if self.trouble.wait_for(|trouble| !trouble.stalled).await.is_err() {
                return;
            }
            let delay = self.trouble.borrow().delay;
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            if to.write_all(&buffer[..length]).await.is_err() {
                return;
            }
        }
    }

    /// Of a hundred always the same ones, spread evenly: 19 and 100 have no divisor in common.
    fn swallows(&self, answer: &[u8]) -> bool {
        let Trouble { swallow_percent, swallowed_word, .. } = *self.trouble.borrow();
        let has = |word: &str| answer.windows(word.len()).any(|part| part == word.as_bytes());
        let by_word = swallowed_word.is_some_and(has);
        if swallow_percent == 0 && !by_word {
            return false;
        }
        let number = self.answers.fetch_add(1, Ordering::Relaxed);
        let swallows = by_word || number * 19 % 100 < swallow_percent;
        self.swallowed.fetch_add(u64::from(swallows), Ordering::Relaxed);
        swallows
    }
}
