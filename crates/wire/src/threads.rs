use parlor_domain as domain;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{Entry, Time};

/// Where a message stands that was written in a thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct InThread {
    /// The message that the thread is about.
    pub root: Uuid,
    /// That message's place in the same log.
    pub seq: u64,
    /// Whether the message is shown in the conversation, too, and counts as unread there.
    pub broadcast: bool,
}

/// What a message tells of the thread about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Replies {
    /// How many messages there are in the thread; deleted ones are not counted.
    pub count: u64,
    /// The place of the entry that changed this last. A message in the thread above it counts one
    /// more, the deletion of one above it one less.
    pub seq: u64,
    /// When the newest of them was written.
    pub latest_at: Time,
    /// Up to three of those who wrote there, the latest first.
    pub people: Vec<Uuid>,
}

/// A thread, as the one who asks sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Thread {
    /// The message it is about.
    pub root: Entry,
    /// Whether one follows it.
    pub following: bool,
    /// How far one has read it; 0 when one never followed it.
    pub read_seq: u64,
    /// How many messages by others come after `read_seq`; 0 when one does not follow it.
    pub unread: u64,
    /// The place in the log up to which this counts.
    pub as_of: u64,
}

impl From<&domain::Thread> for Thread {
    fn from(thread: &domain::Thread) -> Self {
        let domain::ThreadState { following, read_seq, unread, as_of } = thread.state;
        Self { root: (&thread.root).into(), following, read_seq, unread, as_of }
    }
}

impl From<domain::InThread> for InThread {
    fn from(thread: domain::InThread) -> Self {
        Self { root: thread.root.as_uuid(), seq: thread.seq, broadcast: thread.broadcast }
    }
}

impl From<&domain::Replies> for Replies {
    fn from(replies: &domain::Replies) -> Self {
        Self {
            count: replies.count,
            seq: replies.seq,
            latest_at: replies.latest_at.into(),
            people: replies.people.iter().map(|person| person.as_uuid()).collect(),
        }
    }
}
