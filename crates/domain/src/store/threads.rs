use async_trait::async_trait;

use super::Result;
use crate::{
    Answer, ConversationId, Entry, MentionedInThread, MessageId, Page, PageSize, Span, Thread, ThreadRoot,
    ThreadState, Timestamp, UserId,
};

/// Threads, and who follows them.
#[async_trait]
pub trait ThreadRepository: Send + Sync {
    /// Those of these messages that exist, in no particular order.
    async fn thread_roots(&self, ids: &[MessageId]) -> Result<Vec<ThreadRoot>>;

    /// The messages written in the thread about the message at `root_seq`, that lie above the place
    /// `above`, oldest first, at most `limit`. [`Span::Around`] is answered like [`Span::Newest`].
    async fn thread_entries(
        &self,
        conversation: ConversationId,
        root_seq: u64,
        above: u64,
        span: Span,
        limit: u32,
    ) -> Result<Vec<Entry>>;

    /// How a member stands to a thread; `None` for one who is no member. MUST be read in one
    /// statement, so that what is counted and how far it counts belong together.
    async fn thread_state(
        &self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
    ) -> Result<Option<ThreadState>>;

    /// The threads that a person follows in conversations that they are in, as far as they see
    /// them and somebody answered: those with something unread first, then the latest answered.
    /// `after` is opaque, made by the store.
    async fn followed_threads(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Thread>>;

    /// Notes that messages were written in threads: the messages these are about count them, and
    /// whoever answered follows and has read up to there. Whoever wrote what a thread is about
    /// follows it, too, unless they said otherwise.
    async fn note_answers(&mut self, answers: &[Answer], at: Timestamp) -> Result<()>;

    /// Makes those follow a thread whom messages in it mention, unless they said otherwise. What was
    /// written in it before the first of these counts as read.
    async fn follow_mentioned(&mut self, mentioned: &[MentionedInThread]) -> Result<()>;

    /// Notes that a message in the thread about the one at `root_seq` was deleted, by the entry at
    /// `seq`.
    async fn note_deleted_answer(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        seq: u64,
    ) -> Result<()>;

    /// Lets a person follow a thread, or no longer. Everything in it up to now counts as read.
    async fn follow_thread(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
        follows: bool,
    ) -> Result<()>;

    /// Notes how far a person has read a thread that they follow. MUST NOT move it back.
    async fn read_thread(
        &mut self,
        conversation: ConversationId,
        root_seq: u64,
        user: UserId,
        seq: u64,
    ) -> Result<()>;
}
