use parlor_domain::{Entry, MovedCursor, Page, PageSize, Seen, Timestamp, UserId};
use sea_orm::Value;

use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::patterns::comparable;
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql, users};

/// How many places back it is known when a member read them.
const RING: u64 = 256;

/// How many members a group may have for that to be noted.
const MEMBERS: u64 = 100;

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(crate) async fn write_reads(&mut self, reads: &[MovedCursor], at: Timestamp) -> Result<()> {
        let sql = format!(
            r#"INSERT INTO read_mark (conversation_id, user_id, slot, seq, read_at)
            SELECT {conversation}, {user}, CAST(j.value ->> 2 AS smallint), CAST(j.value ->> 3 AS bigint), $2 FROM {each}
            WHERE NOT EXISTS (SELECT 1 FROM "group" AS g WHERE g.id = {conversation} AND g.member_count > {MEMBERS})
            ON CONFLICT (conversation_id, user_id, slot) DO UPDATE SET seq = excluded.seq, read_at = excluded.read_at
            WHERE read_mark.seq < excluded.seq"#,
            conversation = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        let reads = reads.iter().map(|moved| {
            let seq = moved.cursor.read_seq;
            let (conversation, user) = (Digits(moved.conversation.as_uuid()), Digits(moved.user.as_uuid()));
            (conversation, user, seq % RING, column(seq))
        });
        let values = vec![rows(reads).map_err(failure::<D>)?, at.as_millis().into()];
        self.run(sql, values).await.map(drop)
    }

    pub(crate) async fn read_seen(
        &self,
        entry: &Entry,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Seen>> {
        let mut values: Vec<Value> = vec![
            entry.conversation.as_uuid().into(),
            column(entry.seq).into(),
            entry.created_at.as_millis().into(),
            entry.actor.map(UserId::as_uuid).into(),
            (i64::from(size.get()) + 1).into(),
        ];
        let mut behind = "";
        if let Some(after) = after {
            values.push(comparable(after).into());
            behind = " AND u.username > $6";
        }
        let sql = format!(
            r#"SELECT {columns}, CASE WHEN m.read_seq < $2 + {RING} THEN (SELECT min(r.read_at) FROM read_mark AS r
                WHERE r.conversation_id = m.conversation_id AND r.user_id = m.user_id AND r.seq >= $2) END
            FROM member AS m CROSS JOIN "user" AS u
            WHERE m.conversation_id = $1 AND m.read_seq >= $2 AND m.joined_at <= $3 AND m.user_id <> $4
                AND u.id = m.user_id AND u.shares_receipts{behind}
            ORDER BY u.username LIMIT $5"#,
            columns = users::COLUMNS,
        );
        let seen = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(Seen { user: users::read(&mut fields)?, read_at: fields.optional_moment()? })
        });
        Ok(Page::from_overfetched(seen.await?, size, |seen| seen.user.username.as_str().to_owned()))
    }
}
