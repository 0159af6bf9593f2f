//! The socket through which orders reach a server that runs.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parlor_http::Services;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Order;
use crate::failure::Failure;
use crate::sharing::Sharing;

/// The socket's name in the data folder.
const NAME: &str = "parlor.sock";

/// The longest order, in bytes.
const LONGEST: u64 = 64 * 1_024;

/// How long it may take until an order has come.
const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Done(Value),
    Refused(String),
}

/// The socket of a server that runs; it is gone when this is dropped.
pub struct Control {
    path: PathBuf,
    listening: JoinHandle<()>,
}

impl Control {
    /// Listens in a data folder, which is held by this process.
    pub fn listen(data_dir: &Path, services: Arc<Services>, sharing: Arc<Sharing>) -> io::Result<Self> {
        let path = data_dir.join(NAME);
        // One that a killed server left behind: nobody else can have the folder.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = within(data_dir, |short| UnixListener::bind(short))?;
        let listening = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        tokio::spawn(answer(stream, services.clone(), sharing.clone()));
                    }
                    Err(error) => {
                        tracing::warn!(%error, "an order could not be taken; trying again");
                        tokio::time::sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        });
        Ok(Self { path, listening })
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.listening.abort();
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, "the control socket could not be removed");
        }
    }
}

async fn answer(stream: UnixStream, services: Arc<Services>, sharing: Arc<Sharing>) {
    let (reading, writing) = stream.into_split();
    let mut line = String::new();
    let mut reading = BufReader::new(reading.take(LONGEST));
    let read = timeout(PATIENCE, reading.read_line(&mut line)).await;
    let answered = match (read, serde_json::from_str::<Order>(&line)) {
        (Err(_), _) => return,
        (Ok(Err(error)), _) => Err(error),
        (Ok(Ok(_)), Ok(order)) => {
            let work = async {
                let answer = match carry_out(&order, &services, &sharing).await {
                    Ok(done) => Answer::Done(done),
                    Err(refusal) => Answer::Refused(refusal),
                };
                tell(writing, &answer).await
            };
            timeout(order.patience(), work).await.unwrap_or(Ok(()))
        }
        (Ok(Ok(_)), Err(error)) => {
            let refusal = format!("the running server does not know this order: {error}");
            tell(writing, &Answer::Refused(refusal)).await
        }
    };
    if let Err(error) = answered {
        tracing::warn!(%error, "an order could not be answered");
    }
}

async fn tell(mut writing: OwnedWriteHalf, answer: &Answer) -> io::Result<()> {
    writing.write_all(&serde_json::to_vec(answer)?).await?;
    writing.shutdown().await
}

async fn carry_out(order: &Order, services: &Services, sharing: &Sharing) -> Result<Value, String> {
    let origin = services.server.public_origin.as_str();
    let done = order.carry_out(&services.administration, (&services.files, sharing), origin).await?;
    if order.makes_admin() && services.setup.is_waiting() {
        services.setup.finish();
    }
    Ok(done)
}

/// Uses the socket by a short path: a socket's has 107 bytes at most, and a data folder's may have more.
fn within<T>(data_dir: &Path, use_it: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    let folder = File::open(data_dir)?;
    use_it(&PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd())))
}

/// Asks the server that runs on this data folder; `None` when there is none.
pub(super) async fn ask(data_dir: &Path, order: &Order) -> Result<Option<Result<Value, Failure>>, Failure> {
    if !data_dir.join(NAME).exists() {
        return Ok(None);
    }
    let mut stream = match within(data_dir, |short| net::UnixStream::connect(short)) {
        Ok(stream) => {
            stream.set_nonblocking(true)?;
            UnixStream::from_std(stream)?
        }
        // It was killed, and left its socket behind.
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let exchange = async {
        let mut line = serde_json::to_vec(order)?;
        line.push(b'\n');
        stream.write_all(&line).await?;
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await?;
        serde_json::from_slice::<Answer>(&text).map_err(io::Error::from)
    };
    let answer = timeout(order.patience(), exchange)
        .await
        .map_err(|_| Failure::Advice("the running server does not answer; look into its log".into()))?;
    Ok(Some(match answer? {
        Answer::Done(done) => Ok(done),
        Answer::Refused(refusal) => Err(Failure::Advice(refusal)),
    }))
}
