use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What groups ask of their members: mutes, slow mode and archives.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0007_group_rules"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", " WITHOUT ROWID"),
            _ => ("uuid", ""),
        };
        let connection = manager.get_connection();
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{ordered}", ordered);
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// An entry's `number` is a word's code or a moment, as its kind says. Mutes, and when somebody posted
// last in a group that is in slow mode, have tables of their own: who leaves and comes back does not
// get around them, and where there is no slow mode nothing is written.
const SCHEMA: &[&str] = &[
    "ALTER TABLE entry ADD COLUMN number bigint",
    r#"CREATE TABLE mute (
        group_id {id} NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        until bigint NOT NULL,
        PRIMARY KEY (group_id, user_id)
    ){ordered}"#,
    "CREATE INDEX mute_user ON mute (user_id)",
    r#"ALTER TABLE "group" ADD COLUMN slow_mode integer NOT NULL DEFAULT 0 CHECK (slow_mode >= 0)"#,
    r#"ALTER TABLE "group" ADD COLUMN archived_at bigint"#,
    r#"CREATE TABLE latest_post (
        group_id {id} NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        posted_at bigint NOT NULL,
        PRIMARY KEY (group_id, user_id)
    ){ordered}"#,
    "CREATE INDEX latest_post_user ON latest_post (user_id)",
];
