use async_trait::async_trait;
use parlor_domain::{
    Block, Entry, MovedCursor, Page, PageSize, Presence, PrivacyRepository, Seen, Timestamp, UserId,
    UserStatus, Viewer,
};

use crate::codes::Code;
use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql, users};

/// Who blocked whom of the two of the conversation called `c`, from the side of `user`, an
/// expression: 2 when they blocked the other one, 1 the other way round, null when nobody did.
pub(crate) fn blocked(user: &str) -> String {
    format!(
        "CASE WHEN c.direct_low IS NOT NULL THEN (SELECT max(CASE WHEN b.user_id = {user} THEN 2 ELSE 1 END) FROM block AS b
            WHERE (b.user_id = c.direct_low AND b.blocked_id = c.direct_high) OR (b.user_id = c.direct_high AND b.blocked_id = c.direct_low)) END"
    )
}

#[async_trait]
impl<C: Connection, D: Dialect> PrivacyRepository for Sql<C, D> {
    async fn viewer(&self, user: UserId) -> Result<Viewer> {
        // Whose account is gone blocks everybody, which makes nobody's view another one.
        let sql = format!(
            r#"SELECT u.presence, u.shares_last_seen, b.user_id, b.blocked_id FROM "user" AS u
            LEFT JOIN block AS b ON b.user_id = u.id OR (b.blocked_id = u.id AND EXISTS (
                SELECT 1 FROM "user" AS o WHERE o.id = b.user_id AND o.status = {active}))
            WHERE u.id = $1"#,
            active = UserStatus::Active.code(),
        );
        let rows = self.all(sql, vec![user.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok((
                fields.word::<Presence>()?,
                fields.get::<bool>()?,
                fields.optional_id(UserId::from_uuid)?,
                fields.optional_id(UserId::from_uuid)?,
            ))
        });
        let mut viewer = Viewer::open(user);
        for (presence, sees_last_seen, who, whom) in rows.await? {
            (viewer.presence, viewer.sees_last_seen) = (presence, sees_last_seen);
            if who == Some(user) {
                viewer.blocked.extend(whom);
            } else {
                viewer.blocked_by.extend(who);
            }
        }
        Ok(viewer)
    }

    async fn discreet_users(&self) -> Result<Vec<UserId>> {
        let sql = r#"SELECT id FROM "user" WHERE NOT shares_last_seen"#;
        self.all(sql.to_owned(), Vec::new(), |row| Fields::of(row).id(UserId::from_uuid)).await
    }

    async fn blocks_of(&self, user: UserId) -> Result<Vec<Block>> {
        let sql = format!(
            r#"SELECT {}, b.created_at FROM block AS b CROSS JOIN "user" AS u
            WHERE b.user_id = $1 AND u.id = b.blocked_id ORDER BY b.created_at DESC, u.username"#,
            users::COLUMNS
        );
        self.all(sql, vec![user.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok(Block { user: users::read(&mut fields)?, since: fields.moment()? })
        })
        .await
    }

    async fn insert_block(&mut self, user: UserId, blocked: UserId, at: Timestamp) -> Result<()> {
        let sql =
            "INSERT INTO block (user_id, blocked_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let values = vec![user.as_uuid().into(), blocked.as_uuid().into(), at.as_millis().into()];
        self.run(sql.to_owned(), values).await.map(drop)
    }

    async fn delete_block(&mut self, user: UserId, blocked: UserId) -> Result<()> {
        let sql = "DELETE FROM block WHERE user_id = $1 AND blocked_id = $2";
        self.run(sql.to_owned(), vec![user.as_uuid().into(), blocked.as_uuid().into()]).await.map(drop)
    }

    async fn note_reads(&mut self, reads: &[MovedCursor], at: Timestamp) -> Result<()> {
        self.write_reads(reads, at).await
    }

    async fn seen_by(&self, entry: &Entry, after: Option<&str>, size: PageSize) -> Result<Page<Seen>> {
        self.read_seen(entry, after, size).await
    }
}
