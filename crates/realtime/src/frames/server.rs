use parlor_domain as domain;
use parlor_wire::{
    Account, Conversation, Entry, Group, Notification, NotificationSummary, Preferences, Presence, Time, User,
};
use schemars::JsonSchema;
use serde::Serialize;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

/// A frame from the server. Those with `re` answer the client's frame of that id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "type")]
pub enum ServerFrame {
    /// Done.
    #[serde(rename = "ok")]
    Done(Done),
    /// The message is stored.
    #[serde(rename = "ok")]
    Posted(Posted),
    /// Refused, and why.
    #[serde(rename = "error")]
    Refused(Refused),
    /// The snapshot; the stream follows.
    #[serde(rename = "ready")]
    Ready(Box<Ready>),
    /// A log entry; its `seq` is the conversation's last one plus 1.
    #[serde(rename = "entry")]
    Entry(Box<Entry>),
    /// The cursor is too old or not of this database: load the newest page. The stream goes on
    /// after `last_seq`.
    #[serde(rename = "reset")]
    Reset(Reset),
    /// Somebody received or read further.
    #[serde(rename = "cursor")]
    Cursor(CursorMoved),
    /// One is in a conversation now; its stream starts after its `last_seq`.
    #[serde(rename = "conversation.added")]
    Added(Box<Added>),
    /// A group's name, description or settings changed.
    #[serde(rename = "conversation.changed")]
    Changed(Changed),
    /// One is no longer in a conversation; nothing of it follows.
    #[serde(rename = "conversation.removed")]
    Removed(Removed),
    /// One treats a conversation otherwise, as one said on some device.
    #[serde(rename = "conversation.preferences")]
    PreferencesChanged(PreferencesChanged),
    /// One is told of something.
    #[serde(rename = "notification")]
    Notification(Box<NotificationTold>),
    /// One marked notifications as read, or wants to be told something else.
    #[serde(rename = "notifications.changed")]
    NotificationsChanged(NotificationsChanged),
    /// A person's profile, role or status changed.
    #[serde(rename = "user.changed")]
    User(UserChanged),
    /// Whom one blocked changed.
    #[serde(rename = "blocks.changed")]
    Blocks(Blocks),
    /// One's own account changed.
    #[serde(rename = "account.changed")]
    Me(Me),
    /// People came, went, or want to be seen otherwise.
    #[serde(rename = "presence")]
    Presences(Presences),
    /// Something that one keeps for oneself changed, on one of one's devices.
    #[serde(rename = "personal.changed")]
    Personal(PersonalChanged),
    /// Somebody is typing; hide it 6 s after the last one, or when their message arrives.
    #[serde(rename = "typing")]
    Typed(Typed),
    /// Maintenance began, says something else, or ended.
    #[serde(rename = "maintenance")]
    Maintenance(Maintenance),
    /// The server closes the connection.
    #[serde(rename = "bye")]
    Bye(Bye),
}

/// Done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Done {
    /// The frame that is answered.
    pub re: u64,
}

/// The message is stored, durably.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Posted {
    /// The frame that is answered.
    pub re: u64,
    /// Its place in the log.
    pub seq: u64,
    /// The message's id.
    pub message_id: Uuid,
    /// When it was posted.
    pub created_at: Time,
    /// Whether an earlier try had posted it.
    pub duplicate: bool,
}

/// Refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Refused {
    /// The frame that is answered.
    pub re: u64,
    /// What it is, for programs; stable.
    pub code: String,
    /// What it is and what to do, for people.
    pub message: String,
    /// Whether the same frame may succeed later.
    pub retryable: bool,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// When to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Ready {
    /// The `hello` that is answered.
    pub re: u64,
    /// The database's own id; cursors are good for this one only.
    pub epoch: Uuid,
    /// The session the connection belongs to.
    pub session: Uuid,
    /// One's own account.
    pub me: Account,
    /// Whom one blocked.
    pub blocked: Vec<Uuid>,
    /// All conversations one is in, the most recently active first.
    pub conversations: Vec<Conversation>,
    /// How one's notification centre stands.
    pub notifications: NotificationSummary,
    /// How often the server asks whether the client is there.
    pub heartbeat_ms: u64,
    /// What the server takes.
    pub limits: Limits,
    /// What to tell people while the server is in maintenance: they can read, and nothing is
    /// written. `null` otherwise.
    pub maintenance: Option<String>,
}

/// What the server takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Limits {
    /// The most characters of a message.
    pub message_length: usize,
    /// The largest frame from a client.
    pub frame_bytes: usize,
    /// The most entries sent ahead of what is acknowledged.
    pub window: usize,
    /// The least time between two `typing` in one conversation.
    pub typing_interval_ms: u64,
}

/// Load the newest page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reset {
    /// The conversation.
    pub conversation: Uuid,
    /// Its newest entry; the stream goes on after it.
    pub last_seq: u64,
}

/// How far somebody has come: the other person of a direct conversation, or another of one's own
/// devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct CursorMoved {
    /// The conversation.
    pub conversation: Uuid,
    /// Who.
    pub user: Uuid,
    /// Received up to here.
    pub delivered_seq: u64,
    /// Read up to here.
    pub read_seq: u64,
}

/// One is in a conversation now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Added {
    /// The conversation.
    pub conversation: Conversation,
}

/// A group changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Changed {
    /// The conversation.
    pub conversation: Uuid,
    /// Its group, as it is now.
    pub group: Group,
}

/// One is no longer in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Removed {
    /// The conversation.
    pub conversation: Uuid,
}

/// How one treats a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PreferencesChanged {
    /// The conversation.
    pub conversation: Uuid,
    /// How one treats it now.
    pub preferences: Preferences,
}

/// Something new in the notification centre, or renewed by further reactions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NotificationTold {
    /// The notification.
    pub notification: Notification,
}

/// The notification centre stands otherwise than one knew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct NotificationsChanged {
    /// How it stands now.
    pub notifications: NotificationSummary,
}

/// A person changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct UserChanged {
    /// The person, as they are now.
    pub user: User,
}

/// One's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Me {
    /// The account, as it is now.
    pub me: Account,
}

/// Whom one blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Blocks {
    /// All of them.
    pub blocked: Vec<Uuid>,
}

/// How people are to be seen now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Presences {
    /// Those whose presence changed.
    pub users: Vec<Presence>,
}

/// Something that one keeps for oneself changed: ask for it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct PersonalChanged {
    /// What it is.
    pub what: Personal,
    /// The message that it is about, for `thread`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Uuid>,
    /// The conversation that it is about, for `unread` and `draft`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Uuid>,
    /// The version of the change, for `draft`: who knows a draft of the conversation with this one
    /// or a higher one has it already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// What one keeps for oneself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// Anything: something may have been missed.
    Everything,
    /// Whether one follows the thread about `message`, or how far one has read it.
    Thread,
    /// The messages one saved.
    Saved,
    /// What one wrote in `conversation`, or in its threads, and has not sent yet.
    Draft,
    /// The messages one scheduled.
    Scheduled,
    /// How far one has read `conversation`: the cursor moved back.
    Unread,
}

impl From<domain::Personal> for PersonalChanged {
    fn from(what: domain::Personal) -> Self {
        let bare = |what| Self { what, message: None, conversation: None, version: None };
        match what {
            domain::Personal::Thread(message) => {
                Self { message: Some(message.as_uuid()), ..bare(Personal::Thread) }
            }
            domain::Personal::Saved => bare(Personal::Saved),
            domain::Personal::Draft(conversation, version) => Self {
                conversation: Some(conversation.as_uuid()),
                version: Some(version),
                ..bare(Personal::Draft)
            },
            domain::Personal::Scheduled => bare(Personal::Scheduled),
            domain::Personal::Unread(conversation, _) => {
                Self { conversation: Some(conversation.as_uuid()), ..bare(Personal::Unread) }
            }
        }
    }
}

/// Somebody is typing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Typed {
    /// Where.
    pub conversation: Uuid,
    /// Who.
    pub user: Uuid,
}

/// The server is in maintenance, or no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Maintenance {
    /// What to tell people; `null` when it ended.
    pub message: Option<String>,
}

/// The connection ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Bye {
    /// The close code that follows.
    pub code: u16,
    /// Why, for people.
    pub reason: String,
    /// When to come back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// The frame's bytes, made once and shared by everybody it goes to.
pub fn encode(frame: &ServerFrame) -> Utf8Bytes {
    // Frames are made of text, numbers and lists: there is nothing that JSON cannot express.
    serde_json::to_string(frame).map(Utf8Bytes::from).unwrap_or_default()
}
