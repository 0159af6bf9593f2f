use parlor_domain as domain;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::Time;

/// What a log entry records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum EntryKind {
    /// Somebody wrote; see `message`.
    Message,
    /// `subject` came in, by themselves or invited by `actor`.
    Join,
    /// `subject` left.
    Leave,
    /// `actor` removed `subject`.
    Removal,
    /// `actor` renamed the group to `name`.
    Rename,
}

/// A message's text and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Message {
    /// The message's id.
    pub id: Uuid,
    /// The id its author's client gave it; the sender recognises its own echo by it.
    pub client_id: Uuid,
    /// The text, 1 to 8,000 characters.
    pub body: String,
    /// The message it answers, in the same conversation.
    pub reply_to: Option<Uuid>,
}

/// One durable change of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Entry {
    /// The conversation it belongs to.
    pub conversation: Uuid,
    /// Its place in the log, dense from 1.
    pub seq: u64,
    /// What it records.
    pub kind: EntryKind,
    /// Who did it; null when the server did.
    pub actor: Option<Uuid>,
    /// When, for people.
    pub created_at: Time,
    /// The message, for kind `message`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub message: Option<Message>,
    /// Whom it concerns, for kinds `join`, `leave` and `removal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub subject: Option<Uuid>,
    /// The new name, for kind `rename`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub name: Option<String>,
}

impl From<&domain::Entry> for Entry {
    fn from(entry: &domain::Entry) -> Self {
        use domain::EntryKind as Kind;
        let (kind, message, subject, name) = match &entry.kind {
            Kind::Message(message) => (EntryKind::Message, Some(message.into()), None, None),
            Kind::Join(user) => (EntryKind::Join, None, Some(user.as_uuid()), None),
            Kind::Leave(user) => (EntryKind::Leave, None, Some(user.as_uuid()), None),
            Kind::Removal(user) => (EntryKind::Removal, None, Some(user.as_uuid()), None),
            Kind::Rename(name) => (EntryKind::Rename, None, None, Some(name.to_string())),
        };
        Self {
            conversation: entry.conversation.as_uuid(),
            seq: entry.seq,
            kind,
            actor: entry.actor.map(domain::UserId::as_uuid),
            created_at: entry.created_at.into(),
            message,
            subject,
            name,
        }
    }
}

impl From<&domain::Message> for Message {
    fn from(message: &domain::Message) -> Self {
        Self {
            id: message.id.as_uuid(),
            client_id: message.client_id.as_uuid(),
            body: message.body.to_string(),
            reply_to: message.reply_to.map(domain::MessageId::as_uuid),
        }
    }
}
