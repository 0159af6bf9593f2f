mod append;
mod entry;
mod log;

use async_trait::async_trait;
use parlor_domain::{ClientId, ConversationId, Entry, LogPage, MessageId, MessageRepository, Span, UserId};

use self::entry::read;
pub(crate) use self::entry::{COLUMNS, read_optional};
use crate::fields::{Fields, column};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

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

    async fn entries(&self, conversation: ConversationId, after: u64, limit: u32) -> Result<Vec<Entry>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM entry AS e WHERE e.conversation_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3"
        );
        let values = vec![conversation.as_uuid().into(), column(after).into(), i64::from(limit).into()];
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
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
