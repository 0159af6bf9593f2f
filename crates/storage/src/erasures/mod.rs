mod accounts;
mod messages;

use async_trait::async_trait;
use parlor_domain::{
    Belonging, ConversationId, Entry, Erasure, ErasureId, ErasureRepository, Timestamp, User, UserId,
};
use sea_orm::QueryResult;

use crate::fields::{self, Fields, column};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// Whether messages of the user `u` are still to be erased everywhere.
pub(crate) const ERASING: &str =
    "EXISTS (SELECT 1 FROM erasure WHERE erasure.author_id = u.id AND erasure.conversation_id IS NULL)";

const COLUMNS: &str = "id, author_id, conversation_id, until, reached_id, reached_seq";

fn read(row: &QueryResult) -> fields::Result<Erasure> {
    let mut fields = Fields::of(row);
    Ok(Erasure {
        id: fields.id(ErasureId::from_uuid)?,
        author: fields.optional_id(UserId::from_uuid)?,
        conversation: fields.optional_id(ConversationId::from_uuid)?,
        until: fields.moment()?,
        reached: (fields.id(ConversationId::from_uuid)?, fields.count()?),
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> ErasureRepository for Sql<C, D> {
    async fn erasures(&self, limit: u32) -> Result<Vec<Erasure>> {
        let sql = format!("SELECT {COLUMNS} FROM erasure ORDER BY until, id LIMIT $1");
        self.all(sql, vec![i64::from(limit).into()], read).await
    }

    async fn is_erasing(&self, author: UserId) -> Result<bool> {
        let sql = format!(r#"SELECT {ERASING} FROM "user" AS u WHERE u.id = $1"#);
        let found = self.first(sql, vec![author.as_uuid().into()], |row| Fields::of(row).get()).await?;
        Ok(found.unwrap_or(false))
    }

    async fn count_messages_by(&self, author: UserId) -> Result<u64> {
        self.count_by(author).await
    }

    async fn next_log(&self, after: ConversationId, author: UserId) -> Result<Option<(ConversationId, u64)>> {
        let sql = r#"SELECT c.id, c.last_seq FROM conversation AS c
            WHERE c.id > $1 AND (c.direct_low IS NULL OR c.direct_low = $2 OR c.direct_high = $2)
                AND NOT EXISTS (SELECT 1 FROM "group" AS g WHERE g.id = c.id AND g.deleted_at IS NOT NULL)
            ORDER BY c.id LIMIT 1"#;
        self.first(sql.into(), vec![after.as_uuid().into(), author.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, fields.count()?))
        })
        .await
    }

    async fn messages_between(
        &self,
        conversation: ConversationId,
        between: (u64, u64),
        author: Option<UserId>,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<u64>> {
        self.places_between(conversation, between, author, until, limit).await
    }

    async fn messages_at(&self, conversation: ConversationId, seqs: &[u64]) -> Result<Vec<Entry>> {
        self.read_at(conversation, seqs).await
    }

    async fn belongings(&self, user: UserId) -> Result<Vec<Belonging>> {
        self.read_belongings(user).await
    }

    async fn insert_erasure(&mut self, erasure: &Erasure) -> Result<()> {
        let sql = format!("INSERT INTO erasure ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6)");
        let (reached, seq) = erasure.reached;
        let values = vec![
            erasure.id.as_uuid().into(),
            erasure.author.map(UserId::as_uuid).into(),
            erasure.conversation.map(ConversationId::as_uuid).into(),
            erasure.until.as_millis().into(),
            reached.as_uuid().into(),
            column(seq).into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn lock_erasure(&mut self, id: ErasureId) -> Result<Option<Erasure>> {
        let sql = format!("SELECT {COLUMNS} FROM erasure WHERE id = $1 {}", D::LOCK.unwrap_or_default());
        self.first(sql, vec![id.as_uuid().into()], read).await
    }

    async fn move_erasure(&mut self, id: ErasureId, reached: (ConversationId, u64)) -> Result<()> {
        let sql = "UPDATE erasure SET reached_id = $2, reached_seq = $3 WHERE id = $1";
        let values = vec![id.as_uuid().into(), reached.0.as_uuid().into(), column(reached.1).into()];
        self.run(sql.into(), values).await.map(drop)
    }

    async fn delete_erasure(&mut self, id: ErasureId) -> Result<()> {
        self.run("DELETE FROM erasure WHERE id = $1".into(), vec![id.as_uuid().into()]).await.map(drop)
    }

    async fn erase_messages(
        &mut self,
        conversation: ConversationId,
        places: &[(u64, u64)],
        at: Timestamp,
    ) -> Result<()> {
        self.erase_at(conversation, places, at).await
    }

    async fn close_account(&mut self, shell: &User, at: Timestamp) -> Result<()> {
        self.end_account(shell, at).await
    }
}
