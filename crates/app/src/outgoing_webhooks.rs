//! Delivers to the receivers of webhooks, in the background: nobody who posts waits for it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlor_domain::{Event, EventPublisher, OutgoingWebhookId, OutgoingWebhooks, StoreError, WebhookReach};
use parlor_webhooks::Webhooks;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Settings;
use crate::system::TimeOrderedIds;
use crate::wiring::Core;

/// What the key for the secrets of webhooks is derived from the signing key with. Receivers keep those
/// secrets, so that this never changes.
pub const KEY: &str = "parlor outgoing webhooks";

/// How long what is written collects before one looks for whom it is.
const GATHER: Duration = Duration::from_millis(100);

/// How often one looks whether something is due: what is tried again, and what another node wrote or
/// left.
const LOOK: Duration = Duration::from_secs(2);

/// How often old deliveries are forgotten.
const TIDY: Duration = Duration::from_mins(10);

/// How long what is being delivered may take at the end. What is not done then is delivered later.
const FINISH: Duration = Duration::from_secs(3);

/// What delivers, as the settings say.
pub fn service(settings: &Settings, core: &Core) -> OutgoingWebhooks {
    let reach = WebhookReach::with_inside(settings.webhooks.inside_hosts.iter().cloned());
    OutgoingWebhooks::new(
        core.database.shared(),
        core.clock.clone(),
        Arc::new(TimeOrderedIds),
        Arc::new(Webhooks::new(core.webhook_key.clone(), reach.clone())),
        reach,
        settings.limits.notifications_per_person,
    )
}

/// Rings when something was written, wherever it is.
#[derive(Default)]
pub struct Bell(Notify);

/// Hands events on, and rings when something was written.
pub struct Ringing {
    /// Who gets the events.
    pub publisher: Arc<dyn EventPublisher>,
    /// What rings.
    pub bell: Arc<Bell>,
}

impl EventPublisher for Ringing {
    fn publish(&self, events: Vec<Event>) {
        if events.iter().any(|event| matches!(event, Event::EntryAppended(_))) {
            self.bell.0.notify_one();
        }
        self.publisher.publish(events);
    }
}

/// The running task.
pub struct Delivering {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Delivering {
    /// Begins to deliver, when the bell rings and now and then.
    pub fn start(webhooks: Arc<OutgoingWebhooks>, bell: Arc<Bell>) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(webhooks, bell, stop.clone()));
        Self { task, stop }
    }

    /// Finishes what is being delivered, as far as a few seconds allow. The rest waits in the logs.
    pub async fn stop(self) {
        self.stop.cancel();
        if timeout(2 * FINISH, self.task).await.is_err() {
            tracing::warn!("outgoing webhooks were still being delivered at the end");
        }
    }
}

async fn run(webhooks: Arc<OutgoingWebhooks>, bell: Arc<Bell>, stop: CancellationToken) {
    let (tasks, busy) = (TaskTracker::new(), Busy::default());
    let mut tidied: Option<Instant> = None;
    while !stop.is_cancelled() {
        if tidied.is_none_or(|tidied| tidied.elapsed() >= TIDY) {
            tidied = Some(Instant::now());
            report(webhooks.forget_old().await, "old deliveries could not be forgotten");
        }
        let due = webhooks.due().await;
        for webhook in report(due, "it could not be found out what is to be delivered").unwrap_or_default() {
            // Each by itself: a receiver that takes its time holds up nobody else.
            if let Some(turn) = busy.begin(webhook) {
                let (webhooks, stop) = (webhooks.clone(), stop.clone());
                tasks.spawn(async move {
                    report(deliver(&webhooks, webhook, &stop).await, "a webhook could not be delivered");
                    drop(turn);
                });
            }
        }
        let rung = async {
            if timeout(LOOK, bell.0.notified()).await.is_ok() {
                sleep(GATHER).await;
            }
        };
        stop.run_until_cancelled(rung).await;
    }
    tasks.close();
    _ = timeout(FINISH, tasks.wait()).await;
}

/// Delivers to one receiver until nothing waits for it or it does not take it.
async fn deliver(
    webhooks: &OutgoingWebhooks,
    webhook: OutgoingWebhookId,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let Some(mut lease) = webhooks.take(webhook).await? else { return Ok(()) };
    while webhooks.deliver(&mut lease).await? && !stop.is_cancelled() {}
    webhooks.release(lease).await
}

/// Tells of what failed; it is tried again.
fn report<T>(result: Result<T, StoreError>, what: &str) -> Option<T> {
    match result {
        Ok(done) => Some(done),
        // In maintenance nothing is written, and nobody needs to be told.
        Err(StoreError::ReadOnly(_)) => None,
        Err(error) => {
            tracing::warn!(%error, "{what}; trying again");
            None
        }
    }
}

/// The webhooks that this node is delivering.
#[derive(Clone, Default)]
struct Busy(Arc<Mutex<HashSet<OutgoingWebhookId>>>);

/// A webhook's turn; it ends when this is dropped.
struct Turn(Busy, OutgoingWebhookId);

impl Busy {
    /// Begins a webhook's turn; nothing when it has begun already.
    fn begin(&self, webhook: OutgoingWebhookId) -> Option<Turn> {
        self.all().insert(webhook).then(|| Turn(self.clone(), webhook))
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashSet<OutgoingWebhookId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.all().remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_webhook_has_one_turn_at_a_time() {
        let (busy, id) = (Busy::default(), |number| OutgoingWebhookId::from_uuid(Uuid::from_u128(number)));
        let turn = busy.begin(id(1)).unwrap();
        assert!(busy.begin(id(1)).is_none());
        assert!(busy.begin(id(2)).is_some());
        drop(turn);
        assert!(busy.begin(id(1)).is_some());
    }
}
