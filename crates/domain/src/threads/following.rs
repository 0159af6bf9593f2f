use std::sync::Arc;

use thiserror::Error;

use super::{Thread, ThreadPage};
use crate::messages::is_in_sight;
use crate::{
    Actor, Clock, Denied, Entry, Event, MessageId, Page, PageSize, Personal, Span, Standing, Store,
    StoreError,
};

/// Why a thread could not be read or followed.
#[derive(Debug, Error)]
pub enum ThreadError {
    /// There is no such message, as far as this person may know.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reading threads and following them. A thread is named by the message it is about, or by any
/// message in it.
pub struct Threads {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
}

impl Threads {
    /// Threads kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock }
    }

    /// One thread, as the actor sees it.
    pub async fn one(&self, actor: &Actor, id: MessageId) -> Result<Thread, ThreadError> {
        let (root, _) = self.root(actor, id).await?;
        self.see(actor, root).await
    }

    /// The messages of a thread, oldest first.
    pub async fn replies(
        &self,
        actor: &Actor,
        id: MessageId,
        span: Span,
        size: PageSize,
    ) -> Result<ThreadPage, ThreadError> {
        let (root, standing) = self.root(actor, id).await?;
        // One more than fits on each side tells whether there is more.
        let limit = size.get() + 1;
        let mut entries =
            self.store.thread_entries(root.conversation, root.seq, standing.floor_seq, span, limit).await?;
        let more = entries.len() > size.get() as usize;
        let (has_older, has_newer) = match span {
            Span::After(seq) => {
                entries.truncate(size.get() as usize);
                (seq > root.seq, more)
            }
            Span::Before(_) | Span::Newest | Span::Around(_) => {
                entries.drain(..usize::from(more));
                (more, matches!(span, Span::Before(_)))
            }
        };
        Ok(ThreadPage { entries: entries.into_iter().map(Arc::new).collect(), has_older, has_newer })
    }

    /// The threads the actor follows, those with something unread first, then the latest answered.
    pub async fn followed(
        &self,
        actor: &Actor,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Thread>, ThreadError> {
        Ok(self.store.followed_threads(actor.user, after, size).await?)
    }

    /// Follows a thread, or no longer. What was written in it before does not count as unread.
    pub async fn follow(&self, actor: &Actor, id: MessageId, wanted: bool) -> Result<Thread, ThreadError> {
        let (root, _) = self.root(actor, id).await?;
        let thread = self.see(actor, root).await?;
        if thread.state.following == wanted {
            return Ok(thread);
        }
        let (conversation, seq) = (thread.root.conversation, thread.root.seq);
        let mut work = self.store.begin().await?;
        work.follow_thread(conversation, seq, actor.user, wanted).await?;
        let what = Personal::Thread(message_of(&thread.root)?);
        work.emit(Event::PersonalChanged { user: actor.user, what });
        work.commit().await?;
        self.see(actor, thread.root).await
    }

    /// Marks a thread as read up to a place. Who does not follow it has nothing to mark.
    pub async fn read(&self, actor: &Actor, id: MessageId, seq: u64) -> Result<Thread, ThreadError> {
        let (root, _) = self.root(actor, id).await?;
        let thread = self.see(actor, root).await?;
        let seq = seq.min(thread.state.as_of);
        if !thread.state.following || seq <= thread.state.read_seq {
            return Ok(thread);
        }
        let mut work = self.store.begin().await?;
        work.read_thread(thread.root.conversation, thread.root.seq, actor.user, seq).await?;
        let what = Personal::Thread(message_of(&thread.root)?);
        work.emit(Event::PersonalChanged { user: actor.user, what });
        work.commit().await?;
        self.see(actor, thread.root).await
    }

    /// The message that a thread is about, for somebody who may read it.
    async fn root(&self, actor: &Actor, id: MessageId) -> Result<(Entry, Standing), ThreadError> {
        let mut entry = self.store.message(id).await?.ok_or(Denied::NotFound)?;
        let standing = self.store.standing(entry.conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        is_in_sight(actor, &entry, &standing, self.clock.now())?;
        if let Some(thread) = entry.message().and_then(|message| message.thread) {
            entry = self.store.message(thread.root).await?.ok_or(Denied::NotFound)?;
            is_in_sight(actor, &entry, &standing, self.clock.now())?;
        }
        Ok((entry, standing))
    }

    async fn see(&self, actor: &Actor, root: Entry) -> Result<Thread, ThreadError> {
        let state = self.store.thread_state(root.conversation, root.seq, actor.user).await?;
        Ok(Thread { root, state: state.ok_or(Denied::NotFound)? })
    }
}

fn message_of(entry: &Entry) -> Result<MessageId, Denied> {
    entry.message().map(|message| message.id).ok_or(Denied::NotFound)
}
