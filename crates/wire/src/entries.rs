use parlor_domain as domain;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{File, InThread, MemberRole, Replies, Retention, Time, Visibility};

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
    /// `actor` gave the group the description `description`.
    Description,
    /// `actor` changed who may find and join the group to `visibility`.
    Visibility,
    /// `actor` gave the group the picture `picture`, or took the one it had away.
    Picture,
    /// `actor` archived the group.
    Archive,
    /// `actor` brought the group back from the archive.
    Unarchive,
    /// An admin froze the group; nobody writes there until that is lifted. Who did it is not told.
    Freeze,
    /// An admin lets people write in the group again.
    Unfreeze,
    /// `actor` cleared the group; what was written before is being erased.
    Clear,
    /// `actor` set how long messages and files are kept: see `retention`, or as long as the server does.
    Retention,
    /// `actor` deleted the group; nobody is in it any more.
    GroupDeletion,
    /// `actor` gave `subject` the role `role`.
    Role,
    /// `actor` keeps `subject` from writing until `until`.
    Mute,
    /// `actor` lets `subject` write again.
    Unmute,
    /// `actor` gave the message in `target` another text.
    Edit,
    /// `actor` deleted the message in `target`.
    Deletion,
    /// `actor` reacted to the message in `target` with `emoji`.
    Reaction,
    /// `actor` took the reaction `emoji` to the message in `target` back.
    ReactionRemoval,
    /// `actor` pinned the message in `target`.
    Pin,
    /// `actor` unpinned the message in `target`.
    Unpin,
    /// The message in `target` lost files, which were removed by who uploaded them or were too old.
    FileRemoval,
}

/// A message's text and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Message {
    /// The message's id.
    pub id: Uuid,
    /// The id its author's client gave it; the sender recognises its own echo by it.
    pub client_id: Uuid,
    /// The text, 1 to 8,000 characters; empty once it is deleted, and where only files were sent.
    pub body: String,
    /// The files that belong to it, in their order; absent when there are none, and once it is deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub files: Option<Vec<File>>,
    /// The message it answers, in the same conversation.
    pub reply_to: Option<Uuid>,
    /// Whose words they are, when it was forwarded; absent otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub forwarded: Option<Forwarded>,
    /// The thread it was written in; absent when it stands in the conversation itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub thread: Option<InThread>,
    /// The thread about it; absent until somebody answers there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub replies: Option<Replies>,
    /// Whom it mentions; absent when it mentions nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub mentions: Option<Mentions>,
    /// What was done with it since; absent when nothing was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub changes: Option<Changes>,
}

/// Whose words a forwarded message has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Forwarded {
    /// Who wrote them.
    pub author: Uuid,
    /// The public group they were written in; null when it was somewhere else.
    pub source: Option<Uuid>,
}

/// Whom a message mentions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Mentions {
    /// Whether it mentions everybody in the conversation.
    pub all: bool,
    /// The members whom it names.
    pub users: Vec<Uuid>,
}

/// What was done with a message since it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Changes {
    /// The place of the latest change. Of two states of a message the one with the higher place is
    /// the newer one.
    pub seq: u64,
    /// When its text was changed last; null when it never was.
    pub edited_at: Option<Time>,
    /// When it was deleted; null when it is there. A deleted one has no text, reactions or pin.
    pub deleted_at: Option<Time>,
    /// When it was pinned; null when it is not.
    pub pinned_at: Option<Time>,
    /// Who reacted how, in the order in which each emoji first came up.
    pub reactions: Vec<Reaction>,
}

/// Everybody who reacted with one emoji.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who, the first one first.
    pub users: Vec<Uuid>,
}

/// The message that an entry changed, as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Target {
    /// The message's place in the same log.
    pub seq: u64,
    /// The message's id.
    pub message_id: Uuid,
    /// Who wrote it.
    pub author: Uuid,
    /// Its text, for kinds `edit` and `file_removal`, and where the entry tells of later changes, too: those of an
    /// entry that came at once are known from the entries before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub body: Option<String>,
    /// The files that belong to it, where `body` is; absent when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub files: Option<Vec<File>>,
    /// The thread it was written in; absent when it stands in the conversation itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub thread: Option<InThread>,
    /// Whom it mentions, where `body` is; absent when it mentions nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub mentions: Option<Mentions>,
    /// What was done with it, this change and later ones included.
    pub changes: Changes,
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
    /// Whom it concerns, for kinds `join`, `leave`, `removal`, `role`, `mute` and `unmute`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub subject: Option<Uuid>,
    /// The new name, for kind `rename`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub name: Option<String>,
    /// The new description, for kind `description`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub description: Option<String>,
    /// The new visibility, for kind `visibility`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub visibility: Option<Visibility>,
    /// The new picture, for kind `picture`, as `v` of `GET /groups/{id}/picture`; absent when there is
    /// none from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub picture: Option<Uuid>,
    /// The new role, for kind `role`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub role: Option<MemberRole>,
    /// When it ends, for kind `mute`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub until: Option<Time>,
    /// What is deleted and when, for kind `retention`; absent when only the server's setting counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub retention: Option<Retention>,
    /// The message that was changed, for kinds `edit`, `deletion`, `reaction`, `reaction_removal`,
    /// `pin`, `unpin` and `file_removal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub target: Option<Target>,
    /// The emoji, for kinds `reaction` and `reaction_removal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub emoji: Option<String>,
}

impl Entry {
    /// An entry of a kind that says nothing more.
    fn bare(entry: &domain::Entry, kind: EntryKind) -> Self {
        Self {
            conversation: entry.conversation.as_uuid(),
            seq: entry.seq,
            kind,
            actor: entry.actor.map(domain::UserId::as_uuid),
            created_at: entry.created_at.into(),
            message: None,
            subject: None,
            name: None,
            description: None,
            visibility: None,
            picture: None,
            role: None,
            until: None,
            retention: None,
            target: None,
            emoji: None,
        }
    }
}

impl From<&domain::Entry> for Entry {
    fn from(entry: &domain::Entry) -> Self {
        use domain::EntryKind as Kind;
        let bare = |kind| Self::bare(entry, kind);
        let about = |kind, user: &domain::UserId| Self { subject: Some(user.as_uuid()), ..bare(kind) };
        let of = |kind, target: &domain::Target| {
            let mut shown = Target::from(target);
            let is_late = target.message.changes.seq > entry.seq;
            if is_late || matches!(kind, EntryKind::Edit | EntryKind::FileRemoval) {
                shown.body = Some(target.message.body.to_string());
                shown.files = File::render(&target.message.files);
                shown.mentions = Mentions::render(&target.message.mentions);
            }
            Self { target: Some(shown), ..bare(kind) }
        };
        match &entry.kind {
            Kind::Message(message) => Self { message: Some(message.into()), ..bare(EntryKind::Message) },
            Kind::Join(user) => about(EntryKind::Join, user),
            Kind::Leave(user) => about(EntryKind::Leave, user),
            Kind::Removal(user) => about(EntryKind::Removal, user),
            Kind::Rename(name) => Self { name: Some(name.to_string()), ..bare(EntryKind::Rename) },
            Kind::Edit(target) => of(EntryKind::Edit, target),
            Kind::Description(text) => {
                Self { description: Some(text.to_string()), ..bare(EntryKind::Description) }
            }
            Kind::Visibility(visibility) => {
                Self { visibility: Some((*visibility).into()), ..bare(EntryKind::Visibility) }
            }
            Kind::Picture(picture) => {
                Self { picture: picture.map(domain::PictureId::as_uuid), ..bare(EntryKind::Picture) }
            }
            Kind::Archive => bare(EntryKind::Archive),
            Kind::Unarchive => bare(EntryKind::Unarchive),
            Kind::Freeze => bare(EntryKind::Freeze),
            Kind::Unfreeze => bare(EntryKind::Unfreeze),
            Kind::Clear => bare(EntryKind::Clear),
            Kind::Retention(own) => Self { retention: own.map(Into::into), ..bare(EntryKind::Retention) },
            Kind::GroupDeletion => bare(EntryKind::GroupDeletion),
            Kind::Role(user, role) => Self { role: Some((*role).into()), ..about(EntryKind::Role, user) },
            Kind::Mute(user, until) => Self { until: Some((*until).into()), ..about(EntryKind::Mute, user) },
            Kind::Unmute(user) => about(EntryKind::Unmute, user),
            Kind::Deletion(target) => of(EntryKind::Deletion, target),
            Kind::Reaction(target, emoji) => {
                Self { emoji: Some(emoji.to_string()), ..of(EntryKind::Reaction, target) }
            }
            Kind::ReactionRemoval(target, emoji) => {
                Self { emoji: Some(emoji.to_string()), ..of(EntryKind::ReactionRemoval, target) }
            }
            Kind::Pin(target) => of(EntryKind::Pin, target),
            Kind::Unpin(target) => of(EntryKind::Unpin, target),
            Kind::FileRemoval(target) => of(EntryKind::FileRemoval, target),
        }
    }
}

impl From<&domain::Message> for Message {
    fn from(message: &domain::Message) -> Self {
        Self {
            id: message.id.as_uuid(),
            client_id: message.client_id.as_uuid(),
            body: message.body.to_string(),
            files: File::render(&message.files),
            reply_to: message.reply_to.map(domain::MessageId::as_uuid),
            forwarded: message.forwarded.as_ref().map(|forwarded| Forwarded {
                author: forwarded.author.as_uuid(),
                source: forwarded.source.map(domain::ConversationId::as_uuid),
            }),
            thread: message.thread.map(Into::into),
            replies: message.replies.as_deref().map(Into::into),
            mentions: Mentions::render(&message.mentions),
            changes: (message.changes.seq > 0).then(|| (&message.changes).into()),
        }
    }
}

impl Mentions {
    fn render(mentions: &domain::Mentions) -> Option<Self> {
        let users = mentions.users.iter().map(|user| user.as_uuid()).collect();
        (!mentions.is_empty()).then_some(Self { all: mentions.all, users })
    }
}

impl From<&domain::Changes> for Changes {
    fn from(changes: &domain::Changes) -> Self {
        let reaction = |reaction: &domain::Reaction| Reaction {
            emoji: reaction.emoji.to_string(),
            users: reaction.users.iter().map(|user| user.as_uuid()).collect(),
        };
        Self {
            seq: changes.seq,
            edited_at: changes.edited_at.map(Into::into),
            deleted_at: changes.deleted_at.map(Into::into),
            pinned_at: changes.pinned_at.map(Into::into),
            reactions: changes.reactions.iter().map(reaction).collect(),
        }
    }
}

impl From<&domain::Target> for Target {
    fn from(target: &domain::Target) -> Self {
        Self {
            seq: target.seq,
            message_id: target.message.id.as_uuid(),
            author: target.author.as_uuid(),
            body: None,
            files: None,
            thread: target.message.thread.map(Into::into),
            mentions: None,
            changes: (&target.message.changes).into(),
        }
    }
}
