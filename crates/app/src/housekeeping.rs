//! Does what is due, for as long as the server runs: erases what was deleted, tells those whose bans
//! ended, and forgets where people were signed in.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, Housekeeping, SessionPolicy, Store, StoreError};

use crate::counting::count_messages;

/// How often one looks whether there is something to do.
const EVERY: Duration = Duration::from_secs(2);

/// How often one looks for sessions that are over.
const FORGETTING: Duration = Duration::from_hours(1);

/// Begins to keep house, and to count messages beside it. Of the notifications of one person so many
/// are kept; sessions live as long as `sessions` says.
pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>, notifications_kept: u32, sessions: SessionPolicy) {
    let housekeeping = Arc::new(Housekeeping::new(store, clock, notifications_kept, sessions));
    tokio::spawn(keep_house(Arc::clone(&housekeeping)));
    tokio::spawn(forget_sessions(Arc::clone(&housekeeping)));
    tokio::spawn(count_messages(housekeeping));
}

async fn keep_house(housekeeping: Arc<Housekeeping>) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        match housekeeping.end_bans().await {
            Ok(()) | Err(StoreError::ReadOnly(_)) => {}
            Err(error) => tracing::warn!(%error, "whose ban ended could not be told; trying again"),
        }
        loop {
            match housekeeping.erase().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) | Err(StoreError::ReadOnly(_)) => break,
                Err(error) => {
                    tracing::warn!(%error, "what was deleted could not be erased; trying again");
                    break;
                }
            }
        }
    }
}

async fn forget_sessions(housekeeping: Arc<Housekeeping>) {
    let mut tick = tokio::time::interval(FORGETTING);
    loop {
        tick.tick().await;
        loop {
            match housekeeping.forget_sessions().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) | Err(StoreError::ReadOnly(_)) => break,
                Err(error) => {
                    tracing::warn!(%error, "sessions that are over could not be deleted; trying again");
                    break;
                }
            }
        }
    }
}
