use std::collections::BTreeMap;

use parlor_domain::{ConversationId, Membership, Preferences, Timestamp, UserId};

use crate::codes::Code;
use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn add_members(&mut self, members: &[Membership]) -> Result<()> {
        let sql = format!(
            "INSERT INTO member (conversation_id, user_id, role, floor_seq, delivered_seq, read_seq, joined_at)
            SELECT {conversation}, {user}, CAST(j.value ->> 2 AS smallint), CAST(j.value ->> 3 AS bigint),
                CAST(j.value ->> 4 AS bigint), CAST(j.value ->> 5 AS bigint), CAST(j.value ->> 6 AS bigint)
            FROM {each} WHERE true
            ON CONFLICT DO NOTHING RETURNING conversation_id",
            conversation = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        let members = rows(members.iter().map(|member| {
            (
                Digits(member.conversation.as_uuid()),
                Digits(member.user.as_uuid()),
                member.role.code(),
                column(member.floor_seq),
                column(member.cursor.delivered_seq),
                column(member.cursor.read_seq),
                member.joined_at.as_millis(),
            )
        }));
        let added = self
            .all(sql, vec![members.map_err(failure::<D>)?], |row| {
                Fields::of(row).id(ConversationId::from_uuid)
            })
            .await?;
        let mut counts = BTreeMap::new();
        for conversation in added {
            *counts.entry(conversation).or_insert(0) += 1;
        }
        self.count_in(&counts).await
    }

    pub(super) async fn remove_member(&mut self, conversation: ConversationId, user: UserId) -> Result<bool> {
        let sql = "DELETE FROM member WHERE conversation_id = $1 AND user_id = $2".to_owned();
        let removed = self.run(sql, vec![conversation.as_uuid().into(), user.as_uuid().into()]).await? > 0;
        if removed {
            self.count_in(&BTreeMap::from([(conversation, -1)])).await?;
        }
        Ok(removed)
    }

    pub(crate) async fn write_preferences(
        &mut self,
        conversation: ConversationId,
        user: UserId,
        preferences: &Preferences,
    ) -> Result<()> {
        let sql = "UPDATE member SET level = $3, silent_until = $4, favourite = $5,
                hidden_seq = CASE WHEN $6 THEN (SELECT last_seq FROM conversation WHERE id = $1) END
            WHERE conversation_id = $1 AND user_id = $2";
        let Preferences { level, silent_until, favourite, hidden } = *preferences;
        let values = vec![
            conversation.as_uuid().into(),
            user.as_uuid().into(),
            level.map(Code::code).into(),
            silent_until.map(Timestamp::as_millis).into(),
            favourite.into(),
            hidden.into(),
        ];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    /// Adds to the numbers of members. What is no group has no such number.
    async fn count_in(&mut self, counts: &BTreeMap<ConversationId, i64>) -> Result<()> {
        if counts.is_empty() {
            return Ok(());
        }
        let sql = format!(
            r#"UPDATE "group" SET member_count = member_count + came.number
            FROM (SELECT {id} AS id, CAST(j.value ->> 1 AS bigint) AS number FROM {each}) AS came
            WHERE "group".id = came.id"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let counts =
            rows(counts.iter().map(|(id, number)| (Digits(id.as_uuid()), number))).map_err(failure::<D>)?;
        self.run(sql, vec![counts]).await.map(drop)
    }
}
