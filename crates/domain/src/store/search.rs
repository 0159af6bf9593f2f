use async_trait::async_trait;

use super::Result;
use crate::{Candidates, ConversationId, Document, Entry, MessageId, Rebuild, UserId};

/// The index for searching. Call nothing that writes without having claimed it in the same unit of
/// work, but [`SearchRepository::erase_document`] and [`SearchRepository::remove_residue`].
#[async_trait]
pub trait SearchRepository: Send + Sync {
    /// Messages that may be hits, the latest indexed first, below the place `below`; each with its
    /// place. MUST answer every one that is asked for; MUST answer none that the reader may not
    /// read, nor one that was deleted, even when the index is behind.
    async fn candidates(
        &self,
        wanted: &Candidates,
        below: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Entry)>>;

    /// The conversations of `member` whose group has this name, in any case, or whose other person
    /// has this username.
    async fn conversations_called(&self, member: UserId, name: &str) -> Result<Vec<ConversationId>>;

    /// How far what is older than the index has been brought in.
    async fn rebuild_state(&self) -> Result<Rebuild>;

    /// Messages of all conversations in the order of their ids, deleted ones too.
    async fn messages_in_order(&self, after: MessageId, limit: u32) -> Result<Vec<Entry>>;

    /// Up to which place a log is in the index.
    async fn indexed_up_to(&self, conversation: ConversationId) -> Result<u64>;

    /// Conversations whose logs go on behind the index, at most `limit`.
    async fn unindexed_conversations(&self, limit: u32) -> Result<Vec<ConversationId>>;

    /// Has bringing in what is older to itself; `None` when somebody else has it, who MUST NOT be
    /// waited for.
    async fn claim_rebuild(&mut self) -> Result<Option<Rebuild>>;

    /// Begins it: all logs as they are now are to be brought in, and followed from their ends.
    async fn begin_rebuild(&mut self) -> Result<()>;

    /// Notes how far it is.
    async fn note_rebuilt(&mut self, state: Rebuild) -> Result<()>;

    /// Has the index of a log to itself, and answers up to which place it goes; `None` when somebody
    /// else has it, who MUST NOT be waited for.
    async fn claim_index_of(&mut self, conversation: ConversationId) -> Result<Option<u64>>;

    /// Notes up to which place a log is in the index.
    async fn note_indexed(&mut self, conversation: ConversationId, seq: u64) -> Result<()>;

    /// Adds messages to the index in this order, or replaces what it holds of them. Those that were
    /// deleted meanwhile are left out.
    async fn write_documents(&mut self, documents: &[Document]) -> Result<()>;

    /// Takes a message out of the index, whether it is in or not.
    async fn erase_document(&mut self, conversation: ConversationId, seq: u64) -> Result<()>;

    /// Whether the index still has in its file, though it finds it no more, something of many messages
    /// that were erased at once.
    async fn has_residue(&self) -> Result<bool>;

    /// Takes some of that out of the file.
    async fn remove_residue(&mut self) -> Result<()>;
}
