use parlor_domain::{ConversationId, NewNotification, NotificationId, NotificationKind, Timestamp, UserId};

use crate::codes::Code;
use crate::fields::{Fields, column, count};
use crate::migrations::random_uuid;
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn write_notifications(
        &mut self,
        news: &[NewNotification],
    ) -> Result<Vec<(NotificationId, NewNotification)>> {
        let sql = format!(
            "INSERT INTO notification (id, user_id, kind, conversation_id, seq, actor_id, created_at)
            SELECT {random}, {user}, CAST(j.value ->> 1 AS smallint), {conversation}, CAST(j.value ->> 3 AS bigint),
                {actor}, CAST(j.value ->> 5 AS bigint)
            FROM {each} WHERE NOT EXISTS (SELECT 1 FROM block AS b WHERE b.user_id = {user} AND b.blocked_id = {actor})
            ON CONFLICT (conversation_id, seq, kind, user_id) DO UPDATE
                SET actor_id = excluded.actor_id, created_at = excluded.created_at, read_at = NULL
                WHERE notification.kind = {reaction}
            RETURNING id, user_id, kind, conversation_id, seq, actor_id, created_at",
            random = random_uuid(D::BACKEND),
            user = D::id("j.value ->> 0"),
            conversation = D::id("j.value ->> 2"),
            actor = D::id("j.value ->> 4"),
            each = D::each(1),
            reaction = NotificationKind::Reaction.code(),
        );
        let news = rows(news.iter().map(|new| {
            (
                Digits(new.user.as_uuid()),
                new.kind.code(),
                new.conversation.map(|id| Digits(id.as_uuid())),
                new.seq.map(column),
                new.actor.map(|id| Digits(id.as_uuid())),
                new.at.as_millis(),
            )
        }));
        self.all(sql, vec![news.map_err(failure::<D>)?], |row| {
            let mut fields = Fields::of(row);
            let id = fields.id(NotificationId::from_uuid)?;
            let new = NewNotification {
                user: fields.id(UserId::from_uuid)?,
                kind: fields.word()?,
                conversation: fields.optional_id(ConversationId::from_uuid)?,
                seq: fields.get::<Option<i64>>()?.map(count),
                actor: fields.optional_id(UserId::from_uuid)?,
                at: fields.moment()?,
            };
            Ok((id, new))
        })
        .await
    }

    /// Lets go of each person's oldest notifications until so many are left.
    pub(super) async fn forget_oldest(
        &mut self,
        written: &[(NotificationId, NewNotification)],
        kept: u32,
    ) -> Result<()> {
        let sql = format!(
            "WITH told AS MATERIALIZED (SELECT {user} AS user_id FROM {each})
            DELETE FROM notification WHERE id IN (SELECT n.id FROM told CROSS JOIN notification AS n
                WHERE n.user_id = told.user_id AND (n.created_at, n.id) <= (
                    SELECT o.created_at, o.id FROM notification AS o WHERE o.user_id = told.user_id
                    ORDER BY o.created_at DESC, o.id DESC LIMIT 1 OFFSET $2))",
            user = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let users: Vec<_> = written.iter().map(|(_, new)| new.user).collect();
        let users = rows(distinct(&users).into_iter().map(|user| [Digits(user.as_uuid())]));
        self.run(sql, vec![users.map_err(failure::<D>)?, i64::from(kept).into()]).await.map(drop)
    }

    pub(super) async fn note_read(
        &mut self,
        user: UserId,
        ids: Option<&[NotificationId]>,
        at: Timestamp,
    ) -> Result<bool> {
        let mut chosen = String::new();
        let mut values = vec![user.as_uuid().into(), at.as_millis().into()];
        if let Some(ids) = ids {
            chosen = format!(" AND id IN (SELECT {} FROM {})", D::id("j.value ->> 0"), D::each(3));
            values.push(rows(ids.iter().map(|id| [Digits(id.as_uuid())])).map_err(failure::<D>)?);
        }
        let sql =
            format!("UPDATE notification SET read_at = $2 WHERE user_id = $1 AND read_at IS NULL{chosen}");
        Ok(self.run(sql, values).await? > 0)
    }
}
