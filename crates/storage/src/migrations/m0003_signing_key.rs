use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The fingerprint of the key that all nodes of one database sign with.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0003_signing_key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            DbBackend::Sqlite => "blob",
            _ => "bytea",
        };
        let sql = format!("ALTER TABLE server ADD COLUMN signing_key {bytes}");
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
}
