use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use super::{Entry, Forward};
use crate::{
    Actor, ClientId, ConversationId, Denied, FileId, FilterPhrase, HeldMessage, MessageBody, MessageId,
    StoreError, ThreadAnswer,
};

/// Somebody wants to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Who.
    pub actor: Actor,
    /// Where.
    pub conversation: ConversationId,
    /// The id the author's client gave it: the same id never posts twice.
    pub client_id: ClientId,
    /// The text.
    pub body: MessageBody,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The thread it is written in; `None` for the conversation itself.
    pub thread: Option<ThreadAnswer>,
    /// The files that belong to it, in their order: the author's own, or those of the message that is
    /// forwarded. Only with files the text may be empty.
    pub files: Vec<FileId>,
    /// Whose words they are, when it is forwarded.
    pub forward: Option<Forward>,
}

/// It is posted, and on the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The entry.
    pub entry: Arc<Entry>,
    /// The message's id.
    pub message: MessageId,
    /// Whether it was posted before, by an earlier try.
    pub duplicate: bool,
}

/// Why a post was refused.
#[derive(Debug, Error)]
pub enum PostError {
    /// Not theirs to post in.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The client id was used for another message.
    #[error("this client id was used for another message")]
    IdempotencyConflict,
    /// The message it answers is not in this conversation.
    #[error("the message it replies to is not in this conversation")]
    NoSuchReply,
    /// The message that the thread is about is not in this conversation.
    #[error("the message that the thread is about is not in this conversation")]
    NoSuchThread,
    /// The author has uploaded no such file, or it is gone because it was not sent for too long.
    #[error("one of the files is not there any more; upload it again")]
    NoSuchFile,
    /// What the thread would be about stands in a thread itself.
    #[error("a message in a thread has no thread of its own")]
    NestedThread,
    /// It says what is not to be written on this server, and is not posted.
    #[error("this message says “{0}”, which is not to be written here; change it and send it again")]
    Filtered(FilterPhrase),
    /// It is kept, and posted as soon as an admin lets it through.
    #[error("this message waits until an admin has looked at it")]
    Held,
    /// It waited, and an admin did not let it through.
    #[error("an admin did not let this message through")]
    Rejected,
    /// As many messages of the author wait as may.
    #[error(
        "{} messages of yours wait until an admin has looked at them; this one is not posted",
        HeldMessage::MAX_WAITING
    )]
    TooManyHeld,
    /// More posts wait than can be taken; try again shortly.
    #[error("too many messages are waiting to be stored")]
    Busy,
    /// The author writes faster than anybody may, and has to wait this long.
    #[error("too many messages at once")]
    TooFast(Duration),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

/// Collects posts while a batch is being written and answers each by itself.
#[async_trait]
pub trait PostQueue: Send + Sync {
    /// Posts; returns once the message is durable or refused. MUST keep the order in which one
    /// caller hands posts in, and MUST answer [`PostError::Busy`] rather than queue without a
    /// bound.
    async fn post(&self, post: Post) -> Result<Posted, PostError>;
}
