use async_trait::async_trait;

use super::Result;
use crate::{ConversationId, Page, PageSize, SavedMessage, Timestamp, UserId};

/// What people keep for themselves.
#[async_trait]
pub trait PersonalRepository: Send + Sync {
    /// The messages a person saved, those left out that were deleted and those they may not see:
    /// in conversations that they are not in, or below their floor. The latest saved first; `after`
    /// is opaque, made by the store.
    async fn saved_messages(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<SavedMessage>>;

    /// How many messages a person saved.
    async fn count_saved(&self, user: UserId) -> Result<u64>;

    /// Saves the message at this place for a person; whether it was not saved before.
    async fn save_message(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        seq: u64,
        at: Timestamp,
    ) -> Result<bool>;

    /// Lets go of a saved message; whether it was one.
    async fn forget_saved(&mut self, user: UserId, conversation: ConversationId, seq: u64) -> Result<bool>;

    /// Moves a member's read cursor to this place, also back; whether there is such a member. How
    /// far was delivered stays.
    async fn set_read_cursor(&mut self, conversation: ConversationId, user: UserId, seq: u64)
    -> Result<bool>;
}
