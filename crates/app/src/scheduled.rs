//! Posts messages at the time that their authors chose, for as long as the server runs.

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{PostError, PostQueue, Scheduled, StoreError};

/// How often one looks whether something is due.
const EVERY: Duration = Duration::from_secs(1);

/// Posts what is due. During maintenance it waits, and after that it posts what should have been.
pub async fn post_scheduled(scheduled: Scheduled, posts: Arc<dyn PostQueue>) {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        loop {
            match scheduled.post_due(&*posts).await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) | Err(PostError::Busy) => break,
                Err(PostError::Store(error)) if matches!(*error, StoreError::ReadOnly(_)) => break,
                Err(error) => {
                    tracing::warn!(%error, "scheduled messages could not be posted; trying again");
                    break;
                }
            }
        }
    }
}
