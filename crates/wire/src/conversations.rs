use parlor_domain as domain;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{AppliedRetention, Entry, Group, MemberRole, Preferences, PresenceSource, Time, User};

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    /// Between two people, or notes to oneself.
    Direct,
    /// Of a group.
    Group,
}

/// How far a member has come in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Cursor {
    /// Who.
    pub user: Uuid,
    /// Every entry up to here has reached one of their devices.
    pub delivered_seq: u64,
    /// Every entry up to here has been read; never above `delivered_seq`.
    pub read_seq: u64,
}

/// A conversation, as the member who asks sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Conversation {
    /// The conversation's id.
    pub id: Uuid,
    /// Direct, or a group's.
    pub kind: ConversationKind,
    /// The group; null in a direct conversation.
    pub group: Option<Group>,
    /// The other person; oneself in notes to oneself; null in a group.
    pub peer: Option<User>,
    /// How far the other person has come, for ticks; null in a group, in notes to oneself, and when one
    /// of you keeps receipts private.
    pub peer_cursor: Option<Cursor>,
    /// One's own role; `member` in a direct conversation.
    pub role: MemberRole,
    /// Until when one only reads here, if somebody muted one; one that lies behind has ended.
    pub muted_until: Option<Time>,
    /// The newest entry of the log; 0 when there is none.
    pub last_seq: u64,
    /// Entries up to here are not for this member; 0 when all are.
    pub floor_seq: u64,
    /// One's own read cursor.
    pub read_seq: u64,
    /// One's own delivered cursor.
    pub delivered_seq: u64,
    /// How many messages by others come after `read_seq`.
    pub unread: u64,
    /// How many of those mention you.
    pub unread_mentions: u64,
    /// How you treat it.
    pub preferences: Preferences,
    /// The newest message; null when there is none.
    pub last_message: Option<Entry>,
    /// How long messages and files are kept; absent when all are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub retention: Option<AppliedRetention>,
}

impl Conversation {
    /// The conversation as its member sees it; `presence` knows who is at hand.
    pub fn render(view: &domain::ConversationView, presence: &dyn PresenceSource) -> Self {
        let domain::ConversationView {
            conversation,
            membership,
            group,
            peer,
            unread,
            unread_mentions,
            preferences: _,
            muted_until,
            last_message,
            retention,
        } = view;
        Self {
            id: conversation.id.as_uuid(),
            kind: match conversation.kind() {
                domain::ConversationKind::Direct => ConversationKind::Direct,
                domain::ConversationKind::Group => ConversationKind::Group,
            },
            group: group.as_ref().map(Group::from),
            peer: peer.as_ref().map(|peer| User::render(&peer.user, presence)),
            peer_cursor: peer.as_ref().and_then(|peer| {
                let cursor = peer.cursor?;
                Some(Cursor {
                    user: peer.user.id.as_uuid(),
                    delivered_seq: cursor.delivered_seq,
                    read_seq: cursor.read_seq,
                })
            }),
            role: membership.role.into(),
            muted_until: muted_until.map(Into::into),
            last_seq: conversation.last_seq,
            floor_seq: membership.floor_seq,
            read_seq: membership.cursor.read_seq,
            delivered_seq: membership.cursor.delivered_seq,
            unread: *unread,
            unread_mentions: *unread_mentions,
            preferences: view.into(),
            last_message: last_message.as_ref().map(Entry::from),
            retention: AppliedRetention::render(*retention),
        }
    }
}
