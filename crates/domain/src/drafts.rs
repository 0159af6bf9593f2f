use std::sync::Arc;

use thiserror::Error;

use crate::{
    Action, Actor, Clock, ConversationId, Denied, Event, MessageBody, MessageId, Page, PageSize, Personal,
    Store, StoreError, Timestamp, UnitOfWork, authorize,
};

/// What somebody wrote and has not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// Where it is to be posted.
    pub conversation: ConversationId,
    /// The message that the thread is about which it is to stand in; `None` for the conversation
    /// itself.
    pub thread: Option<MessageId>,
    /// What was written so far.
    pub body: MessageBody,
    /// Which of a person's changes made it: of two states the one with the higher version is the
    /// newer one.
    pub version: u64,
    /// When it was written.
    pub updated_at: Timestamp,
}

/// Why a draft was not kept.
#[derive(Debug, Error)]
pub enum DraftError {
    /// Not a conversation of theirs.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The message that the thread is about is not in this conversation.
    #[error("the message that the thread is about is not in this conversation")]
    NoSuchThread,
    /// They have as many as they may.
    #[error("at most {most} drafts are kept; send or delete one first", most = Drafts::MOST)]
    TooMany,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What people wrote and have not sent yet, the same on all their devices.
pub struct Drafts {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Drafts {
    /// The most drafts that somebody may have.
    pub const MOST: u64 = 200;

    /// Drafts kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// Keeps what somebody wrote, instead of what they wrote there before: the last one counts.
    pub async fn keep(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        thread: Option<MessageId>,
        body: MessageBody,
    ) -> Result<Draft, DraftError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let root_seq = place(&*work, actor, conversation, thread, now).await?;
        let version = work.next_draft_version(actor.user).await?;
        let draft = Draft { conversation, thread, body, version, updated_at: now };
        work.put_draft(actor.user, root_seq, &draft).await?;
        if work.count_drafts(actor.user).await? > Self::MOST {
            return Err(DraftError::TooMany);
        }
        work.emit(changed(actor, conversation, version));
        work.commit().await?;
        Ok(draft)
    }

    /// Deletes what was written there up to this version; all of it when none is given. What is
    /// newer stays.
    pub async fn clear(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        thread: Option<MessageId>,
        version: Option<u64>,
    ) -> Result<(), DraftError> {
        let mut work = self.store.begin().await?;
        let root_seq = place(&*work, actor, conversation, thread, self.clock.now()).await?;
        let next = work.next_draft_version(actor.user).await?;
        if work.delete_draft(actor.user, conversation, root_seq, version.unwrap_or(next)).await? {
            work.emit(changed(actor, conversation, next));
            work.commit().await?;
        }
        Ok(())
    }

    /// The actor's drafts in the conversations they are in, or in one of them.
    pub async fn list(
        &self,
        actor: &Actor,
        conversation: Option<ConversationId>,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Draft>, DraftError> {
        Ok(self.store.drafts(actor.user, conversation, after, size).await?)
    }
}

fn changed(actor: &Actor, conversation: ConversationId, version: u64) -> Event {
    Event::PersonalChanged { user: actor.user, what: Personal::Draft(conversation, version) }
}

/// The place of the message that the thread is about, 0 outside of threads, for those who may see it.
async fn place(
    work: &dyn UnitOfWork,
    actor: &Actor,
    conversation: ConversationId,
    thread: Option<MessageId>,
    now: Timestamp,
) -> Result<u64, DraftError> {
    let standing = work.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
    authorize(actor, Action::Read, &standing, now)?;
    let Some(thread) = thread else { return Ok(0) };
    let root = work.thread_roots(&[thread]).await?.into_iter().next();
    root.filter(|root| root.conversation == conversation && root.seq > standing.floor_seq && !root.is_answer)
        .map(|root| root.seq)
        .ok_or(DraftError::NoSuchThread)
}
