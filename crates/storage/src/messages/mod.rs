mod append;
mod changes;
mod entry;
mod log;
mod mentions;

use async_trait::async_trait;
use parlor_domain::{
    ClientId, ConversationId, Emoji, Entry, Forward, LogPage, Message, MessageId, MessageRepository, Page,
    PageSize, Revision, Span, Timestamp, UserId,
};
use sea_orm::Value;

pub(crate) use self::entry::{columns, read, read_optional};
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
            "SELECT {} FROM entry AS e WHERE e.conversation_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3",
            columns::<D>()
        );
        let values = vec![conversation.as_uuid().into(), column(after).into(), i64::from(limit).into()];
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
    }

    async fn posted(&self, ids: &[(UserId, ClientId)]) -> Result<Vec<Entry>> {
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {actor} AS actor_id, {client} AS client_id FROM {each})
            SELECT {columns} FROM wanted CROSS JOIN entry AS e WHERE e.actor_id = wanted.actor_id AND e.client_id = wanted.client_id",
            actor = D::id("j.value ->> 0"),
            client = D::id("j.value ->> 1"),
            columns = columns::<D>(),
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

    async fn message(&self, id: MessageId) -> Result<Option<Entry>> {
        let sql = format!("SELECT {} FROM entry AS e WHERE e.message_id = $1", columns::<D>());
        self.first(sql, vec![id.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn pinned(
        &self,
        conversation: ConversationId,
        above: u64,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Entry>> {
        let mut values: Vec<Value> =
            vec![conversation.as_uuid().into(), column(above).into(), (i64::from(size.get()) + 1).into()];
        let mut behind = "";
        if let Some((pinned_at, seq)) = after.and_then(read_pin) {
            values.extend([pinned_at.into(), seq.into()]);
            behind = " AND (e.pinned_at, e.seq) < ($4, $5)";
        }
        let sql = format!(
            "SELECT {} FROM entry AS e WHERE e.conversation_id = $1 AND e.seq > $2 AND e.pinned_at IS NOT NULL{behind}
            ORDER BY e.pinned_at DESC, e.seq DESC LIMIT $3",
            columns::<D>()
        );
        let found = self.all(sql, values, |row| read(&mut Fields::of(row))).await?;
        Ok(Page::from_overfetched(found, size, pin))
    }

    async fn revisions(&self, conversation: ConversationId, seq: u64) -> Result<Vec<Revision>> {
        self.read_revisions(conversation, seq).await
    }

    async fn update_message(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        message: &Message,
    ) -> Result<()> {
        self.write_changes(conversation, seq, message).await
    }

    async fn insert_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
        at: Timestamp,
    ) -> Result<()> {
        self.write_reaction(conversation, seq, emoji, user, at).await
    }

    async fn delete_reaction(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        emoji: &Emoji,
        user: UserId,
    ) -> Result<()> {
        self.erase_reaction(conversation, seq, emoji, user).await
    }

    async fn delete_reactions(&mut self, conversation: ConversationId, seq: u64) -> Result<()> {
        self.erase_reactions(conversation, seq).await
    }

    async fn insert_revision(
        &mut self,
        conversation: ConversationId,
        seq: u64,
        revision: &Revision,
    ) -> Result<()> {
        self.write_revision(conversation, seq, revision).await
    }

    async fn delete_revisions(&mut self, conversation: ConversationId, seq: u64) -> Result<()> {
        self.erase_revisions(conversation, seq).await
    }

    async fn erase_entries(
        &mut self,
        conversation: ConversationId,
        limit: u32,
        at: Timestamp,
    ) -> Result<u64> {
        let oldest = "conversation_id = $1 AND seq IN (
            SELECT e.seq FROM entry AS e CROSS JOIN conversation AS c
            WHERE e.conversation_id = $1 AND c.id = $1 AND e.seq < c.last_seq ORDER BY e.seq LIMIT $2)";
        let values: Vec<Value> = vec![conversation.as_uuid().into(), i64::from(limit).into()];
        self.release_files("", oldest, values.clone(), at).await?;
        self.delete_many(format!("DELETE FROM entry WHERE {oldest}"), values).await
    }

    async fn note_forwards(&mut self, forwards: &[(ConversationId, u64, Forward)]) -> Result<()> {
        self.write_forwards(forwards).await
    }

    async fn append(&mut self, entries: &[Entry]) -> Result<()> {
        self.insert_entries(entries).await
    }
}

/// Where a pinned message stands among the pinned ones: when it was pinned, and its place.
fn pin(entry: &Entry) -> String {
    let pinned_at = entry.message().and_then(|message| message.changes.pinned_at).unwrap_or_default();
    format!("{}.{}", pinned_at.as_millis(), entry.seq)
}

/// Takes such a place apart. One that was not made here means the beginning.
fn read_pin(place: &str) -> Option<(i64, i64)> {
    let (pinned_at, seq) = place.split_once('.')?;
    Some((pinned_at.parse().ok()?, seq.parse().ok()?))
}
