use crate::{Entry, EntryKind};

/// A kind of thing that a receiver is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookEvent {
    /// Somebody wrote a message.
    MessagePosted,
    /// A message got another text, or lost files.
    MessageEdited,
    /// A message was deleted.
    MessageDeleted,
    /// A message was pinned.
    MessagePinned,
    /// A message was unpinned.
    MessageUnpinned,
    /// Somebody reacted to a message.
    ReactionAdded,
    /// Somebody took a reaction back.
    ReactionRemoved,
    /// Somebody came in.
    MemberJoined,
    /// Somebody left, or was removed.
    MemberLeft,
    /// Somebody got another role, may not write for a time, or may write again.
    MemberChanged,
    /// The group has another name, description, picture or visibility, or was archived, brought back,
    /// or cleared.
    GroupChanged,
}

impl WebhookEvent {
    /// All of them. The place of each never changes: it stands for the kind in what is stored.
    pub const ALL: [Self; 11] = [
        Self::MessagePosted,
        Self::MessageEdited,
        Self::MessageDeleted,
        Self::MessagePinned,
        Self::MessageUnpinned,
        Self::ReactionAdded,
        Self::ReactionRemoved,
        Self::MemberJoined,
        Self::MemberLeft,
        Self::MemberChanged,
        Self::GroupChanged,
    ];

    /// The word for it, as receivers get it.
    pub fn word(self) -> &'static str {
        match self {
            Self::MessagePosted => "message.posted",
            Self::MessageEdited => "message.edited",
            Self::MessageDeleted => "message.deleted",
            Self::MessagePinned => "message.pinned",
            Self::MessageUnpinned => "message.unpinned",
            Self::ReactionAdded => "reaction.added",
            Self::ReactionRemoved => "reaction.removed",
            Self::MemberJoined => "member.joined",
            Self::MemberLeft => "member.left",
            Self::MemberChanged => "member.changed",
            Self::GroupChanged => "group.changed",
        }
    }

    /// What an entry is to a receiver.
    pub fn of(entry: &Entry) -> Self {
        match entry.kind {
            EntryKind::Message(_) => Self::MessagePosted,
            EntryKind::Edit(_) | EntryKind::FileRemoval(_) => Self::MessageEdited,
            EntryKind::Deletion(_) => Self::MessageDeleted,
            EntryKind::Pin(_) => Self::MessagePinned,
            EntryKind::Unpin(_) => Self::MessageUnpinned,
            EntryKind::Reaction(..) => Self::ReactionAdded,
            EntryKind::ReactionRemoval(..) => Self::ReactionRemoved,
            EntryKind::Join(_) => Self::MemberJoined,
            EntryKind::Leave(_) | EntryKind::Removal(_) => Self::MemberLeft,
            EntryKind::Role(..) | EntryKind::Mute(..) | EntryKind::Unmute(_) => Self::MemberChanged,
            EntryKind::Rename(_)
            | EntryKind::Description(_)
            | EntryKind::Visibility(_)
            | EntryKind::Picture(_)
            | EntryKind::Archive
            | EntryKind::Unarchive
            | EntryKind::Freeze
            | EntryKind::Unfreeze
            | EntryKind::Clear
            | EntryKind::Retention(_)
            | EntryKind::GroupDeletion => Self::GroupChanged,
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// Everything that a receiver is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WebhookEvents(u32);

impl WebhookEvents {
    /// These.
    pub fn of(events: &[WebhookEvent]) -> Self {
        Self(events.iter().fold(0, |bits, event| bits | event.bit()))
    }

    /// As they were stored; bits that mean nothing here are left out.
    pub fn from_bits(bits: u32) -> Self {
        Self(bits & Self::of(&WebhookEvent::ALL).0)
    }

    /// How they are stored: a bit for each.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether this one is among them.
    pub fn contains(self, event: WebhookEvent) -> bool {
        self.0 & event.bit() != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = WebhookEvent> {
        WebhookEvent::ALL.into_iter().filter(move |event| self.contains(*event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_place_and_a_word_of_its_own() {
        for (place, event) in WebhookEvent::ALL.into_iter().enumerate() {
            assert_eq!(event.bit(), 1 << place, "{}", event.word());
            let same = WebhookEvent::ALL.iter().filter(|other| other.word() == event.word()).count();
            assert_eq!(same, 1, "{}", event.word());
        }
        let some = WebhookEvents::of(&[WebhookEvent::GroupChanged, WebhookEvent::MessagePosted]);
        assert_eq!(WebhookEvents::from_bits(some.bits() | 1 << 20), some);
        let words: Vec<_> = some.iter().map(WebhookEvent::word).collect();
        assert_eq!(words, ["message.posted", "group.changed"]);
    }
}
