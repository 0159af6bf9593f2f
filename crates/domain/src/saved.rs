use std::sync::Arc;

use thiserror::Error;

use crate::messages::is_in_sight;
use crate::{
    Actor, Clock, Denied, Entry, Event, MessageId, Page, PageSize, Personal, Store, StoreError, Timestamp,
};

/// A message that somebody keeps to find it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedMessage {
    /// The message, as it is now.
    pub entry: Entry,
    /// When it was saved.
    pub saved_at: Timestamp,
}

/// Why a message was not saved.
#[derive(Debug, Error)]
pub enum SaveError {
    /// There is no such message, as far as this person may know.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It was deleted.
    #[error("the message was deleted")]
    Deleted,
    /// They have saved as many as they may.
    #[error("at most {most} messages can be saved; let go of one first", most = Saved::MOST)]
    TooMany,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The messages that people keep for themselves.
pub struct Saved {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Saved {
    /// The most messages that somebody may save.
    pub const MOST: u64 = 1_000;

    /// Saved messages kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Keeps a message. Once more changes nothing.
    pub async fn save(&self, actor: &Actor, id: MessageId) -> Result<(), SaveError> {
        let now = self.clock.now();
        let entry = self.store.message(id).await?.ok_or(Denied::NotFound)?;
        let standing = self.store.standing(entry.conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        is_in_sight(actor, &entry, &standing, now)?;
        if entry.message().is_none_or(|message| message.changes.deleted_at.is_some()) {
            return Err(SaveError::Deleted);
        }
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        if work.count_saved(actor.user).await? >= Self::MOST {
            return Err(SaveError::TooMany);
        }
        if work.save_message(actor.user, entry.conversation, entry.seq, now).await? {
            work.emit(Event::PersonalChanged { user: actor.user, what: Personal::Saved });
            work.commit().await?;
        }
        Ok(())
    }

    /// Lets go of a message, also of one that the actor may no longer see.
    pub async fn let_go(&self, actor: &Actor, id: MessageId) -> Result<(), SaveError> {
        let mut work = self.store.begin().await?;
        let places = work.places(&[id]).await?;
        let &(_, conversation, seq) = places.first().ok_or(Denied::NotFound)?;
        if work.forget_saved(actor.user, conversation, seq).await? {
            work.emit(Event::PersonalChanged { user: actor.user, what: Personal::Saved });
            work.commit().await?;
            return Ok(());
        }
        // What was never saved is told of to those only who may know of it.
        drop(work);
        let entry = self.store.message(id).await?.ok_or(Denied::NotFound)?;
        let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        Ok(is_in_sight(actor, &entry, &standing, self.clock.now())?)
    }

    /// What the actor saved and may still see, the latest saved first.
    pub async fn list(
        &self,
        actor: &Actor,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<SavedMessage>, SaveError> {
        Ok(self.store.saved_messages(actor.user, after, size).await?)
    }
}
