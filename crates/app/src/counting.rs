//! Counts messages for the overview, for as long as the server runs.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Housekeeping, StoreError};

/// How often one looks whether there are messages to count.
const EVERY: Duration = Duration::from_secs(5);

/// Counts them.
pub async fn count_messages(housekeeping: Arc<Housekeeping>) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        loop {
            match housekeeping.count().await {
                Ok(true) => tokio::task::yield_now().await,
                // Where two nodes count the same at once, one of them goes on in a while.
                Ok(false) | Err(StoreError::ReadOnly(_) | StoreError::Clash(_)) => break,
                Err(error) => {
                    tracing::warn!(%error, "the messages could not be counted; trying again");
                    break;
                }
            }
        }
    }
}
