use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Second factors, whose secrets are sealed, and whether admins need one.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0037_totp"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob"),
            _ => ("uuid", "bytea"),
        };
        let sql = format!(
            r#"CREATE TABLE totp (
                user_id {id} PRIMARY KEY NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
                secret {bytes} NOT NULL,
                confirmed boolean NOT NULL,
                last_step bigint NOT NULL,
                failures bigint NOT NULL
            )"#
        );
        let connection = manager.get_connection();
        connection.execute_unprepared(&sql).await?;
        let sql = "ALTER TABLE server ADD COLUMN admins_need_totp boolean NOT NULL DEFAULT false";
        connection.execute_unprepared(sql).await.map(drop)
    }
}
