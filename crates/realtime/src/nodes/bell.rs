use parlor_domain::{
    ConversationId, Cursor, Event, GroupId, MessageId, NodeId, Notification, NotificationKind, Personal,
    Presence, SessionEnd, SessionId, UserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a payload may be, in bytes: what every bus takes.
const PAYLOAD: usize = 2_000;
/// The most bells in one payload.
const BELLS: usize = 100;

/// Something to look at, named but not told: what somebody wrote never travels over the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Bell {
    /// This log reaches at least this far.
    #[serde(rename = "l")]
    Log(Uuid, u64),
    /// This person came into this conversation.
    #[serde(rename = "j")]
    Joined(Uuid, Uuid),
    /// In this conversation this person came this far, delivered and read; their peer sees it.
    #[serde(rename = "c")]
    Cursor(Uuid, Uuid, u64, u64, Option<Uuid>),
    /// People were told of what stands in this log at this place, and of which kind.
    #[serde(rename = "n")]
    Notified(Uuid, u64, Told),
    /// This person's notification centre stands otherwise.
    #[serde(rename = "i")]
    Centre(Uuid),
    /// This conversation is treated otherwise by this person.
    #[serde(rename = "f")]
    Preferences(Uuid, Uuid),
    /// This group changed.
    #[serde(rename = "g")]
    Group(Uuid),
    /// This person changed.
    #[serde(rename = "u")]
    User(Uuid),
    /// What this person may see of others changed.
    #[serde(rename = "v")]
    View(Uuid),
    /// This session of this person ended, and why.
    #[serde(rename = "s")]
    Session(Uuid, Uuid, End),
    /// This person is seen like this on the ringing node, or is no longer there; and whether they
    /// just chose so.
    #[serde(rename = "p")]
    Presence(Uuid, Option<Seen>, bool),
    /// In this conversation this person is typing.
    #[serde(rename = "t")]
    Typing(Uuid, Uuid),
    /// Something that this person keeps for themselves changed.
    #[serde(rename = "o")]
    Personal(Uuid, Kept),
    /// Bells were lost before they were rung: everybody looks for themselves.
    #[serde(rename = "m")]
    Missed,
}

/// What a person keeps for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Kept {
    /// How they stand to the thread about this message.
    #[serde(rename = "t")]
    Thread(Uuid),
    /// What they saved.
    #[serde(rename = "s")]
    Saved,
    /// What they wrote in this conversation and have not sent, by the change with this version.
    #[serde(rename = "d")]
    Draft(Uuid, u64),
    /// What they scheduled.
    #[serde(rename = "l")]
    Scheduled,
    /// How far they have read this conversation, back to this place.
    #[serde(rename = "u")]
    Unread(Uuid, u64),
}

macro_rules! words {
    ($(#[$meta:meta])* $name:ident of $domain:ident { $($word:literal = $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub(crate) enum $name {
            $(#[serde(rename = $word)] $variant),+
        }

        impl From<$domain> for $name {
            fn from(word: $domain) -> Self {
                match word { $($domain::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                match word { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

words!(
    /// Why a session ended.
    End of SessionEnd { "o" = SignedOut, "r" = TokenReused, "b" = Banned, "d" = Deleted }
);
words!(
    /// What people are told of.
    Told of NotificationKind {
        "m" = Mention, "r" = Reply, "e" = Reaction, "a" = Added, "o" = Role, "b" = BanLifted, "n" = Announcement,
        "h" = ReportHandled, "w" = WebhookFailed, "x" = MessageRejected
    }
);
words!(
    /// How somebody is seen.
    Seen of Presence { "o" = Online, "a" = Away, "d" = DoNotDisturb, "i" = Invisible }
);

impl Bell {
    pub(crate) fn log(conversation: ConversationId, head: u64) -> Self {
        Self::Log(conversation.as_uuid(), head)
    }

    pub(crate) fn joined(user: UserId, conversation: ConversationId) -> Self {
        Self::Joined(user.as_uuid(), conversation.as_uuid())
    }

    pub(crate) fn cursor(
        conversation: ConversationId,
        user: UserId,
        cursor: Cursor,
        peer: Option<UserId>,
    ) -> Self {
        let Cursor { delivered_seq, read_seq } = cursor;
        let peer = peer.map(UserId::as_uuid);
        Self::Cursor(conversation.as_uuid(), user.as_uuid(), delivered_seq, read_seq, peer)
    }

    pub(crate) fn group(group: GroupId) -> Self {
        Self::Group(group.as_uuid())
    }

    pub(crate) fn session(session: SessionId, user: UserId, reason: SessionEnd) -> Self {
        Self::Session(session.as_uuid(), user.as_uuid(), reason.into())
    }

    pub(crate) fn personal(user: UserId, what: Personal) -> Self {
        let kept = match what {
            Personal::Thread(message) => Kept::Thread(message.as_uuid()),
            Personal::Saved => Kept::Saved,
            Personal::Draft(conversation, version) => Kept::Draft(conversation.as_uuid(), version),
            Personal::Scheduled => Kept::Scheduled,
            Personal::Unread(conversation, seq) => Kept::Unread(conversation.as_uuid(), seq),
        };
        Self::Personal(user.as_uuid(), kept)
    }

    /// A bell for all notifications about the same, or for the person when it is about no entry.
    pub(crate) fn notified(told: &[Notification]) -> Vec<Self> {
        let mut bells = Vec::new();
        for one in told {
            let seq = one.entry.as_ref().map(|entry| entry.seq);
            let bell = match one.conversation.zip(seq) {
                Some((conversation, seq)) => Self::Notified(conversation.as_uuid(), seq, one.kind.into()),
                None => Self::Centre(one.user.as_uuid()),
            };
            // Those about the same stand together.
            if bells.last() != Some(&bell) {
                bells.push(bell);
            }
        }
        bells
    }

    /// The event that needs nothing else than what the bell says.
    pub(crate) fn as_event(&self) -> Option<Event> {
        match self {
            Self::Joined(user, conversation) => Some(Event::ConversationOpened {
                conversation: ConversationId::from_uuid(*conversation),
                members: vec![UserId::from_uuid(*user)],
            }),
            Self::Cursor(conversation, user, delivered_seq, read_seq, peer) => Some(Event::CursorMoved {
                conversation: ConversationId::from_uuid(*conversation),
                user: UserId::from_uuid(*user),
                cursor: Cursor { delivered_seq: *delivered_seq, read_seq: *read_seq },
                peer: peer.map(UserId::from_uuid),
            }),
            Self::Centre(user) => Some(Event::NotificationsChanged(UserId::from_uuid(*user))),
            Self::Preferences(conversation, user) => Some(Event::PreferencesChanged {
                conversation: ConversationId::from_uuid(*conversation),
                user: UserId::from_uuid(*user),
            }),
            Self::Session(session, user, reason) => Some(Event::SessionEnded {
                session: SessionId::from_uuid(*session),
                user: UserId::from_uuid(*user),
                reason: (*reason).into(),
            }),
            Self::Personal(user, kept) => Some(Event::PersonalChanged {
                user: UserId::from_uuid(*user),
                what: match kept {
                    Kept::Thread(message) => Personal::Thread(MessageId::from_uuid(*message)),
                    Kept::Saved => Personal::Saved,
                    Kept::Draft(conversation, version) => {
                        Personal::Draft(ConversationId::from_uuid(*conversation), *version)
                    }
                    Kept::Scheduled => Personal::Scheduled,
                    Kept::Unread(conversation, seq) => {
                        Personal::Unread(ConversationId::from_uuid(*conversation), *seq)
                    }
                },
            }),
            _ => None,
        }
    }
}

/// What travels: which node rings, and its bells.
#[derive(Serialize, Deserialize)]
struct Payload<B> {
    node: Uuid,
    bells: B,
}

/// As few payloads as these bells fit into.
pub(crate) fn write(node: NodeId, bells: &[Bell]) -> Vec<String> {
    let text = |bells: &[Bell]| {
        let payload = Payload { node: node.as_uuid(), bells };
        // Plain data with text keys cannot fail to be written.
        serde_json::to_string(&payload).unwrap_or_default()
    };
    let mut payloads = Vec::new();
    for some in bells.chunks(BELLS) {
        let whole = text(some);
        if whole.len() <= PAYLOAD || some.len() == 1 {
            payloads.push(whole);
        } else {
            let (one, other) = some.split_at(some.len() / 2);
            payloads.extend(write(node, one));
            payloads.extend(write(node, other));
        }
    }
    payloads
}

/// The bells of a payload and who rings; `None` when it is not one, or of a later version.
pub(crate) fn read(payload: &str) -> Option<(NodeId, Vec<Bell>)> {
    let Payload { node, bells } = serde_json::from_str::<Payload<Vec<Bell>>>(payload).ok()?;
    Some((NodeId::from_uuid(node), bells))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: NodeId = NodeId::from_uuid(Uuid::from_u128(7));

    #[test]
    fn every_bell_is_heard_as_it_was_rung() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let bells = vec![
            Bell::Log(one, u64::MAX),
            Bell::Joined(one, other),
            Bell::Cursor(one, other, 5, 4, None),
            Bell::Cursor(one, other, 5, 4, Some(one)),
            Bell::Notified(one, 5, Told::Announcement),
            Bell::Centre(one),
            Bell::Preferences(one, other),
            Bell::Group(one),
            Bell::User(one),
            Bell::View(one),
            Bell::Session(one, other, End::Banned),
            Bell::Presence(one, Some(Seen::DoNotDisturb), true),
            Bell::Presence(one, None, false),
            Bell::Typing(one, other),
            Bell::Personal(one, Kept::Thread(other)),
            Bell::Personal(one, Kept::Saved),
            Bell::Personal(one, Kept::Draft(other, 7)),
            Bell::Personal(one, Kept::Scheduled),
            Bell::Personal(one, Kept::Unread(other, 7)),
            Bell::Missed,
        ];
        let payloads = write(NODE, &bells);
        assert_eq!(payloads.len(), 1);
        assert_eq!(read(&payloads[0]), Some((NODE, bells)));
        assert_eq!(read("{}"), None);
    }

    #[test]
    fn r16_a_payload_has_at_most_2_000_bytes_and_nothing_is_lost() {
        let bells: Vec<_> =
            (0..1_000).map(|number| Bell::Log(Uuid::from_u128(u128::MAX - number), u64::MAX)).collect();
        let payloads = write(NODE, &bells);
        assert!(payloads.iter().all(|payload| payload.len() <= 2_000));
        let heard: Vec<_> = payloads.iter().flat_map(|payload| read(payload).unwrap().1).collect();
        assert_eq!(heard, bells);
    }
}
