//! Doorbells through a NATS server, for fleets whose bells are too many for their database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, ServerAddr, Subscriber};
use async_trait::async_trait;
use futures_util::StreamExt;
use parlor_domain::{Bus, BusError, Heard};
use thiserror::Error;
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;

/// How long ringing may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long to wait between two tries to reach the server.
const PAUSE: Duration = Duration::from_millis(250);
/// How often the server is asked whether it still lives.
const PING: Duration = Duration::from_secs(5);
/// Bells that may wait to be heard. Full: they are dropped, and everybody looks for themselves.
const WAITING: usize = 4_096;

/// Why there is no bus.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The address cannot be read. Nobody's password is in the message.
    #[error("cluster.nats_url is not an address like nats://user:password@host:4222")]
    Address,
    /// The client could not be started.
    #[error("the bus could not be opened: {0}")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Rings on every node of a community that is connected to the same NATS server.
pub struct NatsBus {
    client: Client,
    subject: String,
    subscriber: Mutex<Subscriber>,
    hears: Arc<AtomicBool>,
    missed: Arc<Notify>,
}

impl NatsBus {
    /// Begins to listen at this server, which need not be reachable yet. `community` keeps those
    /// apart that share a server.
    pub async fn open(url: &str, community: &str) -> Result<Self, OpenError> {
        let address: ServerAddr = url.parse().map_err(|_| OpenError::Address)?;
        let (hears, missed) = (Arc::new(AtomicBool::new(false)), Arc::new(Notify::new()));
        let (connected, lost) = (Arc::clone(&hears), Arc::clone(&missed));
        let client = ConnectOptions::new()
            .name("parlor")
            .retry_on_initial_connect()
            .ping_interval(PING)
            .connection_timeout(PATIENCE)
            .subscription_capacity(WAITING)
            .reconnect_delay_callback(|_| PAUSE)
            .event_callback(move |event| {
                match event {
                    Event::Connected => {
                        connected.store(true, Ordering::Relaxed);
                        lost.notify_one();
                    }
                    Event::SlowConsumer(_) => lost.notify_one(),
                    Event::Disconnected | Event::Closed => connected.store(false, Ordering::Relaxed),
                    _ => {}
                }
                std::future::ready(())
            })
            .connect(address)
            .await
            .map_err(|error| OpenError::Failed(Box::new(error)))?;
        let subject = format!("parlor.{community}");
        let subscriber = client.subscribe(subject.clone()).await;
        let subscriber = subscriber.map_err(|error| OpenError::Failed(Box::new(error)))?;
        Ok(Self { client, subject, subscriber: Mutex::new(subscriber), hears, missed })
    }
}

#[async_trait]
impl Bus for NatsBus {
    async fn ring(&self, payloads: &[String]) -> Result<(), BusError> {
        if self.client.connection_state() != State::Connected {
            return Err(BusError("not connected to the NATS server".into()));
        }
        let ringing = async {
            for payload in payloads {
                let payload = payload.clone().into_bytes().into();
                self.client
                    .publish(self.subject.clone(), payload)
                    .await
                    .map_err(|error| BusError(Box::new(error)))?;
            }
            self.client.flush().await.map_err(|error| BusError(Box::new(error)))
        };
        timeout(PATIENCE, ringing).await.unwrap_or_else(|slow| Err(BusError(Box::new(slow))))
    }

    async fn hear(&self) -> Heard {
        let mut subscriber = self.subscriber.lock().await;
        tokio::select! {
            () = self.missed.notified() => Heard::Missed,
            Some(bell) = subscriber.next() => match String::from_utf8(bell.payload.into()) {
                Ok(payload) => Heard::Payload(payload),
                // Somebody else's; it names nothing, and looking does no harm.
                Err(_) => Heard::Missed,
            },
            else => std::future::pending().await,
        }
    }

    fn hears(&self) -> bool {
        self.hears.load(Ordering::Relaxed)
    }
}
