use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What people show of themselves: what they are up to, their time zone, and pictures; groups have
/// pictures, too.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0012_profiles"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes, text) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob", "text"),
            _ => ("uuid", "bytea", r#"text COLLATE "C""#),
        };
        let connection = manager.get_connection();
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes).replace("{text}", text);
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// Pictures are large for rows: on SQLite they do not lie in the order of their key, as other tables
// do, so that looking one up does not go through the others' bytes.
const SCHEMA: &[&str] = &[
    "CREATE TABLE picture (
        id {id} NOT NULL PRIMARY KEY,
        small {bytes} NOT NULL,
        large {bytes} NOT NULL,
        created_at bigint NOT NULL
    )",
    r#"ALTER TABLE "user" ADD COLUMN picture_id {id} REFERENCES picture (id)"#,
    r#"ALTER TABLE "user" ADD COLUMN time_zone {text}"#,
    r#"ALTER TABLE "user" ADD COLUMN status_emoji {text}"#,
    r#"ALTER TABLE "user" ADD COLUMN status_text {text}"#,
    r#"ALTER TABLE "user" ADD COLUMN status_until bigint"#,
    r#"ALTER TABLE "group" ADD COLUMN picture_id {id} REFERENCES picture (id)"#,
    r#"CREATE INDEX user_picture ON "user" (picture_id) WHERE picture_id IS NOT NULL"#,
    r#"CREATE INDEX group_picture ON "group" (picture_id) WHERE picture_id IS NOT NULL"#,
];
