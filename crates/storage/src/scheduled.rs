//! Messages that are posted later.

use async_trait::async_trait;
use parlor_domain::{
    ClientId, ConversationId, MessageBody, MessageId, ScheduledMessage, ScheduledRepository, ThreadAnswer,
    Timestamp, UserId,
};
use sea_orm::Value;

use crate::codes::Code;
use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

const COLUMNS: &str = "id, user_id, conversation_id, body, reply_to, thread, broadcast, at, refusal";

#[async_trait]
impl<C: Connection, D: Dialect> ScheduledRepository for Sql<C, D> {
    async fn scheduled_messages(&self, user: UserId) -> Result<Vec<ScheduledMessage>> {
        let sql = format!("SELECT {COLUMNS} FROM scheduled_message WHERE user_id = $1 ORDER BY at, id");
        self.all(sql, vec![user.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn scheduled_message(&self, user: UserId, id: ClientId) -> Result<Option<ScheduledMessage>> {
        let sql = format!("SELECT {COLUMNS} FROM scheduled_message WHERE user_id = $1 AND id = $2");
        self.first(sql, key(user, id), |row| read(&mut Fields::of(row))).await
    }

    async fn count_scheduled(&self, user: UserId) -> Result<u64> {
        let sql = "SELECT count(*) FROM scheduled_message WHERE user_id = $1".to_owned();
        let count = self.first(sql, vec![user.as_uuid().into()], |row| Fields::of(row).count()).await?;
        Ok(count.unwrap_or(0))
    }

    async fn due_messages(&self, now: Timestamp, limit: u32) -> Result<Vec<ScheduledMessage>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM scheduled_message WHERE try_at <= $1 ORDER BY try_at, user_id, id LIMIT $2"
        );
        let values = vec![now.as_millis().into(), i64::from(limit).into()];
        self.all(sql, values, |row| read(&mut Fields::of(row))).await
    }

    async fn insert_scheduled(&mut self, message: &ScheduledMessage) -> Result<()> {
        let sql = "INSERT INTO scheduled_message
            (user_id, id, conversation_id, body, reply_to, thread, broadcast, at, try_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
        let mut values = key(message.author, message.id);
        values.extend([
            message.conversation.as_uuid().into(),
            message.body.as_str().into(),
            message.reply_to.map(MessageId::as_uuid).into(),
            message.thread.map(|thread| thread.root.as_uuid()).into(),
            message.thread.is_some_and(|thread| thread.broadcast).into(),
            message.at.as_millis().into(),
        ]);
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn update_scheduled(
        &mut self,
        message: &ScheduledMessage,
        try_at: Option<Timestamp>,
    ) -> Result<()> {
        let sql = "UPDATE scheduled_message SET body = $3, at = $4, refusal = $5, try_at = $6
            WHERE user_id = $1 AND id = $2";
        let mut values = key(message.author, message.id);
        values.extend([
            message.body.as_str().into(),
            message.at.as_millis().into(),
            message.refusal.map(Code::code).into(),
            try_at.map(Timestamp::as_millis).into(),
        ]);
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn delete_scheduled(&mut self, user: UserId, id: ClientId) -> Result<bool> {
        let sql = "DELETE FROM scheduled_message WHERE user_id = $1 AND id = $2";
        Ok(self.run(sql.to_owned(), key(user, id)).await? > 0)
    }
}

fn key(user: UserId, id: ClientId) -> Vec<Value> {
    vec![user.as_uuid().into(), id.as_uuid().into()]
}

fn read(fields: &mut Fields<'_>) -> fields::Result<ScheduledMessage> {
    Ok(ScheduledMessage {
        id: fields.id(ClientId::from_uuid)?,
        author: fields.id(UserId::from_uuid)?,
        conversation: fields.id(ConversationId::from_uuid)?,
        body: MessageBody::from_stored(fields.get()?),
        reply_to: fields.optional_id(MessageId::from_uuid)?,
        thread: {
            let (root, broadcast) = (fields.optional_id(MessageId::from_uuid)?, fields.get()?);
            root.map(|root| ThreadAnswer { root, broadcast })
        },
        at: fields.moment()?,
        refusal: fields.optional_word()?,
    })
}
