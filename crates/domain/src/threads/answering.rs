//! What posting in a thread asks for, beyond posting.

use std::collections::HashMap;

use super::{Answer, InThread, ThreadRoot};
use crate::{Entry, MessageId, Post, PostError, Repositories, Standing, StoreError};

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
