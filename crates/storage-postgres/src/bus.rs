//! Doorbells through PostgreSQL itself: `NOTIFY` after the commit, `LISTEN` on a connection of its
//! own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{Bus, BusError, Heard};
use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, Executor};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::lease::Lease;
use crate::{OpenError, place};

/// How long ringing, or anything else that is asked of the server here, may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait before trying to listen again.
const PAUSE: Duration = Duration::from_millis(250);
/// A connection that says nothing for so long is asked whether it still lives.
const SILENCE: Duration = Duration::from_secs(5);
/// Bells that may wait to be heard. Full: they wait in the server.
const WAITING: usize = 1_024;

/// Rings on every node that has the same database.
pub struct PostgresBus {
    pool: PgPool,
    channel: String,
    heard: Mutex<mpsc::Receiver<Heard>>,
    hears: Arc<AtomicBool>,
    listening: JoinHandle<()>,
}

impl PostgresBus {
    /// Begins to listen at the database with this address, and goes on until this is dropped. Ids of
    /// schemas keep communities in one database apart. MUST be called within a tokio runtime.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let (address, place) = place::read(url)?;
        let pool = one_connection(&address);
        let channel: String = sqlx::query_scalar("SELECT 'parlor_' || md5(current_schema())")
            .fetch_one(&pool)
            .await
            .map_err(|error| OpenError::from_driver(&place, error))?;
        let (sender, receiver) = mpsc::channel(WAITING);
        let hears = Arc::new(AtomicBool::new(false));
        let listening = tokio::spawn(listen(address, channel.clone(), sender, Arc::clone(&hears)));
        Ok(Self { pool, channel, heard: Mutex::new(receiver), hears, listening })
    }
}

impl Drop for PostgresBus {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[async_trait]
impl Bus for PostgresBus {
    async fn ring(&self, payloads: &[String]) -> Result<(), BusError> {
        let query = sqlx::query("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload")
            .bind(self.channel.clone())
            .bind(payloads.to_vec());
        let ringing = async {
            Lease::take(&self.pool, PATIENCE).await?.ask(|connection| connection.execute(query)).await
        };
        ringing.await.map(drop).map_err(|error| BusError(Box::new(error)))
    }

    async fn hear(&self) -> Heard {
        match self.heard.lock().await.recv().await {
            Some(heard) => heard,
            // The task that listens never ends before this does.
            None => std::future::pending().await,
        }
    }

    fn hears(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }
}

/// A pool of one, not yet connected. What is rung need not be durable.
fn one_connection(address: &PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(PATIENCE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("SET synchronous_commit = off; SET statement_timeout = '2s'").await?;
                Ok(())
            })
        })
        .connect_lazy_with(address.clone())
}

/// Listens, again and again.
async fn listen(
    address: PgConnectOptions,
    channel: String,
    sender: mpsc::Sender<Heard>,
    hears: Arc<AtomicBool>,
) {
    let mut first = true;
    loop {
        if let Ok(Ok(listener)) = timeout(PATIENCE, begin(&address, &channel)).await {
            hears.store(true, Ordering::Relaxed);
            // What was rung before the first time is no loss: everything is read at the start.
            if !first && sender.send(Heard::Missed).await.is_err() {
                return;
            }
            first = false;
            hear_until_cut(listener, &sender).await;
            hears.store(false, Ordering::Relaxed);
        }
        if sender.is_closed() {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn begin(address: &PgConnectOptions, channel: &str) -> Result<PgListener, sqlx::Error> {
    // Not the connection of an earlier time, which may never come back.
    let mut listener = PgListener::connect_with(&one_connection(address)).await?;
    listener.listen(channel).await?;
    Ok(listener)
}

/// Passes on what comes in, until the connection is lost.
async fn hear_until_cut(mut listener: PgListener, sender: &mpsc::Sender<Heard>) {
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(bell))) => {
                if sender.send(Heard::Payload(bell.payload().to_owned())).await.is_err() {
                    return;
                }
            }
            // Cut, or silent: a connection that does not answer either is as good as cut.
            Ok(Ok(None) | Err(_)) => return,
            Err(_) => {
                let alive = timeout(PATIENCE, listener.execute("SELECT 1")).await;
                if !matches!(alive, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}
