use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use super::Cursor;
use crate::{
    Action, Actor, Clock, ConversationId, ConversationView, Denied, Event, Personal, Store, StoreError,
    UserId, authorize,
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
        for moved in work.move_cursors(moves).await? {
            let MovedCursor { conversation, user, cursor, peer } = moved;
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
