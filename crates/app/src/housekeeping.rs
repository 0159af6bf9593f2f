//! Does what is due, for as long as the server runs: erases what was deleted, and tells those
//! whose bans ended.

use std::time::Duration;

use parlor_domain::{Housekeeping, StoreError};

/// How often one looks whether there is something to do.
const EVERY: Duration = Duration::from_secs(2);

/// Keeps house.
pub async fn keep_house(housekeeping: Housekeeping) {
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
