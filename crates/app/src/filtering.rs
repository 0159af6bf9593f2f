//! Keeps the word filter as the admins want it, on whatever node they said so.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Messaging, StoreError};

/// How often one looks whether it changed on another node.
const EVERY: Duration = Duration::from_secs(2);

/// Knows the rules when it returns, before the first message is taken, and follows them for as long
/// as the server runs.
pub async fn follow_filter(messaging: Arc<Messaging>) -> Result<(), StoreError> {
    messaging.load_filter().await?;
    tokio::spawn(follow(messaging));
    Ok(())
}

/// While the database does not answer, the rules known last count.
async fn follow(messaging: Arc<Messaging>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = messaging.load_filter().await {
            tracing::warn!(%error, "the word filter could not be looked at; trying again");
        }
    }
}
