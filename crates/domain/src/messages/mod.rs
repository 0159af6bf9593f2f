mod attaching;
mod changing;
mod forwarding;
mod places;
mod post;
mod posting;
mod reading;
mod recent;
mod screening;

pub(crate) use changing::is_in_sight;
pub use changing::{ChangeError, ChangePolicy, Changed, Revision};
pub use forwarding::{Forward, ForwardError, Forwarded};
pub use post::{Post, PostError, PostQueue, Posted};
pub use posting::Messaging;
pub use reading::ReadError;

use std::borrow::Cow;
use std::sync::Arc;

use crate::{
    ClientId, ConversationId, Emoji, File, GroupDescription, GroupName, InThread, MemberRole, Mentions,
    MessageBody, MessageId, PictureId, Replies, Retention, Standing, Timestamp, UserId, Visibility,
};

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
#[expect(clippy::large_enum_variant, reason = "nearly all entries are messages, which a box would cost")]
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
    /// The actor gave the group a new description.
    Description(GroupDescription),
    /// The actor changed who may find and join the group.
    Visibility(Visibility),
    /// The actor gave the group this picture, or took the one it had away.
    Picture(Option<PictureId>),
    /// The actor archived the group.
    Archive,
    /// The actor brought the group back.
    Unarchive,
    /// An admin froze the group: nobody writes there for a while.
    Freeze,
    /// An admin lifted that.
    Unfreeze,
    /// The actor cleared the group: what was written before is erased.
    Clear,
    /// The actor set how long messages and files are kept; `None`: as the server's setting says.
    Retention(Option<Retention>),
    /// The actor deleted the group: nobody is in it any more.
    GroupDeletion,
    /// The actor gave this person this role.
    Role(UserId, MemberRole),
    /// The actor keeps this person from writing until this moment.
    Mute(UserId, Timestamp),
    /// The actor lets this person write again.
    Unmute(UserId),
    /// The actor gave a message another text.
    Edit(Box<Target>),
    /// The actor deleted a message.
    Deletion(Box<Target>),
    /// The actor reacted to a message.
    Reaction(Box<Target>, Emoji),
    /// The actor took a reaction back.
    ReactionRemoval(Box<Target>, Emoji),
    /// The actor pinned a message, so that it is found again.
    Pin(Box<Target>),
    /// The actor unpinned a message.
    Unpin(Box<Target>),
    /// Files of a message were removed by who uploaded them, or were too old to be kept; the message
    /// itself is there.
    FileRemoval(Box<Target>),
}

impl EntryKind {
    /// The same change with the message as it is now.
    fn with_target(self, target: &Target) -> Self {
        let target = Box::new(target.clone());
        match self {
            Self::Edit(_) => Self::Edit(target),
            Self::Deletion(_) => Self::Deletion(target),
            Self::Reaction(_, emoji) => Self::Reaction(target, emoji),
            Self::ReactionRemoval(_, emoji) => Self::ReactionRemoval(target, emoji),
            Self::Pin(_) => Self::Pin(target),
            Self::Unpin(_) => Self::Unpin(target),
            Self::FileRemoval(_) => Self::FileRemoval(target),
            other => other,
        }
    }
}

/// The message that an entry changed, further down in the same log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The message's place.
    pub seq: u64,
    /// Who wrote it.
    pub author: UserId,
    /// The message as it is now: at this change, or at a later one when the entry was read later.
    pub message: Message,
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
    /// The files that belong to it, in their order.
    pub files: Vec<File>,
    /// The message it answers, in the same conversation.
    pub reply_to: Option<MessageId>,
    /// Whose words they are, when it was forwarded. Entries that change a message do not tell this.
    pub forwarded: Option<Box<Forwarded>>,
    /// The thread it was written in; `None` when it stands in the conversation itself.
    pub thread: Option<InThread>,
    /// The thread about it, once somebody answered. Entries that change a message do not tell this
    /// of it.
    pub replies: Option<Box<Replies>>,
    /// Whom it mentions.
    pub mentions: Mentions,
    /// What was done with it since.
    pub changes: Changes,
}

impl Message {
    /// What it says where its files are not shown: its text, or else what its files are called.
    pub fn in_words(&self) -> Cow<'_, str> {
        if self.files.is_empty() || !self.body.as_str().is_empty() {
            return self.body.as_str().into();
        }
        let names: Vec<String> = self.files.iter().map(|file| file.name.shown()).collect();
        names.join(", ").into()
    }

    /// Takes away what it says and what belongs to that: what stays is that there was a message.
    pub(crate) fn erase(&mut self, now: Timestamp) {
        self.body = MessageBody::from_stored(String::new());
        self.files.clear();
        self.mentions = Mentions::default();
        self.changes.deleted_at = Some(now);
        self.changes.pinned_at = None;
        self.changes.reactions.clear();
    }
}

/// What was done with a message since it was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The place of the latest change; 0 when there was none. Of two states of a message the one
    /// with the higher place is the newer one.
    pub seq: u64,
    /// When its text was changed last.
    pub edited_at: Option<Timestamp>,
    /// When it was deleted. It has no text, no reactions and no pin then.
    pub deleted_at: Option<Timestamp>,
    /// When it was pinned.
    pub pinned_at: Option<Timestamp>,
    /// Who reacted how, in the order in which each first came up.
    pub reactions: Vec<Reaction>,
}

/// Everybody who reacted with one emoji.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The emoji.
    pub emoji: Emoji,
    /// Who, the first one first.
    pub users: Vec<UserId>,
}

impl Entry {
    /// The message, when the entry is one.
    pub fn message(&self) -> Option<&Message> {
        match &self.kind {
            EntryKind::Message(message) => Some(message),
            _ => None,
        }
    }

    /// The message that it changed.
    pub fn target(&self) -> Option<&Target> {
        match &self.kind {
            EntryKind::Edit(target)
            | EntryKind::Deletion(target)
            | EntryKind::Reaction(target, _)
            | EntryKind::ReactionRemoval(target, _)
            | EntryKind::Pin(target)
            | EntryKind::Unpin(target)
            | EntryKind::FileRemoval(target) => Some(target),
            EntryKind::Message(_)
            | EntryKind::Join(_)
            | EntryKind::Leave(_)
            | EntryKind::Removal(_)
            | EntryKind::Rename(_)
            | EntryKind::Description(_)
            | EntryKind::Visibility(_)
            | EntryKind::Picture(_)
            | EntryKind::Archive
            | EntryKind::Unarchive
            | EntryKind::Freeze
            | EntryKind::Unfreeze
            | EntryKind::Clear
            | EntryKind::Retention(_)
            | EntryKind::GroupDeletion
            | EntryKind::Role(..)
            | EntryKind::Mute(..)
            | EntryKind::Unmute(_) => None,
        }
    }

    /// How many bytes of text it has, with what its files are called.
    pub(crate) fn text(&self) -> usize {
        let message = self.message().or_else(|| self.target().map(|target| &target.message));
        message.map_or(0, |message| {
            let names = message.files.iter().map(|file| file.name.as_str().len());
            message.body.as_str().len() + names.sum::<usize>()
        })
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
