use async_trait::async_trait;

use super::Result;
use crate::{Block, Entry, MovedCursor, Page, PageSize, Seen, Timestamp, UserId, Viewer};

/// What people keep to themselves and from whom, and who has read what.
#[async_trait]
pub trait PrivacyRepository: Send + Sync {
    /// What this person may see of others; of nobody who exists, what everybody may.
    async fn viewer(&self, user: UserId) -> Result<Viewer>;

    /// Those who keep to themselves when they were last seen, in no particular order.
    async fn discreet_users(&self) -> Result<Vec<UserId>>;

    /// Whom this person blocked, the latest first.
    async fn blocks_of(&self, user: UserId) -> Result<Vec<Block>>;

    /// Notes that the first person blocked the second one. Once more does no harm.
    async fn insert_block(&mut self, user: UserId, blocked: UserId, at: Timestamp) -> Result<()>;

    /// Lets the second person be again.
    async fn delete_block(&mut self, user: UserId, blocked: UserId) -> Result<()>;

    /// Notes when members read up to where they are now, in conversations of at most 100 members. Of
    /// each member the moves over the last 256 places MUST stay known, and no more than that many.
    async fn note_reads(&mut self, reads: &[MovedCursor], at: Timestamp) -> Result<()>;

    /// Which members have read this entry, by username, from behind the username `after`: those who let
    /// others see what they read, were in when it was written, and are not its author.
    async fn seen_by(&self, entry: &Entry, after: Option<&str>, size: PageSize) -> Result<Page<Seen>>;
}
