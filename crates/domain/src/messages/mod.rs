mod posting;
mod reading;
mod recent;

pub use posting::{Messaging, Post, PostError, PostQueue, Posted};
pub use reading::ReadError;

use std::sync::Arc;

use crate::{ClientId, ConversationId, GroupName, MessageBody, MessageId, Standing, Timestamp, UserId};

/// One durable change of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// Its place in the log: dense from 1, in the order of the commits.
    pub seq: u64,
    /// Who did it; `None` when the server did.
    pub actor: Option<UserId>,
    /// When, for people.
    pub created_at: Timestamp,
    /// What was done.
    pub kind: EntryKind,
}

/// What an entry records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// The actor wrote.
    Message(Message),
    /// This person came in, by themselves or invited by the actor.
    Join(UserId),
    /// This person left.
    Leave(UserId),
    /// The actor removed this person.
    Removal(UserId),
    /// The actor gave the group a new name.
    Rename(GroupName),
}

/// A message's text and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The id its author's client gave it.
    pub client_id: ClientId,
    /// The text.
    pub body: MessageBody,
    /// The message it answers, in the same conversation.
    pub reply_to: Option<MessageId>,
}

impl Entry {
    /// The message, when the entry is one.
    pub fn message(&self) -> Option<&Message> {
        match &self.kind {
            EntryKind::Message(message) => Some(message),
            _ => None,
        }
    }

    /// How many bytes of text it has.
    fn text(&self) -> usize {
        self.message().map_or(0, |message| message.body.as_str().len())
    }
}

/// Which part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The newest entries.
    Newest,
    /// The newest entries below this place.
    Before(u64),
    /// The oldest entries above this place.
    After(u64),
    /// Half of them below this place, the rest from it on.
    Around(u64),
}

/// Part of a log, oldest first, with the reader's standing at the same moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogPage {
    /// Where the reader stood when the page was read.
    pub standing: Standing,
    /// The entries; empty when the reader is not a member.
    pub entries: Vec<Arc<Entry>>,
}

impl LogPage {
    /// Whether there are entries for this reader below the page.
    pub fn has_older(&self) -> bool {
        self.entries.first().is_some_and(|first| first.seq > self.standing.floor_seq + 1)
    }

    /// Whether there are entries above the page.
    pub fn has_newer(&self) -> bool {
        self.entries.last().is_some_and(|last| last.seq < self.standing.last_seq)
    }
}
