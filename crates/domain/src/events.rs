use std::sync::Arc;

use crate::{ConversationId, Cursor, Entry, Group, MessageId, Notification, SessionId, User, UserId, Viewer};

/// Something that was committed and that people connected now should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A conversation's log grew. Joins, leaves and removals are entries too.
    EntryAppended(Arc<Entry>),
    /// A direct conversation was opened between these people.
    ConversationOpened {
        /// The conversation.
        conversation: ConversationId,
        /// Its members.
        members: Vec<UserId>,
    },
    /// A member came further in a conversation.
    CursorMoved {
        /// The conversation.
        conversation: ConversationId,
        /// Who.
        user: UserId,
        /// How far they have come now.
        cursor: Cursor,
        /// The other person, in a direct conversation, who sees it too.
        peer: Option<UserId>,
    },
    /// People were told of something, one by one.
    Notified(Arc<Vec<Notification>>),
    /// Somebody marked notifications as seen, or wants to be told something else.
    NotificationsChanged(UserId),
    /// Somebody treats a conversation of theirs otherwise.
    PreferencesChanged {
        /// The conversation.
        conversation: ConversationId,
        /// Who.
        user: UserId,
    },
    /// A group's name, description or settings changed.
    GroupChanged(Arc<Group>),
    /// A person's profile, role or status changed.
    UserChanged(Arc<User>),
    /// Something that a person keeps for themselves changed, on one of their devices.
    PersonalChanged {
        /// Whose it is.
        user: UserId,
        /// What to look at.
        what: Personal,
    },
    /// What a person may see of others changed.
    ViewChanged(Arc<Viewer>),
    /// A session ended; whatever is connected through it must go.
    SessionEnded {
        /// The session.
        session: SessionId,
        /// Whose.
        user: UserId,
        /// Why.
        reason: SessionEnd,
    },
}

/// What a person keeps for themselves. It is named and not told: their devices look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Personal {
    /// Whether they follow the thread about this message, or how far they have read it.
    Thread(MessageId),
    /// The messages that they saved.
    Saved,
    /// What they wrote in this conversation and have not sent yet, by the change with this version.
    Draft(ConversationId, u64),
    /// The messages that they scheduled.
    Scheduled,
    /// How far they have read this conversation: back to this place.
    Unread(ConversationId, u64),
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionEnd {
    /// The person signed out, or it was revoked.
    SignedOut,
    /// Its refresh token was used by two parties.
    TokenReused,
    /// The person was banned.
    Banned,
    /// The account was deleted.
    Deleted,
}

/// Who is to hear of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// The members of a conversation.
    Members(ConversationId),
    /// These people, on all their devices.
    People(Vec<UserId>),
    /// Everybody who shares a conversation with this person, and the person.
    Around(UserId),
    /// What is connected through this session.
    Session(SessionId),
}

impl Event {
    /// Who is to hear of it. Nothing is ever sent beyond this audience.
    pub fn audience(&self) -> Audience {
        match self {
            Self::EntryAppended(entry) => Audience::Members(entry.conversation),
            Self::ConversationOpened { members, .. } => Audience::People(members.clone()),
            Self::CursorMoved { user, peer, .. } => {
                Audience::People([Some(*user), *peer].into_iter().flatten().collect())
            }
            Self::Notified(told) => Audience::People(told.iter().map(|one| one.user).collect()),
            Self::NotificationsChanged(user) | Self::PreferencesChanged { user, .. } => {
                Audience::People(vec![*user])
            }
            Self::GroupChanged(group) => Audience::Members(group.id.into()),
            Self::UserChanged(user) => Audience::Around(user.id),
            Self::PersonalChanged { user, .. } => Audience::People(vec![*user]),
            Self::ViewChanged(viewer) => Audience::People(vec![viewer.user]),
            Self::SessionEnded { session, .. } => Audience::Session(*session),
        }
    }
}
