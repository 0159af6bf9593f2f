//! How much room files take, and whose they are.

use parlor_domain::{
    DisplayName, FileFigures, GroupId, GroupName, GroupStorage, Page, PageSize, UserId, UserStorage, Username,
};
use sea_orm::Value;
use uuid::Uuid;

use crate::fields::{Fields, column};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// What stands behind the sums `s` for a page: where it begins, in which order it is, and how long.
fn page(after: Option<&str>, size: PageSize) -> (String, Vec<Value>) {
    let mut values: Vec<Value> = vec![(i64::from(size.get()) + 1).into()];
    let mut behind = "";
    if let Some((bytes, id)) = after.and_then(read_place) {
        values.extend([bytes.into(), id.into()]);
        behind = " AND (s.bytes, s.id) < ($2, $3)";
    }
    (format!("{behind} ORDER BY s.bytes DESC, s.id DESC LIMIT $1"), values)
}

fn place(bytes: u64, id: Uuid) -> String {
    format!("{}.{}", column(bytes), id.simple())
}

/// Takes such a place apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(i64, Uuid)> {
    let (bytes, id) = place.split_once('.')?;
    Some((bytes.parse().ok()?, Uuid::try_parse(id).ok()?))
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_file_figures(&self) -> Result<FileFigures> {
        let sum = |what: &str| format!("CAST(coalesce(sum({what}), 0) AS bigint)");
        let sql = format!(
            "SELECT count(*), {told},
                (SELECT {kept} FROM blob),
                (SELECT count(*) FROM file WHERE unused_since IS NOT NULL),
                (SELECT {told} FROM file WHERE unused_since IS NOT NULL)
            FROM file",
            told = sum("bytes"),
            kept = sum("bytes + coalesce(small_bytes, 0) + coalesce(large_bytes, 0)"),
        );
        let found = self.first(sql, Vec::new(), |row| {
            let mut fields = Fields::of(row);
            Ok(FileFigures {
                files: fields.count()?,
                bytes: fields.count()?,
                kept_bytes: fields.count()?,
                unused_files: fields.count()?,
                unused_bytes: fields.count()?,
            })
        });
        Ok(found.await?.unwrap_or_default())
    }

    pub(super) async fn read_storage_by_user(
        &self,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<UserStorage>> {
        let (behind, values) = page(after, size);
        let sql = format!(
            r#"WITH s AS MATERIALIZED (SELECT owner_id AS id, count(*) AS files, CAST(sum(bytes) AS bigint) AS bytes
                FROM file GROUP BY owner_id)
            SELECT s.id, u.username, u.name, s.files, s.bytes FROM s CROSS JOIN "user" AS u WHERE u.id = s.id{behind}"#
        );
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(UserStorage {
                user: fields.id(UserId::from_uuid)?,
                username: Username::from_stored(fields.get()?),
                name: DisplayName::from_stored(fields.get()?),
                files: fields.count()?,
                bytes: fields.count()?,
            })
        });
        Ok(Page::from_overfetched(found.await?, size, |one| place(one.bytes, one.user.as_uuid())))
    }

    /// A file that several messages of a group have is counted once, which is why each is looked for
    /// among them all; that is done once for all groups.
    pub(super) async fn read_storage_by_group(
        &self,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<GroupStorage>> {
        let (behind, values) = page(after, size);
        let sql = format!(
            r#"WITH used AS MATERIALIZED (SELECT DISTINCT conversation_id, file_id FROM attachment),
            s AS MATERIALIZED (SELECT used.conversation_id AS id, count(*) AS files, CAST(sum(l.bytes) AS bigint) AS bytes
                FROM used JOIN file AS l ON l.id = used.file_id GROUP BY used.conversation_id)
            SELECT s.id, g.name, s.files, s.bytes FROM s CROSS JOIN "group" AS g
            WHERE g.id = s.id AND g.deleted_at IS NULL{behind}"#
        );
        let found = self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(GroupStorage {
                group: fields.id(GroupId::from_uuid)?,
                name: GroupName::from_stored(fields.get()?),
                files: fields.count()?,
                bytes: fields.count()?,
            })
        });
        Ok(Page::from_overfetched(found.await?, size, |one| place(one.bytes, one.group.as_uuid())))
    }
}
