//! People, conversations and frames to test with.

use std::sync::{Arc, LazyLock};

use jsonschema::Validator;
use parlor_domain::{Actor, Authenticated, ConversationId, Cursor, Grant, Role, SessionId, UserId};
use parlor_wire as wire;
use uuid::Uuid;

use crate::connection::events::{Line, Place};
use crate::connection::machine::{Common, Machine};
use crate::frames::{ServerFrame, encode, schema};
use crate::settings::Settings;

pub(super) const ME: UserId = UserId::from_uuid(Uuid::from_u128(7));
pub(super) const SESSION: SessionId = SessionId::from_uuid(Uuid::from_u128(8));
pub(super) const EPOCH: Uuid = Uuid::from_u128(9);
pub(super) const WINDOW: usize = 8;
pub(super) const ROOMS: usize = 3;
pub(super) static FRAMES: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()["server"]).unwrap());

pub(super) fn conversation(room: usize) -> ConversationId {
    ConversationId::from_uuid(Uuid::from_u128(100 + room as u128))
}

pub(super) fn room_of(conversation: ConversationId) -> usize {
    usize::try_from(conversation.as_uuid().as_u128() - 100).unwrap()
}

pub(super) fn who() -> Authenticated {
    Authenticated { actor: Actor { user: ME, role: Role::User }, session: SESSION, grant: Grant::Everything }
}

pub(super) fn me() -> wire::Account {
    wire::Account {
        id: ME.as_uuid(),
        user_code: "USR000001".into(),
        username: "ana".into(),
        name: "Ana".into(),
        about: String::new(),
        email: None,
        email_verified: false,
        role: wire::Role::User,
        custom_status: None,
        time_zone: None,
        picture: None,
        presence: wire::PresenceChoice::Online,
        shares_receipts: true,
        shares_last_seen: true,
        mute: None,
        created_at: parlor_domain::Timestamp::from_millis(0).into(),
    }
}

pub(super) fn notifications() -> wire::NotificationSummary {
    let settings = (&parlor_domain::NotificationSettings::default()).into();
    wire::NotificationSummary { unread: 0, settings }
}

pub(super) fn place(room: usize, last_seq: u64) -> Place {
    let id = conversation(room);
    Place {
        id,
        last_seq,
        floor_seq: 0,
        cursor: Cursor::default(),
        shown: wire::Conversation {
            id: id.as_uuid(),
            kind: wire::ConversationKind::Group,
            group: None,
            peer: None,
            peer_cursor: None,
            role: wire::MemberRole::Member,
            muted_until: None,
            last_seq,
            floor_seq: 0,
            read_seq: 0,
            delivered_seq: 0,
            unread: 0,
            unread_mentions: 0,
            preferences: wire::Preferences {
                level: wire::Level::All,
                silent_until: None,
                favourite: false,
                hidden: false,
            },
            last_message: None,
            retention: None,
        },
    }
}

pub(super) fn line(room: usize, seq: u64) -> Line {
    let entry = wire::Entry {
        conversation: conversation(room).as_uuid(),
        seq,
        kind: wire::EntryKind::Join,
        actor: None,
        created_at: parlor_domain::Timestamp::from_millis(0).into(),
        message: None,
        subject: Some(ME.as_uuid()),
        name: None,
        description: None,
        visibility: None,
        role: None,
        until: None,
        retention: None,
        picture: None,
        target: None,
        emoji: None,
    };
    Line { seq, frame: encode(&ServerFrame::Entry(Box::new(entry))) }
}

pub(super) fn settings() -> Settings {
    Settings {
        window_entries: WINDOW,
        window_bytes: 1_600,
        resume_entries: 20,
        page_entries: 3,
        ..Settings::default()
    }
}

pub(super) fn machine_with(settings: Settings) -> Machine {
    Machine::new(Arc::new(Common { settings, metrics: Arc::default(), epoch: EPOCH }), Some(who()))
}
