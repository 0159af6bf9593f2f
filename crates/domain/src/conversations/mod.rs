mod opening;
mod preferring;
mod receipts;

pub use opening::{ConversationError, Conversations};
pub use preferring::Preferences;
pub use receipts::{CursorMove, CursorQueue, MovedCursor, ReceiptError, Receipts, Seen};

use crate::{
    AppliedRetention, Blocked, ConversationId, Entry, Group, MemberRole, SlowMode, Timestamp, User, UserId,
    Visibility,
};

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ConversationKind {
    /// Between two people, or notes to oneself.
    Direct,
    /// Of a group.
    Group,
}

/// The two people of a direct conversation, whoever of them asks; the same person twice for notes
/// to oneself. There is at most one conversation for each key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DirectKey {
    low: UserId,
    high: UserId,
}

impl DirectKey {
    /// The key of these two.
    pub fn of(one: UserId, other: UserId) -> Self {
        Self { low: one.min(other), high: one.max(other) }
    }

    /// Both people, the one with the smaller id first.
    pub fn people(self) -> (UserId, UserId) {
        (self.low, self.high)
    }

    /// Everybody who takes part: two people, or one.
    pub fn members(self) -> Vec<UserId> {
        if self.low == self.high { vec![self.low] } else { vec![self.low, self.high] }
    }

    /// The other person, from this one's side; oneself in notes to oneself.
    pub fn peer_of(self, user: UserId) -> UserId {
        if user == self.low { self.high } else { self.low }
    }
}

/// A log that people share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The conversation's id.
    pub id: ConversationId,
    /// Who, when it is direct; `None` when it is a group's.
    pub direct: Option<DirectKey>,
    /// The newest entry's place; 0 when there is none.
    pub last_seq: u64,
    /// When the newest entry was written, or the conversation made.
    pub active_at: Timestamp,
}

impl Conversation {
    /// Direct, or a group's.
    pub fn kind(&self) -> ConversationKind {
        if self.direct.is_some() { ConversationKind::Direct } else { ConversationKind::Group }
    }
}

/// A conversation to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewConversation {
    /// The id.
    pub id: ConversationId,
    /// Who, when it is direct.
    pub direct: Option<DirectKey>,
    /// When.
    pub created_at: Timestamp,
}

/// How far a member has come. Neither side ever moves back, and what is read has been delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Cursor {
    /// Everything up to here has reached one of the member's devices.
    pub delivered_seq: u64,
    /// Everything up to here has been read.
    pub read_seq: u64,
}

impl Cursor {
    /// The farther of both, on either side.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let read_seq = self.read_seq.max(other.read_seq);
        Self { delivered_seq: self.delivered_seq.max(other.delivered_seq).max(read_seq), read_seq }
    }

    /// No farther than a log's end.
    #[must_use]
    pub fn up_to(self, end: u64) -> Self {
        Self { delivered_seq: self.delivered_seq.min(end), read_seq: self.read_seq.min(end) }
    }
}

/// Somebody's place in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The conversation.
    pub conversation: ConversationId,
    /// Who.
    pub user: UserId,
    /// What they may do there.
    pub role: MemberRole,
    /// Entries up to here are not for this member; 0 when all are.
    pub floor_seq: u64,
    /// How far they have come.
    pub cursor: Cursor,
    /// When they joined.
    pub joined_at: Timestamp,
}

/// What decides, about a conversation and a person, whether something is allowed.
///
/// Read in one statement for each person and conversation in question, so that a decision never
/// mixes two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The conversation.
    pub conversation: ConversationId,
    /// The person.
    pub user: UserId,
    /// Their role, when they are a member.
    pub role: Option<MemberRole>,
    /// Entries up to here are not for them; 0 when all are.
    pub floor_seq: u64,
    /// The newest entry's place.
    pub last_seq: u64,
    /// The group's side, when it is a group's conversation.
    pub group: Option<StandingGroup>,
    /// The latest end of a ban, of the server or of this group, that was not lifted; a ban for
    /// good ends at the end of time.
    pub banned_until: Option<Timestamp>,
    /// When they may write in this group again, if somebody muted them; that may lie behind.
    pub muted_until: Option<Timestamp>,
    /// When they may write on the server again, if an admin muted them; that may lie behind.
    pub server_muted_until: Option<Timestamp>,
    /// When they posted last in a group that is in slow mode; `None` in others.
    pub posted_at: Option<Timestamp>,
    /// Whether one of the two of a direct conversation blocked the other.
    pub blocked: Option<Blocked>,
}

/// What decides, about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each keeps people from something of its own")]
pub struct StandingGroup {
    /// Who may find and join it.
    pub visibility: Visibility,
    /// Whether it is the lobby.
    pub lobby: bool,
    /// Whether only moderators and owners may write.
    pub read_only: bool,
    /// How long members wait between two messages.
    pub slow_mode: SlowMode,
    /// Whether it is archived.
    pub archived: bool,
    /// Whether an admin froze it.
    pub frozen: bool,
}

impl Standing {
    /// Whether a ban keeps this person out at this moment.
    pub fn is_banned(&self, now: Timestamp) -> bool {
        self.banned_until.is_some_and(|until| now < until)
    }
}

/// The other side of a direct conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// The other person; oneself in notes to oneself.
    pub user: User,
    /// How far they have come; `None` in notes to oneself, and when one of both keeps that private.
    pub cursor: Option<Cursor>,
}

/// A conversation, as one of its members sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// The conversation.
    pub conversation: Conversation,
    /// The member's own place.
    pub membership: Membership,
    /// The group, in a group's conversation.
    pub group: Option<Group>,
    /// The other person, in a direct conversation.
    pub peer: Option<Peer>,
    /// How many messages by others come after the member's read cursor.
    pub unread: u64,
    /// How many of those mention the member.
    pub unread_mentions: u64,
    /// How the member treats it.
    pub preferences: Preferences,
    /// When the member may write again, if somebody muted them; that may lie behind.
    pub muted_until: Option<Timestamp>,
    /// The newest message.
    pub last_message: Option<Entry>,
    /// How long messages and files are kept there. The store knows of the conversation's own setting
    /// only; [`Conversations`] of the server's, too.
    pub retention: AppliedRetention,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn cursor() -> impl Strategy<Value = Cursor> {
        (0_u64..50, 0_u64..50).prop_map(|(delivered_seq, read_seq)| Cursor { delivered_seq, read_seq })
    }

    proptest! {
        #[test]
        fn a_cursor_never_moves_back_whatever_the_order(moves in prop::collection::vec(cursor(), 1..20)) {
            let mut now = Cursor::default();
            for step in moves {
                let next = now.merge(step);
                prop_assert!(next.read_seq >= now.read_seq && next.delivered_seq >= now.delivered_seq);
                prop_assert!(next.delivered_seq >= next.read_seq);
                now = next;
            }
        }

        #[test]
        fn merging_cursors_does_not_depend_on_the_order(a in cursor(), b in cursor(), c in cursor()) {
            prop_assert_eq!(a.merge(b).merge(c), a.merge(c).merge(b));
        }
    }

    #[test]
    fn a_direct_key_is_the_same_from_both_sides() {
        let (ana, ben) = (UserId::from_uuid(Uuid::from_u128(1)), UserId::from_uuid(Uuid::from_u128(2)));
        assert_eq!(DirectKey::of(ana, ben), DirectKey::of(ben, ana));
        assert_eq!(DirectKey::of(ana, ben).peer_of(ben), ana);
        assert_eq!(DirectKey::of(ana, ana).members(), vec![ana]);
    }
}
