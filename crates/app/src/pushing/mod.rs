//! Tells devices of what is new while the page is closed, in the background: nobody who posts waits
//! for it. The node that committed something tells of it, so that each device is told once.

mod sending;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::Pushes;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

pub use waiting::{Waiting, WaitingNews};

use sending::Sending;

/// How long one waits until a device is told: whoever has the page before them has read it by then.
const READ_WITHIN: Duration = Duration::from_secs(3);

/// How often one looks whether that is over.
const LOOK: Duration = Duration::from_millis(500);

/// How long what is being sent may take at the end.
const FINISH: Duration = Duration::from_secs(3);

/// The running task.
pub struct Pushing {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Pushing {
    /// Begins to tell of what `news` collects.
    pub fn start(pushes: Arc<Pushes>, news: Arc<WaitingNews>) -> Self {
        let stop = CancellationToken::new();
        let task = tokio::spawn(run(pushes, news, stop.clone()));
        Self { task, stop }
    }

    /// Tells of what still waits, as far as a few seconds allow.
    pub async fn stop(self) {
        self.stop.cancel();
        if timeout(2 * FINISH, self.task).await.is_err() {
            tracing::warn!("not all devices could be told before the end");
        }
    }
}

async fn run(pushes: Arc<Pushes>, news: Arc<WaitingNews>, stop: CancellationToken) {
    let sending = Sending::new(pushes.clone());
    let mut tick = interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        if let Some(until) = Instant::now().checked_sub(READ_WITHIN) {
            tell(&pushes, &news, &sending, until).await;
        }
    }
    tell(&pushes, &news, &sending, Instant::now()).await;
    sending.finish(FINISH).await;
}

/// Tells of what happened up to this moment.
async fn tell(pushes: &Pushes, news: &WaitingNews, sending: &Sending, until: Instant) {
    let Some(due) = news.take(until) else { return };
    match pushes.gather(due).await {
        Ok(deliveries) => deliveries.into_iter().for_each(|delivery| sending.begin(delivery)),
        Err(error) => tracing::warn!(%error, "it could not be found out which devices are to be told"),
    }
}
