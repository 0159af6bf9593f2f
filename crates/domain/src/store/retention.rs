use async_trait::async_trait;

use super::Result;
use crate::{ConversationId, DatedPlace, Retention, RetentionProgress, Timestamp};

/// How long messages and files of conversations are kept, and how far that was kept to.
#[async_trait]
pub trait RetentionRepository: Send + Sync {
    /// What was set for a conversation, and how far that and the server's setting were kept to; `None` when
    /// there is no such conversation. Where nothing was set or kept yet, everything is still to be looked
    /// at.
    async fn retention(&self, conversation: ConversationId) -> Result<Option<RetentionProgress>>;

    /// Conversations in which something may be as old as it is kept at most, by their own settings or the
    /// server's, at most so many, those that were kept to the least far first. Groups that are deleted or
    /// frozen MUST be left out.
    async fn due_retentions(
        &self,
        server: Option<Retention>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<RetentionProgress>>;

    /// Whether nothing of a conversation goes by its age, because it is a group that is deleted or frozen.
    async fn is_kept_whole(&self, conversation: ConversationId) -> Result<bool>;

    /// What there is at the next places of a log above this one.
    async fn dated_places(
        &self,
        conversation: ConversationId,
        above: u64,
        limit: u32,
    ) -> Result<Vec<DatedPlace>>;

    /// Sets how long messages and files of a conversation are kept, or that only the server's setting
    /// counts. How far that was kept to stays.
    async fn set_retention(&mut self, conversation: ConversationId, own: Option<Retention>) -> Result<()>;

    /// Notes how far messages and files were gone through. What was set stays.
    async fn note_retention(&mut self, progress: &RetentionProgress) -> Result<()>;
}
