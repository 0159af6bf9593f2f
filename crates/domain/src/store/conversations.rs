use async_trait::async_trait;

use super::Result;
use crate::{
    Conversation, ConversationId, ConversationView, CursorMove, DirectKey, Membership, MovedCursor,
    NewConversation, Page, PageSize, Standing, Timestamp, UserId,
};
#[cfg(doc)]
use crate::{StoreError, UniqueKey};

/// Conversations, their members and the members' cursors.
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// The conversation with this id.
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>>;

    /// The direct conversation between these people.
    async fn direct_conversation(&self, key: DirectKey) -> Result<Option<Conversation>>;

    /// How this person stands to this conversation; `None` when there is no such conversation.
    async fn standing(&self, conversation: ConversationId, user: UserId) -> Result<Option<Standing>>;

    /// How these people stand to these conversations, in one query, in no particular order.
    /// Pairs with a conversation that does not exist are left out.
    async fn standings(&self, pairs: &[(ConversationId, UserId)]) -> Result<Vec<Standing>>;

    /// One of the user's conversations as they see it; `None` when they are not a member.
    async fn conversation_view(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<Option<ConversationView>>;

    /// All conversations of a user, the most recently active first.
    async fn all_conversation_views(&self, user: UserId) -> Result<Vec<ConversationView>>;

    /// One page of them. `after` is opaque, made by the store for [`Page::next`].
    async fn conversation_views(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ConversationView>>;

    /// The newest place of each of these logs, in no particular order.
    async fn heads(&self, conversations: &[ConversationId]) -> Result<Vec<(ConversationId, u64)>>;

    /// Who joined which conversation at this moment or later, at most `limit`, the latest first.
    async fn joined_since(&self, at: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>>;

    /// Has these logs, their members and their groups to itself: from now until the commit nobody
    /// else who asks for the same gets them. What is read of them afterwards stays so, which a
    /// decision depends on that is made before something is written. Unknown ids do no harm.
    async fn lock_conversations(&mut self, ids: &[ConversationId]) -> Result<()>;

    /// Erases a conversation with its log, its group and its members. An unknown one does no harm. Files
    /// that nothing uses any more are unused from this moment on.
    async fn erase_conversation(&mut self, id: ConversationId, at: Timestamp) -> Result<()>;

    /// Makes a conversation with an empty log. MUST answer [`StoreError::Conflict`] with
    /// [`UniqueKey::DirectKey`] when these people have one.
    async fn insert_conversation(&mut self, conversation: &NewConversation) -> Result<()>;

    /// Adds members. One who is in already stays as they are.
    async fn insert_members(&mut self, members: &[Membership]) -> Result<()>;

    /// Removes a member; whether there was one.
    async fn delete_member(&mut self, conversation: ConversationId, user: UserId) -> Result<bool>;

    /// Moves cursors forward, in one statement: each side to the farther of both, never beyond the
    /// end of the log, delivered never behind read. Answers those that moved; moves of people who
    /// are not members are left out.
    async fn move_cursors(&mut self, moves: &[CursorMove]) -> Result<Vec<MovedCursor>>;

    /// Takes that many next places in each of these logs, in one statement, and notes the moment
    /// as their latest activity. Answers each log's new last place; from then until the commit
    /// nobody else can take places in them. Conversations MUST be distinct.
    async fn take_seqs(
        &mut self,
        counts: &[(ConversationId, u32)],
        now: Timestamp,
    ) -> Result<Vec<(ConversationId, u64)>>;
}
