use parlor_domain::{ConversationId, Cursor, CursorMove, MovedCursor, UserId};
use sea_orm::Value;

use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn advance_cursors(&mut self, moves: &[CursorMove]) -> Result<Vec<MovedCursor>> {
        let moves = rows(moves.iter().map(|step| {
            (
                Digits(step.conversation.as_uuid()),
                Digits(step.user.as_uuid()),
                column(step.cursor.delivered_seq),
                column(step.cursor.read_seq),
            )
        }))
        .map_err(failure::<D>)?;
        self.lock_members(&moves).await?;
        // `step` is the farthest move of each member, `moved` where the member is then.
        let sql = format!(
            r#"WITH step AS (
                SELECT {conversation} AS conversation_id, {user} AS user_id,
                    max(CAST(j.value ->> 2 AS bigint)) AS delivered_seq, max(CAST(j.value ->> 3 AS bigint)) AS read_seq
                FROM {each} GROUP BY 1, 2
            ), moved AS (
                SELECT m.conversation_id, m.user_id,
                    {greatest}(m.read_seq, {least}(step.read_seq, c.last_seq)) AS read_seq,
                    {greatest}(m.delivered_seq, {least}({greatest}(step.delivered_seq, step.read_seq), c.last_seq)) AS delivered_seq
                FROM step CROSS JOIN member AS m CROSS JOIN conversation AS c
                WHERE m.conversation_id = step.conversation_id AND m.user_id = step.user_id AND c.id = step.conversation_id
            )
            UPDATE member SET read_seq = moved.read_seq, delivered_seq = moved.delivered_seq FROM moved
            WHERE member.conversation_id = moved.conversation_id AND member.user_id = moved.user_id
                AND (member.read_seq < moved.read_seq OR member.delivered_seq < moved.delivered_seq)
            RETURNING member.conversation_id, member.user_id, member.delivered_seq, member.read_seq,
                (SELECT CASE WHEN c.direct_low = member.user_id THEN c.direct_high ELSE c.direct_low END
                    FROM conversation AS c CROSS JOIN "user" AS one CROSS JOIN "user" AS other
                    WHERE c.id = member.conversation_id AND c.direct_low <> c.direct_high
                    AND one.id = c.direct_low AND other.id = c.direct_high AND one.shares_receipts AND other.shares_receipts)"#,
            conversation = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 1"),
            each = D::each(1),
            greatest = D::GREATEST,
            least = D::LEAST,
        );
        self.all(sql, vec![moves], |row| {
            let mut fields = Fields::of(row);
            Ok(MovedCursor {
                conversation: fields.id(ConversationId::from_uuid)?,
                user: fields.id(UserId::from_uuid)?,
                cursor: Cursor { delivered_seq: fields.count()?, read_seq: fields.count()? },
                peer: fields.optional_id(UserId::from_uuid)?,
            })
        })
        .await
    }

    /// Keeps where these members are until the end of the unit of work: what is computed from it
    /// must not be overtaken. In one order, as [`Sql::lock_rows`] says.
    async fn lock_members(&self, moves: &Value) -> Result<()> {
        let Some(lock) = D::LOCK else { return Ok(()) };
        let sql = format!(
            "SELECT 1 FROM member WHERE (conversation_id, user_id) IN (SELECT {conversation}, {user} FROM {each})
            ORDER BY conversation_id, user_id {lock}",
            conversation = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        self.run(sql, vec![moves.clone()]).await.map(drop)
    }
}
