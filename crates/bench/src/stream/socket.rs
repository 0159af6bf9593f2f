use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{TcpSocket, TcpStream};

use super::frame::{self, Frame};
use super::protocol::{self, Kind};

/// Connections from one source address; there are some 28,000 ports for each.
const PER_ADDRESS: u32 = 10_000;
/// How long the server may take for an answer.
const PATIENCE: Duration = Duration::from_mins(1);

static OPENED: AtomicU32 = AtomicU32::new(0);

thread_local! {
    /// What is read goes through one buffer that stays in the cache, instead of one for each of
    /// thousands of sockets.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

/// One connection to the stream.
pub struct Socket {
    stream: TcpStream,
    /// The beginning of a frame whose rest has not arrived.
    partial: Vec<u8>,
    /// What the system did not take yet.
    outbox: Vec<u8>,
}

impl Socket {
    /// Connects and upgrades.
    pub async fn open(address: SocketAddr, token: &str) -> Result<Self> {
        let number = OPENED.fetch_add(1, Ordering::Relaxed) / PER_ADDRESS % 250;
        let source = Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + number);
        let socket = TcpSocket::new_v4()?;
        socket.set_nodelay(true)?;
        if number > 0 {
            socket.bind(SocketAddr::from((source, 0)))?;
        }
        let mut stream = socket.connect(address).await.context("cannot connect")?;
        let request = format!(
            "GET /api/v1/realtime HTTP/1.1\r\nhost: {address}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: cGFybG9yLWJlbmNoLWtleQ==\r\n\
             sec-websocket-protocol: parlor.v1\r\nauthorization: Bearer {token}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::with_capacity(512);
        let end = loop {
            let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut answer)).await??;
            ensure!(read > 0, "the server closed the connection instead of upgrading it");
            if let Some(end) = memchr::memmem::find(&answer, b"\r\n\r\n") {
                break end + 4;
            }
        };
        let said = || String::from_utf8_lossy(&answer).into_owned();
        ensure!(answer.starts_with(b"HTTP/1.1 101"), "no stream: {}", said());
        Ok(Self { stream, partial: answer.split_off(end), outbox: Vec::new() })
    }

    /// Sends a text, or puts it into the outbox when the system takes no more.
    pub fn send(&mut self, text: &str) -> Result<()> {
        frame::put(&mut self.outbox, frame::TEXT, text.as_bytes());
        self.flush()
    }

    /// Waits until something arrives and hands over each text of it. Cancelling it loses nothing.
    pub async fn receive(&mut self, mut take: impl FnMut(&[u8])) -> Result<()> {
        loop {
            let interest = if self.outbox.is_empty() {
                Interest::READABLE
            } else {
                Interest::READABLE | Interest::WRITABLE
            };
            let ready = self.stream.ready(interest).await?;
            if ready.is_writable() {
                self.flush()?;
            }
            if ready.is_readable() && self.read(&mut take)? {
                // Pongs may have been put into the outbox.
                return self.flush();
            }
        }
    }

    /// Waits for a text for which `take` answers something.
    pub async fn until<T>(&mut self, mut take: impl FnMut(&[u8]) -> Option<T>) -> Result<T> {
        let waiting = async {
            let mut found = None;
            while found.is_none() {
                self.receive(|text| {
                    if found.is_none() {
                        found = take(text);
                    }
                })
                .await?;
            }
            found.context("nothing arrived")
        };
        tokio::time::timeout(PATIENCE, waiting).await.context("the server does not answer")?
    }

    /// Sends a frame with an `id` and waits for its answer, which is given back when it is no
    /// refusal. One frame at a time: answers are not told apart.
    pub async fn ask(&mut self, text: &str) -> Result<Vec<u8>> {
        self.send(text)?;
        let (kind, answer) = self
            .until(|text| match protocol::kind(text) {
                kind @ (Kind::Ok | Kind::Ready | Kind::Error) => Some((kind, text.to_vec())),
                Kind::Entry | Kind::Other => None,
            })
            .await?;
        ensure!(kind != Kind::Error, "the server refused: {}", String::from_utf8_lossy(&answer));
        Ok(answer)
    }

    fn flush(&mut self) -> Result<()> {
        while !self.outbox.is_empty() {
            match self.stream.try_write(&self.outbox) {
                Ok(written) if written == self.outbox.len() => self.outbox.clear(),
                Ok(written) => _ = self.outbox.drain(..written),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => {
                    // A server that hangs up says why before it does.
                    while self.read(&mut |_| {})? {}
                    return Err(error.into());
                }
            }
        }
        Ok(())
    }

    /// Whether there was something to read.
    fn read(&mut self, take: &mut impl FnMut(&[u8])) -> Result<bool> {
        SCRATCH.with_borrow_mut(|scratch| match self.stream.try_read(scratch) {
            Ok(0) => bail!("the server ended the stream without a word"),
            Ok(read) => self.digest(&scratch[..read], take).map(|()| true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error.into()),
        })
    }

    fn digest(&mut self, read: &[u8], take: &mut impl FnMut(&[u8])) -> Result<()> {
        if self.partial.is_empty() {
            let used = self.frames(read, take)?;
            self.partial.extend_from_slice(&read[used..]);
        } else {
            let mut bytes = std::mem::take(&mut self.partial);
            bytes.extend_from_slice(read);
            let used = self.frames(&bytes, take)?;
            bytes.drain(..used);
            self.partial = bytes;
        }
        Ok(())
    }

    /// Takes each complete frame; answers how many bytes they were.
    fn frames(&mut self, bytes: &[u8], take: &mut impl FnMut(&[u8])) -> Result<usize> {
        let mut used = 0;
        while let Some((Frame { opcode, payload }, size)) = frame::split(&bytes[used..])? {
            used += size;
            match opcode {
                frame::TEXT => take(payload),
                frame::PING => frame::put(&mut self.outbox, frame::PONG, payload),
                frame::CLOSE => bail!("the server closed the stream: {}", String::from_utf8_lossy(payload)),
                _ => {}
            }
        }
        Ok(used)
    }
}
