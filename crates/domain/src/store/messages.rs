use async_trait::async_trait;

use super::Result;
use crate::{
    ClientId, ConversationId, Emoji, Entry, Forward, LogPage, Message, MessageId, Page, PageSize, Revision,
    Span, Timestamp, UserId,
};
#[cfg(doc)]
use crate::{ConversationRepository, StoreError, UniqueKey};

/// The logs' entries.
#[async_trait]
pub trait MessageRepository: Send + Sync {
    /// Part of a log as `reader` may see it, oldest first, at most `limit` entries; `None` when
    /// there is no such conversation. MUST read standing and entries in one statement, and MUST
    /// give no entries to one who is not a member.
    async fn log(
        &self,
        conversation: ConversationId,
        reader: UserId,
        span: Span,
        limit: u32,
    ) -> Result<Option<LogPage>>;

    /// Entries of a log above `after`, oldest first, at most `limit`: for the server itself, which
    /// hands them out to those who may see them.
    async fn entries(&self, conversation: ConversationId, after: u64, limit: u32) -> Result<Vec<Entry>>;

    /// The entries of messages that were posted under these authors' client ids.
    async fn posted(&self, ids: &[(UserId, ClientId)]) -> Result<Vec<Entry>>;

    /// Where these messages stand: conversation and place. Unknown ones are left out.
    async fn places(&self, ids: &[MessageId]) -> Result<Vec<(MessageId, ConversationId, u64)>>;

    /// The entry of this message.
    async fn message(&self, id: MessageId) -> Result<Option<Entry>>;

    /// The pinned messages of a conversation above this place, the latest pinned first. `after` is
    /// opaque, made by the store.
    async fn pinned(
        &self,
        conversation: ConversationId,
        above: u64,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Entry>>;

    /// The texts that the message at this place had before, the oldest first.
    async fn revisions(&self, conversation: ConversationId, seq: u64) -> Result<Vec<Revision>>;

    /// Writes the text of the message at this place and what was done with it, but not its reactions.
    async fn update_message(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        message: &Message,
    ) -> Result<()>;

    /// Notes that somebody reacted to the message at this place. Once more does no harm.
    async fn insert_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
        at: Timestamp,
    ) -> Result<()>;

    /// Takes a reaction back, if there is one.
    async fn delete_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
    ) -> Result<()>;

    /// Takes all reactions to the message at this place away.
    async fn delete_reactions(&mut self, conversation: ConversationId, seq: u64) -> Result<()>;

    /// Keeps a text that the message at this place had.
    async fn insert_revision(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        revision: &Revision,
    ) -> Result<()>;

    /// Lets go of the texts that the message at this place had.
    async fn delete_revisions(&mut self, conversation: ConversationId, seq: u64) -> Result<()>;

    /// Erases the oldest entries of a log, at most so many and never the newest, with all that hangs
    /// on them; how many. Files that nothing uses any more are unused from this moment on.
    async fn erase_entries(&mut self, conversation: ConversationId, limit: u32, at: Timestamp)
    -> Result<u64>;

    /// Notes whose words the messages at these places are.
    async fn note_forwards(&mut self, forwards: &[(ConversationId, u64, Forward)]) -> Result<()>;

    /// Adds entries in one statement, at places from [`ConversationRepository::take_seqs`].
    /// MUST answer [`StoreError::Conflict`] with [`UniqueKey::ClientId`] when an author's client
    /// id was used before.
    async fn append(&mut self, entries: &[Entry]) -> Result<()>;
}
