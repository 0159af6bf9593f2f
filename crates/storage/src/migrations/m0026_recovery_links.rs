use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Links that give an account back.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0026_recovery_links"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob"),
            _ => ("uuid", "bytea"),
        };
        // A person has one at most, which is kept as its hash.
        let sql = format!(
            r#"CREATE TABLE recovery_link (
                user_id {id} PRIMARY KEY NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
                hash {bytes} NOT NULL UNIQUE,
                until bigint NOT NULL
            )"#
        );
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
}
