use std::borrow::Cow;

use parlor_domain::{Emoji, Entry, EntryKind, Message, MessageId, Timestamp, UserId};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use super::mentions;
use crate::codes::Code;
use crate::codes::entry::{
    ARCHIVE, CLEAR, DELETION, DESCRIPTION, EDIT, FILE_REMOVAL, FREEZE, GROUP_DELETION, JOIN, LEAVE, MESSAGE,
    MUTE, PICTURE, PIN, REACTION, REACTION_REMOVAL, REMOVAL, RENAME, RETENTION, ROLE, UNARCHIVE, UNFREEZE,
    UNMUTE, UNPIN, VISIBILITY,
};
use crate::codes::mark::{BROADCAST, FORWARDED};
use crate::fields::column;
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn insert_entries(&mut self, entries: &[Entry]) -> Result<()> {
        let sql = format!(
            "INSERT INTO entry (conversation_id, seq, actor_id, created_at, kind, message_id, client_id, body, reply_to, subject_id, name, target_seq, emoji, number, mentions, files)
            SELECT {conversation}, CAST(j.value ->> 1 AS bigint), {actor}, CAST(j.value ->> 3 AS bigint), CAST(j.value ->> 4 AS smallint),
                {message}, {client}, j.value ->> 7, {reply_to}, {subject}, j.value ->> 10,
                CAST(j.value ->> 11 AS bigint), j.value ->> 12, CAST(j.value ->> 13 AS bigint), j.value ->> 14,
                CAST(j.value ->> 15 AS smallint)
            FROM {each}",
            conversation = D::id("j.value ->> 0"),
            actor = D::id("j.value ->> 2"),
            message = D::id("j.value ->> 5"),
            client = D::id("j.value ->> 6"),
            reply_to = D::id("j.value ->> 8"),
            subject = D::id("j.value ->> 9"),
            each = D::each(1),
        );
        let entries = rows(entries.iter().map(Row)).map_err(failure::<D>)?;
        self.run(sql, vec![entries]).await.map(drop)
    }
}

/// An entry as a row of the parameter.
struct Row<'a>(&'a Entry);

/// What an entry records, as columns have it. What a change did to a message stands in the
/// message's own row; see [`Sql::write_changes`]. A name is also a description, the digits of a
/// picture's id, or what goes once it is old enough.
#[derive(Default)]
struct Content<'a> {
    kind: i16,
    message: Option<&'a Message>,
    subject: Option<UserId>,
    name: Option<Cow<'a, str>>,
    target: Option<u64>,
    emoji: Option<&'a Emoji>,
    number: Option<i64>,
}

impl<'a> From<&'a Entry> for Content<'a> {
    fn from(entry: &'a Entry) -> Self {
        let base = Self { target: entry.target().map(|target| target.seq), ..Self::default() };
        match &entry.kind {
            EntryKind::Message(message) => Self {
                kind: MESSAGE,
                message: Some(message),
                target: message.thread.map(|thread| thread.seq),
                number: mark_of(message),
                ..base
            },
            EntryKind::Join(user) => Self { kind: JOIN, subject: Some(*user), ..base },
            EntryKind::Leave(user) => Self { kind: LEAVE, subject: Some(*user), ..base },
            EntryKind::Removal(user) => Self { kind: REMOVAL, subject: Some(*user), ..base },
            EntryKind::Rename(name) => Self { kind: RENAME, name: Some(name.as_str().into()), ..base },
            EntryKind::Description(text) => {
                Self { kind: DESCRIPTION, name: Some(text.as_str().into()), ..base }
            }
            EntryKind::Visibility(visibility) => {
                Self { kind: VISIBILITY, number: Some(visibility.code().into()), ..base }
            }
            EntryKind::Picture(picture) => {
                let name = picture.map(|picture| picture.as_uuid().simple().to_string().into());
                Self { kind: PICTURE, name, ..base }
            }
            EntryKind::Archive => Self { kind: ARCHIVE, ..base },
            EntryKind::Unarchive => Self { kind: UNARCHIVE, ..base },
            EntryKind::Freeze => Self { kind: FREEZE, ..base },
            EntryKind::Unfreeze => Self { kind: UNFREEZE, ..base },
            EntryKind::Clear => Self { kind: CLEAR, ..base },
            EntryKind::Retention(own) => Self {
                kind: RETENTION,
                name: own.map(|own| own.what.word().into()),
                number: own.map(|own| own.days.get().into()),
                ..base
            },
            EntryKind::GroupDeletion => Self { kind: GROUP_DELETION, ..base },
            EntryKind::Role(user, role) => {
                Self { kind: ROLE, subject: Some(*user), number: Some(role.code().into()), ..base }
            }
            EntryKind::Mute(user, until) => {
                Self { kind: MUTE, subject: Some(*user), number: Some(Timestamp::as_millis(*until)), ..base }
            }
            EntryKind::Unmute(user) => Self { kind: UNMUTE, subject: Some(*user), ..base },
            EntryKind::Edit(_) => Self { kind: EDIT, ..base },
            EntryKind::Deletion(_) => Self { kind: DELETION, ..base },
            EntryKind::Reaction(_, emoji) => Self { kind: REACTION, emoji: Some(emoji), ..base },
            EntryKind::ReactionRemoval(_, emoji) => {
                Self { kind: REACTION_REMOVAL, emoji: Some(emoji), ..base }
            }
            EntryKind::Pin(_) => Self { kind: PIN, ..base },
            EntryKind::Unpin(_) => Self { kind: UNPIN, ..base },
            EntryKind::FileRemoval(_) => Self { kind: FILE_REMOVAL, ..base },
        }
    }
}

/// What kind of message it is, if it is no plain one.
fn mark_of(message: &Message) -> Option<i64> {
    if message.forwarded.is_some() {
        return Some(FORWARDED);
    }
    message.thread.filter(|thread| thread.broadcast).map(|_| BROADCAST)
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let entry = self.0;
        let Content { kind, message, subject, name, target, emoji, number } = entry.into();
        let mut row = serializer.serialize_tuple(16)?;
        row.serialize_element(&Digits(entry.conversation.as_uuid()))?;
        row.serialize_element(&column(entry.seq))?;
        row.serialize_element(&entry.actor.map(UserId::as_uuid).map(Digits))?;
        row.serialize_element(&entry.created_at.as_millis())?;
        row.serialize_element(&kind)?;
        row.serialize_element(&message.map(|message| Digits(message.id.as_uuid())))?;
        row.serialize_element(&message.map(|message| Digits(message.client_id.as_uuid())))?;
        row.serialize_element(&message.map(|message| message.body.as_str()))?;
        row.serialize_element(
            &message.and_then(|message| message.reply_to).map(MessageId::as_uuid).map(Digits),
        )?;
        row.serialize_element(&subject.map(UserId::as_uuid).map(Digits))?;
        row.serialize_element(&name)?;
        row.serialize_element(&target.map(column))?;
        row.serialize_element(&emoji.map(Emoji::as_str))?;
        row.serialize_element(&number)?;
        row.serialize_element(&message.and_then(|message| mentions::write(&message.mentions)))?;
        let files = message.map_or(0, |message| message.files.len());
        row.serialize_element(&(files > 0).then_some(files))?;
        row.end()
    }
}
