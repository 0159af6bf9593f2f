//! What posting in a thread asks for, beyond posting.

use std::collections::HashMap;

use super::{Answer, InThread, MentionedInThread, ThreadRoot};
use crate::{Entry, MessageId, Post, PostError, Repositories, Standing, StoreError, UserId};

/// The messages that the posts of a batch answer in threads.
#[derive(Debug, Default)]
pub(crate) struct Roots(HashMap<MessageId, ThreadRoot>);

/// Reads them; asks nothing when nobody answers in a thread.
pub(crate) async fn roots_of(
    work: &(impl Repositories + ?Sized),
    posts: &[Post],
) -> Result<Roots, StoreError> {
    let ids: Vec<_> = posts.iter().filter_map(|post| Some(post.thread?.root)).collect();
    if ids.is_empty() {
        return Ok(Roots::default());
    }
    Ok(Roots(work.thread_roots(&ids).await?.into_iter().map(|root| (root.id, root)).collect()))
}

impl Roots {
    /// Why this post cannot be written in its thread. A message that its author does not see is
    /// none to them.
    pub(crate) fn refuses(&self, post: &Post, standing: &Standing) -> Option<PostError> {
        let root = self.0.get(&post.thread?.root);
        match root.filter(|root| root.conversation == post.conversation && root.seq > standing.floor_seq) {
            None => Some(PostError::NoSuchThread),
            Some(root) if root.is_answer => Some(PostError::NestedThread),
            Some(_) => None,
        }
    }

    /// Where the post will stand.
    pub(crate) fn place(&self, post: &Post) -> Option<InThread> {
        let thread = post.thread?;
        let root = self.0.get(&thread.root)?;
        Some(InThread { root: root.id, seq: root.seq, broadcast: thread.broadcast })
    }
}

/// Those whom a message mentions that was written in a thread: each of them but those whom it
/// mentioned `before`. What mentions everybody makes nobody follow.
pub(crate) fn mentioned_in(entry: &Entry, before: &[UserId]) -> Vec<MentionedInThread> {
    let Some((message, thread)) = entry.message().and_then(|message| Some((message, message.thread?))) else {
        return Vec::new();
    };
    let mentioned = |user: &UserId| MentionedInThread {
        conversation: entry.conversation,
        root_seq: thread.seq,
        user: *user,
        seq: entry.seq,
    };
    message.mentions.users.iter().filter(|user| !before.contains(user)).map(mentioned).collect()
}

/// The answers among these entries.
pub(crate) fn answers_of(entries: &[Entry], roots: &Roots) -> Vec<Answer> {
    let answers = entries.iter().filter_map(|entry| {
        let root = roots.0.get(&entry.message()?.thread?.root)?;
        Some(Answer {
            conversation: entry.conversation,
            root_seq: root.seq,
            root_author: root.author,
            author: entry.actor?,
            seq: entry.seq,
        })
    });
    answers.collect()
}
