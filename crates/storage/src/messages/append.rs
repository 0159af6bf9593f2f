use parlor_domain::{Entry, EntryKind, MessageId, UserId};
use serde::ser::{Serialize, SerializeTuple, Serializer};

use crate::codes::entry::{JOIN, LEAVE, MESSAGE, REMOVAL, RENAME};
use crate::fields::column;
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn insert_entries(&mut self, entries: &[Entry]) -> Result<()> {
        let sql = format!(
            "INSERT INTO entry (conversation_id, seq, actor_id, created_at, kind, message_id, client_id, body, reply_to, subject_id, name)
            SELECT {conversation}, CAST(j.value ->> 1 AS bigint), {actor}, CAST(j.value ->> 3 AS bigint), CAST(j.value ->> 4 AS smallint),
                {message}, {client}, j.value ->> 7, {reply_to}, {subject}, j.value ->> 10
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

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let entry = self.0;
        let (kind, message, subject, name) = match &entry.kind {
            EntryKind::Message(message) => (MESSAGE, Some(message), None, None),
            EntryKind::Join(user) => (JOIN, None, Some(*user), None),
            EntryKind::Leave(user) => (LEAVE, None, Some(*user), None),
            EntryKind::Removal(user) => (REMOVAL, None, Some(*user), None),
            EntryKind::Rename(name) => (RENAME, None, None, Some(name.as_str())),
        };
        let mut row = serializer.serialize_tuple(11)?;
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
        row.end()
    }
}
