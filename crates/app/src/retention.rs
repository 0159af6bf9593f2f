//! Lets messages and files go that are older than they are to be kept, for as long as the server runs.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, IdSource, RetentionKeeper, Retentions, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::config::Settings;

/// How often one looks whether something is too old. Where it is kept for days, a minute is nothing.
const EVERY: Duration = Duration::from_mins(1);

/// Units of work in one go, so that a long history that goes at once leaves the database to those who
/// write.
const MOST: u32 = 1_000;

/// How long one waits between two of them.
const PAUSE: Duration = Duration::from_millis(10);

/// What sets how long messages and files are kept; what is too old goes from now on.
pub fn start(
    settings: &Settings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
) -> Retentions {
    let server = settings.retention.setting();
    tokio::spawn(keep(RetentionKeeper::new(store.clone(), clock.clone(), server)));
    Retentions::new(store, clock, ids, server)
}

async fn keep(keeper: RetentionKeeper) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match keep_some(&keeper).await {
            // Where two nodes do the same at once, one of them goes on in a while.
            Ok(()) | Err(StoreError::ReadOnly(_) | StoreError::Clash(_)) => {}
            Err(error) => tracing::warn!(%error, "what is too old could not be deleted; trying again"),
        }
    }
}

/// Lets go of what is too old, or of as much of it as is done in one go.
async fn keep_some(keeper: &RetentionKeeper) -> Result<(), StoreError> {
    let mut left = MOST;
    while left > 0 {
        let due = keeper.due().await?;
        if due.is_empty() {
            return Ok(());
        }
        for progress in due {
            keeper.keep(&progress).await?;
            left = left.saturating_sub(1);
            sleep(PAUSE).await;
        }
    }
    Ok(())
}
