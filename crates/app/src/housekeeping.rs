//! Does what is due, for as long as the server runs: erases what was deleted, tells those whose bans
//! ended, forgets where people were signed in, and counts messages for the overview.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, Housekeeping, SessionPolicy, Store, StoreError};
use tokio::time::interval;

/// How often one looks whether there is something to do.
const EVERY: Duration = Duration::from_secs(2);

/// How often one looks for sessions that are over.
const FORGETTING: Duration = Duration::from_hours(1);

/// How often one looks whether there are messages to count.
const COUNTING: Duration = Duration::from_secs(5);

/// Begins to keep house, and to count messages beside it. Of the notifications of one person so many
/// are kept; sessions live as long as `sessions` says.
pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>, notifications_kept: u32, sessions: SessionPolicy) {
    let housekeeping = Arc::new(Housekeeping::new(store, clock, notifications_kept, sessions));
    tokio::spawn(keep_house(Arc::clone(&housekeeping)));
    tokio::spawn(forget_sessions(Arc::clone(&housekeeping)));
    tokio::spawn(count_messages(housekeeping));
}

async fn keep_house(housekeeping: Arc<Housekeeping>) {
    let mut tick = interval(EVERY);
    loop {
        tick.tick().await;
        match housekeeping.end_bans().await {
            Ok(()) | Err(StoreError::ReadOnly(_)) => {}
            Err(error) => tracing::warn!(%error, "whose ban ended could not be told; trying again"),
        }
        finish(|| housekeeping.erase(), "what was deleted could not be erased").await;
    }
}

async fn forget_sessions(housekeeping: Arc<Housekeeping>) {
    let mut tick = interval(FORGETTING);
    loop {
        tick.tick().await;
        finish(|| housekeeping.forget_sessions(), "sessions that are over could not be deleted").await;
    }
}

async fn count_messages(housekeeping: Arc<Housekeeping>) {
    let mut tick = interval(COUNTING);
    loop {
        tick.tick().await;
        finish(|| housekeeping.count(), "the messages could not be counted").await;
    }
}

/// Does one piece of work after the other until there is no more to be done right away.
async fn finish<F>(piece: impl Fn() -> F, failure: &str)
where
    F: Future<Output = Result<bool, StoreError>>,
{
    loop {
        match piece().await {
            Ok(true) => tokio::task::yield_now().await,
            // In maintenance nothing is written. Where two nodes do the same at once, one of them goes on
            // in a while.
            Ok(false) | Err(StoreError::ReadOnly(_) | StoreError::Clash(_)) => break,
            Err(error) => {
                tracing::warn!(%error, "{failure}; trying again");
                break;
            }
        }
    }
}
