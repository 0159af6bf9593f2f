mod code;
mod finding;
mod folding;
mod indexing;
mod query;
mod snippet;
mod tokens;
mod words;

pub use finding::{Search, SearchError, SearchHit, SearchRequest};
pub(crate) use folding::{Folded, is_dense};
pub use indexing::{Indexing, Progress};
pub use query::{QueryError, SearchQuery};
pub use snippet::Snippet;

use uuid::Uuid;

use crate::{ConversationId, FileKind, Message, MessageId, Timestamp, UserId};

/// What a message has besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Contents {
    /// An address of the web.
    pub link: bool,
    /// A file, whatever is in it.
    pub file: bool,
    /// A picture.
    pub image: bool,
}

impl Contents {
    /// What a message has.
    pub fn of(message: &Message) -> Self {
        let text = message.body.as_str();
        Self {
            link: ["http://", "https://", "www."].iter().any(|start| text.contains(start)),
            file: !message.files.is_empty(),
            image: message.files.iter().any(|file| file.media_type.kind() == FileKind::Picture),
        }
    }
}

/// A message as the index for searching holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message's place.
    pub seq: u64,
    /// Who wrote it.
    pub author: UserId,
    /// Its text, and what its files are called, in `a-z`, `0-9` and space; see [`Candidates::codes`].
    pub code: String,
    /// What it has besides.
    pub contents: Contents,
}

/// Which messages may be hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidates {
    /// Who searches: only what they may read.
    pub reader: UserId,
    /// The present moment, which decides whether somebody is banned.
    pub now: Timestamp,
    /// Their codes have each of these as a part, of three signs at least. More MAY be answered.
    pub codes: Vec<String>,
    /// In one of these conversations; in any when there are none.
    pub conversations: Vec<ConversationId>,
    /// By one of these people; by anybody when there are none.
    pub authors: Vec<UserId>,
    /// With all of this.
    pub contents: Contents,
    /// Written at this moment or later.
    pub since: Option<Timestamp>,
    /// Written before this moment.
    pub before: Option<Timestamp>,
}

/// How far the index of everything that was written before it was begun has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuild {
    /// It was not begun.
    NotBegun,
    /// Messages up to this one, in the order of their ids, are in it.
    UpTo(MessageId),
    /// All of it is in.
    Done,
}

impl Rebuild {
    /// Stands before all messages.
    pub const NOTHING: MessageId = MessageId::from_uuid(Uuid::nil());
}
