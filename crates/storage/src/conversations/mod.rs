mod cursors;
mod members;
mod reads;
mod standings;
mod views;

use async_trait::async_trait;
use parlor_domain::{
    Conversation, ConversationId, ConversationRepository, ConversationView, CursorMove, DirectKey,
    Membership, MovedCursor, NewConversation, Page, PageSize, Standing, Timestamp, UserId,
};

pub(crate) use self::standings::{columns as standing_columns, read as read_standing};
use crate::fields::{self, Fields};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What a conversation is read from, the table being called `c`; see [`read`].
const COLUMNS: &str = "c.id, c.direct_low, c.direct_high, c.last_seq, c.active_at";

/// A conversation, from [`COLUMNS`].
fn read(fields: &mut Fields<'_>) -> fields::Result<Conversation> {
    let id = fields.id(ConversationId::from_uuid)?;
    let low = fields.optional_id(UserId::from_uuid)?;
    let high = fields.optional_id(UserId::from_uuid)?;
    Ok(Conversation {
        id,
        direct: low.zip(high).map(|(low, high)| DirectKey::of(low, high)),
        last_seq: fields.count()?,
        active_at: fields.moment()?,
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> ConversationRepository for Sql<C, D> {
    async fn conversation(&self, id: ConversationId) -> Result<Option<Conversation>> {
        let sql = format!("SELECT {COLUMNS} FROM conversation AS c WHERE c.id = $1");
        self.first(sql, vec![id.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn direct_conversation(&self, key: DirectKey) -> Result<Option<Conversation>> {
        let sql =
            format!("SELECT {COLUMNS} FROM conversation AS c WHERE c.direct_low = $1 AND c.direct_high = $2");
        let (low, high) = key.people();
        self.first(sql, vec![low.as_uuid().into(), high.as_uuid().into()], |row| read(&mut Fields::of(row)))
            .await
    }

    async fn standing(&self, conversation: ConversationId, user: UserId) -> Result<Option<Standing>> {
        Ok(self.standings(&[(conversation, user)]).await?.pop())
    }

    async fn standings(&self, pairs: &[(ConversationId, UserId)]) -> Result<Vec<Standing>> {
        self.read_standings(pairs).await
    }

    async fn conversation_view(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<Option<ConversationView>> {
        self.view_of(conversation, user).await
    }

    async fn all_conversation_views(&self, user: UserId) -> Result<Vec<ConversationView>> {
        self.views_of(user, None, None).await
    }

    async fn conversation_views(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ConversationView>> {
        let views = self.views_of(user, after.and_then(views::read_place), Some(size)).await?;
        Ok(Page::from_overfetched(views, size, views::place))
    }

    async fn heads(&self, conversations: &[ConversationId]) -> Result<Vec<(ConversationId, u64)>> {
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT c.id, c.last_seq FROM wanted CROSS JOIN conversation AS c WHERE c.id = wanted.id",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let wanted = distinct(conversations).into_iter().map(|id| [Digits(id.as_uuid())]);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], read_head).await
    }

    async fn lock_conversations(&mut self, ids: &[ConversationId]) -> Result<()> {
        self.lock_rows("conversation", ids.iter().map(|id| id.as_uuid())).await
    }

    async fn joined_since(&self, at: Timestamp, limit: u32) -> Result<Vec<(ConversationId, UserId)>> {
        let sql = "SELECT conversation_id, user_id FROM member WHERE joined_at >= $1 ORDER BY joined_at DESC LIMIT $2";
        self.all(sql.into(), vec![at.as_millis().into(), i64::from(limit).into()], |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, fields.id(UserId::from_uuid)?))
        })
        .await
    }

    async fn insert_conversation(&mut self, conversation: &NewConversation) -> Result<()> {
        let sql = "INSERT INTO conversation (id, direct_low, direct_high, active_at) VALUES ($1, $2, $3, $4)"
            .to_owned();
        let (low, high) = conversation.direct.map(DirectKey::people).unzip();
        let values = vec![
            conversation.id.as_uuid().into(),
            low.map(UserId::as_uuid).into(),
            high.map(UserId::as_uuid).into(),
            conversation.created_at.as_millis().into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn erase_conversation(&mut self, id: ConversationId, at: Timestamp) -> Result<()> {
        let values = vec![id.as_uuid().into()];
        self.release_files("", "conversation_id = $1", values.clone(), at).await?;
        self.run("DELETE FROM conversation WHERE id = $1".into(), values).await.map(drop)
    }

    async fn insert_members(&mut self, members: &[Membership]) -> Result<()> {
        self.add_members(members).await
    }

    async fn delete_member(&mut self, conversation: ConversationId, user: UserId) -> Result<bool> {
        self.remove_member(conversation, user).await
    }

    async fn move_cursors(&mut self, moves: &[CursorMove]) -> Result<Vec<MovedCursor>> {
        self.advance_cursors(moves).await
    }

    async fn take_seqs(
        &mut self,
        counts: &[(ConversationId, u32)],
        now: Timestamp,
    ) -> Result<Vec<(ConversationId, u64)>> {
        let sql = format!(
            "UPDATE conversation SET last_seq = last_seq + taken.places, active_at = $2
            FROM (SELECT {id} AS id, CAST(j.value ->> 1 AS bigint) AS places FROM {each}) AS taken
            WHERE conversation.id = taken.id RETURNING conversation.id, conversation.last_seq",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let taken =
            rows(counts.iter().map(|(id, count)| (Digits(id.as_uuid()), count))).map_err(failure::<D>)?;
        self.all(sql, vec![taken, now.as_millis().into()], read_head).await
    }
}

fn read_head(row: &sea_orm::QueryResult) -> fields::Result<(ConversationId, u64)> {
    let mut fields = Fields::of(row);
    Ok((fields.id(ConversationId::from_uuid)?, fields.count()?))
}
