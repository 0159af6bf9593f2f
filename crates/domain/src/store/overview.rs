use async_trait::async_trait;

use super::Result;
use crate::{Day, DayFigures, Figures, SessionPolicy, Timestamp, Uncounted};

/// How much there is, and how many messages were posted when.
///
/// Posting counts nothing. Each log remembers up to which place its messages are counted, and what
/// came since is counted now and then, each entry once. Nothing that was counted is ever taken off.
#[async_trait]
pub trait OverviewRepository: Send + Sync {
    /// What there is at `now`; of sessions those that are good by the policy.
    async fn figures(&self, sessions: &SessionPolicy, now: Timestamp) -> Result<Figures>;

    /// What happened on this day and since, by day in order. Days without anything are left out.
    async fn days_since(&self, first: Day) -> Result<Vec<DayFigures>>;

    /// Parts of logs that are not counted yet, of about `most` entries together.
    async fn uncounted(&self, most: u64) -> Result<Vec<Uncounted>>;

    /// Notes these as counted; false when some of them were meanwhile, and then the unit of work MUST
    /// be dropped.
    async fn note_counted(&mut self, counted: &[Uncounted]) -> Result<bool>;
}
