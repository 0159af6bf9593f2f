use async_trait::async_trait;

use super::Result;
use crate::{ConversationId, Draft, Page, PageSize, UserId};

/// What people wrote and have not sent yet. Who goes out of a conversation has none there any more.
#[async_trait]
pub trait DraftRepository: Send + Sync {
    /// A person's drafts, in one conversation or in all; `after` is opaque, made by the store.
    async fn drafts(
        &self,
        user: UserId,
        conversation: Option<ConversationId>,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Draft>>;

    /// How many drafts a person has.
    async fn count_drafts(&self, user: UserId) -> Result<u64>;

    /// The version of a person's next change of a draft, from 1 on, higher each time. Until the end
    /// of the unit of work nobody else changes their drafts.
    async fn next_draft_version(&mut self, user: UserId) -> Result<u64>;

    /// Keeps a member's draft instead of the one at the same place. `root_seq` is the place of the
    /// message that its thread is about, 0 outside of threads.
    async fn put_draft(&mut self, user: UserId, root_seq: u64, draft: &Draft) -> Result<()>;

    /// Deletes the draft at this place, unless its version is higher than this one; whether there
    /// was such a draft.
    async fn delete_draft(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        root_seq: u64,
        version: u64,
    ) -> Result<bool>;
}
