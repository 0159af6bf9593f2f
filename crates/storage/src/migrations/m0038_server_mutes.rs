use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// People who may not write on the whole server for a time.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0038_server_mutes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, text) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "text"),
            _ => ("uuid", r#"text COLLATE "C""#),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{text}", text);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// It stands with the person, so that whoever looks at whether they may write finds it by their id.
const SCHEMA: &[&str] = &[
    r#"ALTER TABLE "user" ADD COLUMN muted_until bigint"#,
    r#"ALTER TABLE "user" ADD COLUMN muted_at bigint"#,
    r#"ALTER TABLE "user" ADD COLUMN muted_by {id}"#,
    r#"ALTER TABLE "user" ADD COLUMN mute_reason {text}"#,
    r#"CREATE INDEX user_muted ON "user" (id) WHERE muted_until IS NOT NULL"#,
];
