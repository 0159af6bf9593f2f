//! What people keep for themselves.

use async_trait::async_trait;
use parlor_domain::{ConversationId, Page, PageSize, PersonalRepository, SavedMessage, Timestamp, UserId};
use sea_orm::Value;
use uuid::Uuid;

use crate::fields::{Fields, column};
use crate::messages::{columns, read};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> PersonalRepository for Sql<C, D> {
    async fn saved_messages(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<SavedMessage>> {
        let mut values: Vec<Value> = vec![user.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let mut behind = "";
        if let Some((saved_at, id)) = after.and_then(read_place) {
            values.extend([saved_at.into(), id.into()]);
            behind = " AND (s.saved_at, e.message_id) < ($3, $4)";
        }
        let sql = format!(
            "SELECT {}, s.saved_at FROM saved_message AS s CROSS JOIN member AS m CROSS JOIN entry AS e
            WHERE s.user_id = $1 AND m.conversation_id = s.conversation_id AND m.user_id = s.user_id AND s.seq > m.floor_seq
                AND e.conversation_id = s.conversation_id AND e.seq = s.seq AND e.deleted_at IS NULL{behind}
            ORDER BY s.saved_at DESC, e.message_id DESC LIMIT $2",
            columns::<D>()
        );
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(SavedMessage { entry: read(&mut fields)?, saved_at: fields.moment()? })
        });
        Ok(Page::from_overfetched(found.await?, size, place))
    }

    async fn count_saved(&self, user: UserId) -> Result<u64> {
        let sql = "SELECT count(*) FROM saved_message WHERE user_id = $1".to_owned();
        let count = self.first(sql, vec![user.as_uuid().into()], |row| Fields::of(row).count()).await?;
        Ok(count.unwrap_or(0))
    }

    async fn save_message(
        &mut self,
        user: UserId,
        conversation: ConversationId,
        seq: u64,
        at: Timestamp,
    ) -> Result<bool> {
        let sql =
            "INSERT INTO saved_message (user_id, conversation_id, seq, saved_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING";
        let mut values = row(user, conversation, seq);
        values.push(at.as_millis().into());
        Ok(self.run(sql.to_owned(), values).await? > 0)
    }

    async fn forget_saved(&mut self, user: UserId, conversation: ConversationId, seq: u64) -> Result<bool> {
        let sql = "DELETE FROM saved_message WHERE user_id = $1 AND conversation_id = $2 AND seq = $3";
        Ok(self.run(sql.to_owned(), row(user, conversation, seq)).await? > 0)
    }

    async fn set_read_cursor(
        &mut self,
        conversation: ConversationId,
        user: UserId,
        seq: u64,
    ) -> Result<bool> {
        let sql = format!(
            "UPDATE member SET read_seq = $3, delivered_seq = {}(delivered_seq, $3)
            WHERE user_id = $1 AND conversation_id = $2",
            D::GREATEST
        );
        Ok(self.run(sql, row(user, conversation, seq)).await? > 0)
    }
}

fn row(user: UserId, conversation: ConversationId, seq: u64) -> Vec<Value> {
    vec![user.as_uuid().into(), conversation.as_uuid().into(), column(seq).into()]
}

/// A saved message's place in the list: when it was saved, and its id.
fn place(saved: &SavedMessage) -> String {
    let id = saved.entry.message().map(|message| message.id.as_uuid()).unwrap_or_default();
    format!("{}.{}", saved.saved_at.as_millis(), id.simple())
}

/// Takes such a place apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(i64, Uuid)> {
    let (saved_at, id) = place.split_once('.')?;
    Some((saved_at.parse().ok()?, Uuid::try_parse(id).ok()?))
}
