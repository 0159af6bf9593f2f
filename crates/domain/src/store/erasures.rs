use async_trait::async_trait;

use super::Result;
use crate::{Belonging, ConversationId, Entry, Erasure, ErasureId, Timestamp, User, UserId};
#[cfg(doc)]
use crate::{SearchRepository, StoreError, UniqueKey};

/// Messages that are erased bit by bit, and accounts that end.
#[async_trait]
pub trait ErasureRepository: Send + Sync {
    /// What is still to be erased, what was ordered first first.
    async fn erasures(&self, limit: u32) -> Result<Vec<Erasure>>;

    /// Whether messages of this person are still to be erased everywhere.
    async fn is_erasing(&self, author: UserId) -> Result<bool>;

    /// How many messages of this person there are; deleted ones are left out.
    async fn count_messages_by(&self, author: UserId) -> Result<u64>;

    /// The log with the next id above this one in which this person may have written, with its last
    /// place. Direct conversations of others and groups that were deleted MUST be left out.
    async fn next_log(&self, after: ConversationId, author: UserId) -> Result<Option<(ConversationId, u64)>>;

    /// The places of messages between two places of a log, both left out, the latest first: those
    /// that this person wrote, or everybody, until this moment. Deleted ones MUST be left out.
    async fn messages_between(
        &self,
        conversation: ConversationId,
        between: (u64, u64),
        author: Option<UserId>,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<u64>>;

    /// The messages at these places of a log, in their order.
    async fn messages_at(&self, conversation: ConversationId, seqs: &[u64]) -> Result<Vec<Entry>>;

    /// The conversations that somebody is in, and what becomes of each when they go.
    async fn belongings(&self, user: UserId) -> Result<Vec<Belonging>>;

    /// Notes what is to be erased.
    async fn insert_erasure(&mut self, erasure: &Erasure) -> Result<()>;

    /// Has an erasure to itself until the commit, and answers how far it is; `None` when it is done.
    async fn lock_erasure(&mut self, id: ErasureId) -> Result<Option<Erasure>>;

    /// Notes how far an erasure has come.
    async fn move_erasure(&mut self, id: ErasureId, reached: (ConversationId, u64)) -> Result<()>;

    /// An erasure is done.
    async fn delete_erasure(&mut self, id: ErasureId) -> Result<()>;

    /// Takes from the messages at these places, each with the place of the entry that tells of it,
    /// their text, files, earlier texts, mentions, reactions and pins, and what the index for searching has
    /// of them, for good. Of several, the index's file may have something left until
    /// [`SearchRepository::remove_residue`] took it out.
    async fn erase_messages(
        &mut self,
        conversation: ConversationId,
        places: &[(u64, u64)],
        at: Timestamp,
    ) -> Result<()>;

    /// Ends an account for good: writes what stays of the person, username included, with a password
    /// that nobody has, and takes away all that they kept for themselves: codes and links that give
    /// the account back, notifications, what they saved and scheduled, threads that they followed,
    /// blocks, mutes, bans, and their links into groups. Invitations to the server that they made
    /// MUST not be good any more. Sessions and memberships are ended apart. MUST answer
    /// [`StoreError::Conflict`] with [`UniqueKey::Username`] when the username is taken.
    async fn close_account(&mut self, shell: &User, at: Timestamp) -> Result<()>;
}
