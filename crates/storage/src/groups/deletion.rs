use parlor_domain::{GroupId, Timestamp, Visibility};

use crate::codes::Code;
use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn retire_group(&mut self, group: GroupId, at: Timestamp) -> Result<()> {
        let id = group.as_uuid();
        self.run("DELETE FROM member WHERE conversation_id = $1".into(), vec![id.into()]).await?;
        self.run("DELETE FROM invite_link WHERE group_id = $1".into(), vec![id.into()]).await?;
        let sql = format!(
            r#"UPDATE "group" SET deleted_at = $2, visibility = {private}, member_count = 0, picture_id = NULL
            WHERE id = $1"#,
            private = Visibility::Private.code(),
        );
        self.run(sql, vec![id.into(), at.as_millis().into()]).await.map(drop)
    }

    pub(super) async fn read_deleted_groups(&self, limit: u32) -> Result<Vec<(GroupId, Timestamp)>> {
        let sql =
            r#"SELECT id, deleted_at FROM "group" WHERE deleted_at IS NOT NULL ORDER BY deleted_at LIMIT $1"#;
        self.all(sql.into(), vec![i64::from(limit).into()], |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(GroupId::from_uuid)?, fields.moment()?))
        })
        .await
    }
}
