//! Reading entries: row by row, or a whole page as one text.

use std::sync::Arc;

use parlor_domain::{
    ClientId, ConversationId, Entry, EntryKind, GroupDescription, GroupName, Message, MessageBody, MessageId,
    PictureId, Retention, RetentionScope, Timestamp, UserId,
};
use sea_orm::DbErr;
use serde::Deserialize;
use uuid::Uuid;

use super::changes::{self, Extra};
use crate::Dialect;
use crate::codes::Code;
use crate::codes::entry::{
    ARCHIVE, CLEAR, DELETION, DESCRIPTION, EDIT, FILE_REMOVAL, FREEZE, GROUP_DELETION, JOIN, LEAVE, MESSAGE,
    MUTE, PICTURE, PIN, REACTION, REACTION_REMOVAL, REMOVAL, RENAME, RETENTION, ROLE, UNARCHIVE, UNFREEZE,
    UNMUTE, UNPIN, VISIBILITY,
};
use crate::fields::{self, Fields};
use crate::parameter::Digits;
use crate::retention::days_of;

/// What an entry is read from, the table being called `e`; see [`read`].
pub(crate) fn columns<D: Dialect>() -> String {
    format!(
        "e.seq, e.conversation_id, e.actor_id, e.created_at, e.kind, e.message_id, e.client_id, e.body, \
        e.reply_to, e.subject_id, e.name, {}",
        changes::column_of::<D>()
    )
}

/// How many columns those are.
const WIDTH: usize = 12;

/// An entry, from [`columns`].
pub(crate) fn read(fields: &mut Fields<'_>) -> fields::Result<Entry> {
    let seq = fields.count()?;
    read_at(seq, fields)
}

/// An entry, or nothing when all columns are null, from [`columns`].
pub(crate) fn read_optional(fields: &mut Fields<'_>) -> fields::Result<Option<Entry>> {
    let Some(seq) = fields.get::<Option<i64>>()? else {
        fields.skip(WIDTH - 1);
        return Ok(None);
    };
    read_at(fields::count(seq), fields).map(Some)
}

fn read_at(seq: u64, fields: &mut Fields<'_>) -> fields::Result<Entry> {
    Ok(Entry {
        conversation: fields.id(ConversationId::from_uuid)?,
        seq,
        actor: fields.optional_id(UserId::from_uuid)?,
        created_at: fields.moment()?,
        kind: Content {
            kind: fields.get()?,
            message: fields.get()?,
            client: fields.get()?,
            body: fields.get()?,
            reply_to: fields.get()?,
            subject: fields.get()?,
            name: fields.get()?,
            extra: Extra::read(fields.get::<Option<String>>()?.as_deref())?,
        }
        .try_into()?,
    })
}

/// The columns that hold what an entry records.
struct Content {
    kind: i16,
    message: Option<Uuid>,
    client: Option<Uuid>,
    body: Option<String>,
    reply_to: Option<Uuid>,
    subject: Option<Uuid>,
    name: Option<String>,
    extra: Extra,
}

/// The picture that an entry names.
fn picture(digits: &str) -> fields::Result<PictureId> {
    let id = Uuid::try_parse(digits).map_err(|error| DbErr::Type(error.to_string()))?;
    Ok(PictureId::from_uuid(id))
}

/// What an entry says of how long messages and files are kept.
fn retention(what: Option<&str>, days: Option<i64>) -> fields::Result<Option<Retention>> {
    let Some((what, days)) = what.zip(days) else { return Ok(None) };
    let what = RetentionScope::from_word(what);
    let what = what.ok_or_else(|| DbErr::Type("an entry names nothing that is kept".into()))?;
    Ok(Some(Retention { days: days_of(days)?, what }))
}

/// The word that an entry's number stands for.
fn word<T: Code>(number: i64) -> Option<T> {
    i16::try_from(number).ok().and_then(T::from_code)
}

impl TryFrom<Content> for EntryKind {
    type Error = DbErr;

    fn try_from(content: Content) -> Result<Self, DbErr> {
        let kind = content.kind;
        let subject = content.subject.map(UserId::from_uuid);
        let Extra { emoji, target, number, forwarded, thread, replies, mentions, files, changes } =
            content.extra;
        let found = match kind {
            MESSAGE => {
                content.message.zip(content.client).zip(content.body).map(|((id, client_id), body)| {
                    Self::Message(Message {
                        id: MessageId::from_uuid(id),
                        client_id: ClientId::from_uuid(client_id),
                        body: MessageBody::from_stored(body),
                        files,
                        reply_to: content.reply_to.map(MessageId::from_uuid),
                        forwarded,
                        thread,
                        replies,
                        mentions,
                        changes,
                    })
                })
            }
            JOIN => subject.map(Self::Join),
            LEAVE => subject.map(Self::Leave),
            REMOVAL => subject.map(Self::Removal),
            RENAME => content.name.map(|name| Self::Rename(GroupName::from_stored(name))),
            DESCRIPTION => content.name.map(|text| Self::Description(GroupDescription::from_stored(text))),
            PICTURE => Some(Self::Picture(content.name.as_deref().map(picture).transpose()?)),
            ARCHIVE => Some(Self::Archive),
            UNARCHIVE => Some(Self::Unarchive),
            FREEZE => Some(Self::Freeze),
            UNFREEZE => Some(Self::Unfreeze),
            CLEAR => Some(Self::Clear),
            RETENTION => Some(Self::Retention(retention(content.name.as_deref(), number)?)),
            GROUP_DELETION => Some(Self::GroupDeletion),
            VISIBILITY => number.and_then(word).map(Self::Visibility),
            ROLE => subject.zip(number.and_then(word)).map(|(subject, role)| Self::Role(subject, role)),
            MUTE => {
                subject.zip(number).map(|(subject, until)| Self::Mute(subject, Timestamp::from_millis(until)))
            }
            UNMUTE => subject.map(Self::Unmute),
            EDIT => target.map(Self::Edit),
            DELETION => target.map(Self::Deletion),
            REACTION => target.zip(emoji).map(|(target, emoji)| Self::Reaction(target, emoji)),
            REACTION_REMOVAL => target.zip(emoji).map(|(target, emoji)| Self::ReactionRemoval(target, emoji)),
            PIN => target.map(Self::Pin),
            UNPIN => target.map(Self::Unpin),
            FILE_REMOVAL => target.map(Self::FileRemoval),
            _ => None,
        };
        found.ok_or_else(|| DbErr::Type(format!("an entry of kind {kind} lacks something")))
    }
}

/// An expression that gathers entries of one conversation, the table being called `e`, into one
/// text; see [`read_gathered`]. A page has a thousand fields, and handing each over by itself
/// costs more than finding them.
pub(super) fn gathered<D: Dialect>() -> String {
    let [actor, message, client, reply_to, subject] =
        ["e.actor_id", "e.message_id", "e.client_id", "e.reply_to", "e.subject_id"].map(D::digits);
    D::gather(
        &[
            "e.seq",
            &actor,
            "e.created_at",
            "e.kind",
            &message,
            &client,
            "e.body",
            &reply_to,
            &subject,
            "e.name",
            &changes::column_of::<D>(),
        ],
        "e.seq",
    )
}

/// An element of what [`gathered`] makes.
#[derive(Deserialize)]
struct Gathered(
    u64,
    Option<Digits>,
    i64,
    i16,
    Option<Digits>,
    Option<Digits>,
    Option<String>,
    Option<Digits>,
    Option<Digits>,
    Option<String>,
    Option<String>,
);

/// The entries of a conversation, from [`gathered`].
pub(super) fn read_gathered(conversation: ConversationId, text: &str) -> fields::Result<Vec<Arc<Entry>>> {
    let rows: Vec<Gathered> = serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))?;
    let entries = rows.into_iter().map(
        |Gathered(seq, actor, created_at, kind, message, client, body, reply_to, subject, name, extra)| {
            let id = |digits: Option<Digits>| digits.map(|Digits(id)| id);
            let content = Content {
                kind,
                message: id(message),
                client: id(client),
                body,
                reply_to: id(reply_to),
                subject: id(subject),
                name,
                extra: Extra::read(extra.as_deref())?,
            };
            Ok(Arc::new(Entry {
                conversation,
                seq,
                actor: id(actor).map(UserId::from_uuid),
                created_at: Timestamp::from_millis(created_at),
                kind: content.try_into()?,
            }))
        },
    );
    entries.collect()
}
