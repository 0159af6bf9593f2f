use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Groups in which nobody writes until an admin lifts that.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0039_freezes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = match manager.get_database_backend() {
            DbBackend::Sqlite => "text",
            _ => r#"text COLLATE "C""#,
        };
        for statement in SCHEMA {
            let sql = statement.replace("{text}", text);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

const SCHEMA: &[&str] = &[
    r#"ALTER TABLE "group" ADD COLUMN frozen_at bigint"#,
    r#"ALTER TABLE "group" ADD COLUMN freeze_reason {text}"#,
];
