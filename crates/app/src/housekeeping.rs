//! Erases what was deleted, for as long as the server runs.

use std::time::Duration;

use parlor_domain::{Housekeeping, StoreError};

/// How often one looks whether there is something to erase.
const EVERY: Duration = Duration::from_secs(5);

/// Keeps house.
pub async fn keep_house(housekeeping: Housekeeping) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
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
