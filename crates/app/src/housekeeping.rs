//! Does what is due, for as long as the server runs: erases what was deleted, and tells those
//! whose bans ended.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, Housekeeping, Store, StoreError};

use crate::counting::count_messages;

/// How often one looks whether there is something to do.
const EVERY: Duration = Duration::from_secs(2);

/// Begins to keep house, and to count messages beside it. Of the notifications of one person so many
/// are kept.
pub fn start(store: Arc<dyn Store>, clock: Arc<dyn Clock>, notifications_kept: u32) {
    let housekeeping = Arc::new(Housekeeping::new(store, clock, notifications_kept));
    tokio::spawn(keep_house(Arc::clone(&housekeeping)));
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
