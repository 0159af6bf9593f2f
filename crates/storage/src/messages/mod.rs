mod append;
mod log;

use async_trait::async_trait;
use parlor_domain::{
    ClientId, ConversationId, Entry, EntryKind, GroupName, LogPage, Message, MessageBody, MessageId,
    MessageRepository, Span, UserId,
};
use sea_orm::DbErr;

use crate::codes::entry::{JOIN, LEAVE, MESSAGE, REMOVAL, RENAME};
use crate::fields::{self, Fields};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What an entry is read from, the table being called `e`; see [`read`].
pub(crate) const COLUMNS: &str = "e.seq, e.conversation_id, e.actor_id, e.created_at, e.kind, e.message_id, e.client_id, e.body, \
    e.reply_to, e.subject_id, e.name";

/// How many columns those are.
const WIDTH: usize = 11;

/// An entry, from [`COLUMNS`].
fn read(fields: &mut Fields<'_>) -> fields::Result<Entry> {
    let seq = fields.count()?;
    read_at(seq, fields)
}

/// An entry, or nothing when all columns are null, from [`COLUMNS`].
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
        kind: read_kind(fields)?,
    })
}

fn read_kind(fields: &mut Fields<'_>) -> fields::Result<EntryKind> {
    let kind: i16 = fields.get()?;
    if kind == MESSAGE {
        let message = Message {
            id: fields.id(MessageId::from_uuid)?,
            client_id: fields.id(ClientId::from_uuid)?,
            body: fields.get().map(MessageBody::from_stored)?,
            reply_to: fields.optional_id(MessageId::from_uuid)?,
        };
        fields.skip(2);
        return Ok(EntryKind::Message(message));
    }
    fields.skip(4);
    let subject = fields.optional_id(UserId::from_uuid)?;
    let name: Option<String> = fields.get()?;
    match (kind, subject, name) {
        (JOIN, Some(user), _) => Ok(EntryKind::Join(user)),
        (LEAVE, Some(user), _) => Ok(EntryKind::Leave(user)),
        (REMOVAL, Some(user), _) => Ok(EntryKind::Removal(user)),
        (RENAME, _, Some(name)) => Ok(EntryKind::Rename(GroupName::from_stored(name))),
        _ => Err(DbErr::Type(format!("an entry of kind {kind} lacks something"))),
    }
}

#[async_trait]
impl<C: Connection, D: Dialect> MessageRepository for Sql<C, D> {
    async fn log(
        &self,
        conversation: ConversationId,
        reader: UserId,
        span: Span,
        limit: u32,
    ) -> Result<Option<LogPage>> {
        self.read_log(conversation, reader, span, limit).await
    }

    async fn posted(&self, ids: &[(UserId, ClientId)]) -> Result<Vec<Entry>> {
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {actor} AS actor_id, {client} AS client_id FROM {each})
            SELECT {COLUMNS} FROM wanted CROSS JOIN entry AS e WHERE e.actor_id = wanted.actor_id AND e.client_id = wanted.client_id",
            actor = D::id("j.value ->> 0"),
            client = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        let wanted = distinct(ids)
            .into_iter()
            .map(|(user, client)| (Digits(user.as_uuid()), Digits(client.as_uuid())));
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], |row| read(&mut Fields::of(row))).await
    }

    async fn places(&self, ids: &[MessageId]) -> Result<Vec<(MessageId, ConversationId, u64)>> {
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT e.message_id, e.conversation_id, e.seq FROM wanted CROSS JOIN entry AS e WHERE e.message_id = wanted.id",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let wanted = distinct(ids).into_iter().map(|id| [Digits(id.as_uuid())]);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(MessageId::from_uuid)?, fields.id(ConversationId::from_uuid)?, fields.count()?))
        })
        .await
    }

    async fn append(&mut self, entries: &[Entry]) -> Result<()> {
        self.insert_entries(entries).await
    }
}
