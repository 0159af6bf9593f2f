use parlor_wire::PresenceChoice;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// A frame from the client. Its `id` is echoed as `re` in exactly one `ok`, `ready` or `error`.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(tag = "type")]
pub enum ClientFrame {
    /// Says who this is. The first frame, unless the upgrade carried credentials.
    #[schemars(rename = "authenticate")]
    Authenticate(Authenticate),
    /// Asks for the snapshot and the stream; later, puts single conversations back to a cursor.
    #[schemars(rename = "hello")]
    Hello(Hello),
    /// Posts a message.
    #[schemars(rename = "message.send")]
    MessageSend(MessageSend),
    /// Gives one's own message another text.
    #[schemars(rename = "message.edit")]
    MessageEdit(MessageEdit),
    /// Deletes a message.
    #[schemars(rename = "message.delete")]
    MessageDelete(MessageDelete),
    /// Reacts to a message, or takes that back.
    #[schemars(rename = "reaction.set")]
    ReactionSet(ReactionSet),
    /// Everything up to here was received: moves the delivered cursors and gives credit.
    #[schemars(rename = "ack")]
    Ack(Ack),
    /// Everything up to here was read.
    #[schemars(rename = "read")]
    Read(Read),
    /// Somebody is typing.
    #[schemars(rename = "typing")]
    Typing(Typing),
    /// How one wants to be seen.
    #[schemars(rename = "presence")]
    Presence(SetPresence),
}

/// An access token, or a login with its password.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authenticate {
    /// Echoed as `re`.
    pub id: u64,
    /// The access token.
    pub access_token: Option<String>,
    /// A username, user id or e-mail address.
    pub login: Option<String>,
    /// The password that goes with the login.
    pub password: Option<String>,
}

impl std::fmt::Debug for Authenticate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticate").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A place in a conversation's log: `[conversation, seq]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub struct Position(pub Uuid, pub u64);

/// The start of the stream.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Echoed as `re`.
    pub id: u64,
    /// The epoch of the last `ready`; when the server's is another one, every cursor is answered
    /// with `reset`.
    pub epoch: Option<Uuid>,
    /// How far the client has each conversation; those left out start after their `last_seq`.
    #[serde(default)]
    #[schemars(length(max = 500))]
    pub cursors: Vec<Position>,
    /// The most entries to be sent ahead of what is acknowledged, 1 to 256.
    #[schemars(range(min = 1, max = 256))]
    pub window: Option<u16>,
}

/// A message to post.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageSend {
    /// Echoed as `re`.
    pub id: u64,
    /// Where.
    pub conversation: Uuid,
    /// Made by the client, for ever the same for this message: the same one never posts twice.
    pub client_id: Uuid,
    /// The text, 1 to 8,000 characters; with files it may be empty.
    pub body: String,
    /// The ids of files that one uploaded, in the order in which they are to be shown.
    #[schemars(length(max = 10))]
    pub files: Option<Vec<Uuid>>,
    /// The message it answers, in the same conversation.
    pub reply_to: Option<Uuid>,
    /// The message to answer in a thread, in the same conversation.
    pub thread: Option<Uuid>,
    /// Whether the answer in the thread is shown in the conversation, too.
    pub broadcast: Option<bool>,
}

/// Another text for one's own message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageEdit {
    /// Echoed as `re`.
    pub id: u64,
    /// The message's id.
    pub message: Uuid,
    /// The new text, 1 to 8,000 characters; of a message with files it may be empty.
    pub body: String,
}

/// A message to delete: one's own, or as a moderator of a group anybody's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageDelete {
    /// Echoed as `re`.
    pub id: u64,
    /// The message's id.
    pub message: Uuid,
}

/// Whether one reacts to a message with an emoji.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactionSet {
    /// Echoed as `re`.
    pub id: u64,
    /// The message's id.
    pub message: Uuid,
    /// One emoji.
    pub emoji: String,
    /// Whether there is to be this reaction of one's own from now on.
    pub set: bool,
}

/// What was received.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    /// Echoed as `re`.
    pub id: u64,
    /// How far, in each conversation.
    #[schemars(length(max = 500))]
    pub cursors: Vec<Position>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// Echoed as `re`.
    pub id: u64,
    /// Where.
    pub conversation: Uuid,
    /// How far. A lower one than before changes nothing.
    pub seq: u64,
}

/// A sign that somebody writes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Typing {
    /// Echoed as `re`.
    pub id: u64,
    /// Where.
    pub conversation: Uuid,
}

/// How one wants to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPresence {
    /// Echoed as `re`.
    pub id: u64,
    /// The choice, for all of one's devices, until the last of them leaves.
    pub state: PresenceChoice,
}

impl ClientFrame {
    /// The id that its answer echoes.
    pub fn id(&self) -> u64 {
        match self {
            Self::Authenticate(frame) => frame.id,
            Self::Hello(frame) => frame.id,
            Self::MessageSend(frame) => frame.id,
            Self::MessageEdit(frame) => frame.id,
            Self::MessageDelete(frame) => frame.id,
            Self::ReactionSet(frame) => frame.id,
            Self::Ack(frame) => frame.id,
            Self::Read(frame) => frame.id,
            Self::Typing(frame) => frame.id,
            Self::Presence(frame) => frame.id,
        }
    }
}
