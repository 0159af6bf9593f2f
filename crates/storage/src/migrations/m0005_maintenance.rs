use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What people get to read while nothing is written; nothing when the server is as usual.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0005_maintenance"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let text = match manager.get_database_backend() {
            DbBackend::Sqlite => "text",
            _ => r#"text COLLATE "C""#,
        };
        let sql = format!("ALTER TABLE server ADD COLUMN maintenance {text}");
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
}
