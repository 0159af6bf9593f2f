//! What people are told of: mentions, replies, reactions, and what becomes of them in groups.

mod centre;
mod mentions;
mod settings;
mod telling;

use std::sync::Arc;

pub use centre::{NotificationSummary, Notifications};
pub use mentions::{Mentions, Named};
pub use settings::{Kinds, NotificationSettings, QuietHours};
pub(crate) use telling::{
    Addressed, Addressing, Draft, tell, tell_of_entries, tell_of_mentions, tell_of_reaction,
};

use crate::{ConversationId, Entry, NotificationId, Timestamp, UserId, Username};

/// What somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotificationKind {
    /// A message mentions them.
    Mention,
    /// A message answers one of theirs.
    Reply,
    /// Others reacted to a message of theirs.
    Reaction,
    /// Somebody brought them into a group.
    Added,
    /// Somebody gave them another role in a group.
    Role,
    /// A ban that kept them out was lifted.
    BanLifted,
    /// A message in a group in which only those who manage it write.
    Announcement,
    /// Somebody looked at what they reported.
    ReportHandled,
    /// An outgoing webhook is not tried any more; for admins.
    WebhookFailed,
    /// A message of theirs waited for an admin, who did not let it through.
    MessageRejected,
}

impl NotificationKind {
    /// Every kind. The place of each never changes: it stands for the kind in what is stored.
    pub const ALL: [Self; 10] = [
        Self::Mention,
        Self::Reply,
        Self::Reaction,
        Self::Added,
        Self::Role,
        Self::BanLifted,
        Self::Announcement,
        Self::ReportHandled,
        Self::WebhookFailed,
        Self::MessageRejected,
    ];

    /// Whether it is about something that somebody wrote, so that how much one wants to hear of the
    /// conversation counts.
    fn is_about_messages(self) -> bool {
        matches!(self, Self::Mention | Self::Reply | Self::Reaction | Self::Announcement)
    }
}

/// How much somebody wants to hear of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every message.
    All,
    /// What is for them: mentions, replies, reactions and announcements.
    Mentions,
    /// Nothing.
    Nothing,
}

/// Somebody who may have to be told of something, and what they want to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// Their handle.
    pub username: Username,
    /// How much they want to hear of this conversation, if they chose.
    pub level: Option<Level>,
    /// Until when they want to hear nothing of it.
    pub silent_until: Option<Timestamp>,
    /// What they are not told of anywhere.
    pub off: Kinds,
}

impl Listener {
    /// Whether they want to be told of something of this kind at this moment.
    pub fn hears(&self, kind: NotificationKind, now: Timestamp) -> bool {
        let silent = self.level == Some(Level::Nothing) || self.silent_until.is_some_and(|until| now < until);
        !(self.off.contains(kind) || silent && kind.is_about_messages())
    }
}

/// Something to tell somebody. There is one of a kind about each entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNotification {
    /// Whom.
    pub user: UserId,
    /// Of what.
    pub kind: NotificationKind,
    /// Where; `None` when it is about the whole server.
    pub conversation: Option<ConversationId>,
    /// The place of the entry it is about.
    pub seq: Option<u64>,
    /// Who did it.
    pub actor: Option<UserId>,
    /// When.
    pub at: Timestamp,
}

/// Something that somebody was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The notification's id.
    pub id: NotificationId,
    /// Who was told.
    pub user: UserId,
    /// Of what.
    pub kind: NotificationKind,
    /// Where; `None` when it is about the whole server.
    pub conversation: Option<ConversationId>,
    /// Who did it, the latest of several.
    pub actor: Option<UserId>,
    /// When, the latest time.
    pub at: Timestamp,
    /// Whether they have seen it: it was marked, or the conversation was read that far.
    pub read: bool,
    /// The entry it is about, as it is now: the message that mentions, answers or announces, one's
    /// own that others reacted to, or the change of the group.
    pub entry: Option<Arc<Entry>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    fn listener() -> Listener {
        Listener {
            conversation: ConversationId::from_uuid(Uuid::nil()),
            user: UserId::from_uuid(Uuid::nil()),
            username: Username::from_stored("ana".into()),
            level: None,
            silent_until: None,
            off: Kinds::default(),
        }
    }

    fn heard(listener: &Listener) -> Vec<NotificationKind> {
        NotificationKind::ALL.into_iter().filter(|kind| listener.hears(*kind, NOW)).collect()
    }

    #[test]
    fn one_hears_everything_that_is_for_one_unless_one_wants_nothing() {
        for level in [None, Some(Level::All), Some(Level::Mentions)] {
            assert_eq!(heard(&Listener { level, ..listener() }), NotificationKind::ALL);
        }
        let about_me = [
            NotificationKind::Added,
            NotificationKind::Role,
            NotificationKind::BanLifted,
            NotificationKind::ReportHandled,
            NotificationKind::WebhookFailed,
            NotificationKind::MessageRejected,
        ];
        assert_eq!(heard(&Listener { level: Some(Level::Nothing), ..listener() }), about_me);
    }

    #[test]
    fn silence_ends_by_itself() {
        let until = |millis| Listener { silent_until: Some(Timestamp::from_millis(millis)), ..listener() };
        assert!(!until(1_001).hears(NotificationKind::Mention, NOW));
        assert!(until(1_000).hears(NotificationKind::Mention, NOW));
    }

    #[test]
    fn a_kind_that_is_off_is_never_heard() {
        let off = [NotificationKind::Reaction, NotificationKind::Role].into_iter().collect();
        let heard = heard(&Listener { off, ..listener() });
        assert!(heard.len() == 8 && !heard.contains(&NotificationKind::Reaction));
    }
}
