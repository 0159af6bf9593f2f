use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use super::Cursor;
use crate::{
    Action, Actor, Clock, ConversationId, ConversationView, Denied, Event, MessageId, Page, PageSize,
    Personal, Store, StoreError, Timestamp, User, UserId, authorize,
};

/// A member has come this far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CursorMove {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// How far, at least.
    pub cursor: Cursor,
}

/// A cursor that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MovedCursor {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Where it is now.
    pub cursor: Cursor,
    /// The other person of a direct conversation, who sees it too.
    pub peer: Option<UserId>,
}

impl MovedCursor {
    /// Whether it was reading, and not only receiving, that moved it.
    fn was_read_by(&self, moves: &[CursorMove]) -> bool {
        let own = |step: &&CursorMove| step.conversation == self.conversation && step.user == self.user;
        moves.iter().filter(own).any(|step| step.cursor.read_seq >= self.cursor.read_seq.max(1))
    }
}

/// Somebody who has read a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Who.
    pub user: User,
    /// When they came to it, as far as that is still known.
    pub read_at: Option<Timestamp>,
}

/// Collects cursor moves and writes them together, shortly after.
///
/// Moves are frequent and only the farthest counts, so they are merged and written behind, within
/// a second. A crash loses at most that second, and clients repeat their cursors when they
/// reconnect.
#[async_trait]
pub trait CursorQueue: Send + Sync {
    /// Takes a move, merging it with what waits for the same member.
    fn push(&self, step: CursorMove);

    /// Returns once every move of this person that was pushed before is written.
    async fn settle(&self, user: UserId);
}

/// Why a cursor could not be moved.
#[derive(Debug, Error)]
pub enum ReceiptError {
    /// Not theirs to read.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who has received and read what.
pub struct Receipts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Receipts {
    /// Receipts kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Writes many moves at once. Moves of people who are no longer members are left out.
    pub async fn move_all(&self, moves: &[CursorMove]) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        let done = work.move_cursors(moves).await?;
        let reads: Vec<_> = done.iter().filter(|one| one.was_read_by(moves)).copied().collect();
        if !reads.is_empty() {
            work.note_reads(&reads, self.clock.now()).await?;
        }
        for one in done {
            let MovedCursor { conversation, user, cursor, peer } = one;
            work.emit(Event::CursorMoved { conversation, user, cursor, peer });
        }
        work.commit().await
    }

    /// Marks everything from `seq` on as unread, and answers how the conversation looks then. This
    /// alone moves a read cursor back.
    pub async fn unread(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        seq: u64,
        queue: &dyn CursorQueue,
    ) -> Result<ConversationView, ReceiptError> {
        let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &standing, self.clock.now())?;
        // What was read before comes before this.
        queue.settle(actor.user).await;
        let read_seq = seq.saturating_sub(1).max(standing.floor_seq).min(standing.last_seq);
        let mut work = self.store.begin().await?;
        if work.set_read_cursor(conversation, actor.user, read_seq).await? {
            let what = Personal::Unread(conversation, read_seq);
            work.emit(Event::PersonalChanged { user: actor.user, what });
            work.commit().await?;
        }
        Ok(self.store.conversation_view(conversation, actor.user).await?.ok_or(Denied::NotFound)?)
    }

    /// Who has read a message, by username: for its author, and only if they let others see what they
    /// read. Those who do not, and those who came later, are left out.
    pub async fn seen_by(
        &self,
        actor: &Actor,
        message: MessageId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Seen>, ReceiptError> {
        let entry = self.store.message(message).await?.ok_or(Denied::NotFound)?;
        let standing = self.store.standing(entry.conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        let reads = authorize(actor, Action::Read, &standing, self.clock.now());
        if reads.is_err() || entry.seq <= standing.floor_seq {
            return Err(Denied::NotFound.into());
        }
        if entry.actor != Some(actor.user) {
            return Err(Denied::Forbidden.into());
        }
        if !self.store.user(actor.user).await?.is_some_and(|user| user.shares_receipts) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        Ok(self.store.seen_by(&entry, after, size).await?)
    }

    /// Marks everything up to `seq` as read, and answers how the conversation looks then. Beyond
    /// the log's end is its end: nobody has read what is not written yet.
    pub async fn read(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        seq: u64,
        queue: &dyn CursorQueue,
    ) -> Result<ConversationView, ReceiptError> {
        let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &standing, self.clock.now())?;
        let seq = seq.min(standing.last_seq);
        queue.push(CursorMove {
            conversation,
            user: actor.user,
            cursor: Cursor { delivered_seq: seq, read_seq: seq },
        });
        queue.settle(actor.user).await;
        Ok(self.store.conversation_view(conversation, actor.user).await?.ok_or(Denied::NotFound)?)
    }
}
