mod answering;
mod following;

pub(crate) use answering::{Roots, answers_of, mentioned_in, roots_of};
pub use following::{ThreadError, Threads};

use std::sync::Arc;

use crate::{ConversationId, Entry, EntryKind, MessageId, Timestamp, UserId};

/// Where a message stands that was written in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InThread {
    /// The message that the thread is about.
    pub root: MessageId,
    /// Its place in the same log.
    pub seq: u64,
    /// Whether the message is shown in the conversation, too.
    pub broadcast: bool,
}

/// Where somebody wants to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadAnswer {
    /// The message that the thread is about.
    pub root: MessageId,
    /// Whether the answer is to be shown in the conversation, too.
    pub broadcast: bool,
}

/// What a message tells of the thread about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replies {
    /// How many messages there are in it; deleted ones are not counted.
    pub count: u64,
    /// The place of the entry that changed this last. Entries above it are not counted yet.
    pub seq: u64,
    /// When the newest of them was written.
    pub latest_at: Timestamp,
    /// A few of those who wrote there, the latest first.
    pub people: Vec<UserId>,
}

impl Replies {
    /// The most people that are named.
    pub const PEOPLE: usize = 3;

    /// What a message tells of its thread after an entry of the same log; `None` when that changes
    /// nothing, or is counted already. When the newest was deleted, the moment of the one before
    /// it is known only to the store; until that is read the later one stays.
    pub(crate) fn after(before: Option<&Self>, entry: &Entry) -> Option<Self> {
        let mut replies = before.cloned().unwrap_or_else(|| Self::none(entry));
        if before.is_some_and(|before| before.seq >= entry.seq) {
            return None;
        }
        replies.seq = entry.seq;
        match &entry.kind {
            EntryKind::Message(_) => {
                let author = entry.actor?;
                replies.count += 1;
                replies.latest_at = entry.created_at;
                replies.people.retain(|person| *person != author);
                replies.people.insert(0, author);
                replies.people.truncate(Self::PEOPLE);
            }
            EntryKind::Deletion(_) => replies.count = replies.count.saturating_sub(1),
            _ => return None,
        }
        Some(replies)
    }

    fn none(entry: &Entry) -> Self {
        Self { count: 0, seq: entry.seq, latest_at: entry.created_at, people: Vec::new() }
    }
}

/// A message that a thread may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadRoot {
    /// The message.
    pub id: MessageId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its place.
    pub seq: u64,
    /// Who wrote it.
    pub author: UserId,
    /// Whether it stands in a thread itself.
    pub is_answer: bool,
}

/// A message that was written in a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The conversation.
    pub conversation: ConversationId,
    /// The place of the message that the thread is about.
    pub root_seq: u64,
    /// Who wrote that.
    pub root_author: UserId,
    /// Who answered.
    pub author: UserId,
    /// The answer's place.
    pub seq: u64,
}

/// Somebody whom a message in a thread mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MentionedInThread {
    /// The conversation.
    pub conversation: ConversationId,
    /// The place of the message that the thread is about.
    pub root_seq: u64,
    /// Whom it mentions.
    pub user: UserId,
    /// The place of the message that mentions them.
    pub seq: u64,
}

/// How one person stands to a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ThreadState {
    /// Whether they follow it.
    pub following: bool,
    /// How far they have read it; 0 when they never followed it.
    pub read_seq: u64,
    /// How many messages by others come after that; 0 when they do not follow it.
    pub unread: u64,
    /// The place up to which this counts.
    pub as_of: u64,
}

/// A thread, as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The message it is about.
    pub root: Entry,
    /// How they stand to it.
    pub state: ThreadState,
}

/// Part of a thread, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThreadPage {
    /// The messages, without the one that the thread is about.
    pub entries: Vec<Arc<Entry>>,
    /// Whether there are some before these.
    pub has_older: bool,
    /// Whether there are some after these.
    pub has_newer: bool,
}
