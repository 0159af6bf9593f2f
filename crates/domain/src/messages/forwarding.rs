use std::sync::Arc;

use thiserror::Error;

use super::{Entry, Messaging, Post, PostError, PostQueue, Posted, is_in_sight};
use crate::{Actor, ClientId, ConversationId, Denied, MessageId, StoreError, UserId, Visibility};

/// Whose words a forwarded message has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forwarded {
    /// Who wrote them.
    pub author: UserId,
    /// Where, if that is a public group: of others nobody learns that there is one.
    pub source: Option<ConversationId>,
}

/// A message that is to be posted as the words of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    /// Whose words they are.
    pub author: UserId,
    /// Where they were written; `None` when that is not known any more.
    pub source: Option<ConversationId>,
    /// Whether that is a public group, which may be told.
    pub is_public: bool,
}

/// Why a message was not forwarded.
#[derive(Debug, Error)]
pub enum ForwardError {
    /// There is no such message, as far as this person may know.
    #[error("there is no such message")]
    NoSuchMessage,
    /// It was deleted.
    #[error("the message was deleted")]
    Deleted,
    /// It could not be posted there.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Messaging {
    /// Posts a copy of a message that the actor may read to another conversation, as the words of
    /// whoever wrote it. Posting the same again answers what the first try did, also when the
    /// message has changed since.
    pub async fn forward(
        &self,
        actor: &Actor,
        id: MessageId,
        conversation: ConversationId,
        client_id: ClientId,
        posts: &dyn PostQueue,
    ) -> Result<Posted, ForwardError> {
        if let Some(posted) = self.forwarded_before(actor, conversation, client_id).await? {
            return Ok(posted);
        }
        let entry = self.store.message(id).await?.ok_or(ForwardError::NoSuchMessage)?;
        let standing = self.store.standing(entry.conversation, actor.user).await?;
        let standing = standing.ok_or(ForwardError::NoSuchMessage)?;
        is_in_sight(actor, &entry, &standing, self.clock.now())
            .map_err(|_: Denied| ForwardError::NoSuchMessage)?;
        let (Some(message), Some(author)) = (entry.message(), entry.actor) else {
            return Err(ForwardError::NoSuchMessage);
        };
        if message.changes.deleted_at.is_some() {
            return Err(ForwardError::Deleted);
        }
        let is_public = standing.group.is_some_and(|group| group.visibility == Visibility::Public);
        // What was forwarded before stays the words of whoever wrote it, from where they wrote it.
        let forward = match message.forwarded.as_deref() {
            Some(Forwarded { author, source }) => {
                Forward { author: *author, source: *source, is_public: source.is_some() }
            }
            None => Forward { author, source: Some(entry.conversation), is_public },
        };
        let (actor, body) = (*actor, message.body.clone());
        let files = message.files.iter().map(|file| file.id).collect();
        let post = Post {
            actor,
            conversation,
            client_id,
            body,
            reply_to: None,
            thread: None,
            files,
            forward: Some(forward),
        };
        Ok(posts.post(post).await?)
    }

    async fn forwarded_before(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        client_id: ClientId,
    ) -> Result<Option<Posted>, StoreError> {
        let posted = self.store.posted(&[(actor.user, client_id)]).await?.pop();
        let posted = posted.filter(|entry| entry.conversation == conversation).and_then(|entry| {
            let message = entry.message().filter(|message| message.forwarded.is_some())?.id;
            Some(Posted { entry: Arc::new(entry), message, duplicate: true })
        });
        Ok(posted)
    }
}

/// The places of the forwarded messages among the accepted ones, whose entries these are.
pub(super) fn forwards_of<'a>(
    accepted: impl Iterator<Item = (&'a Post, MessageId)>,
    entries: &[Entry],
) -> Vec<(ConversationId, u64, Forward)> {
    let forwards = accepted.zip(entries);
    forwards.filter_map(|((post, _), entry)| Some((entry.conversation, entry.seq, post.forward?))).collect()
}
