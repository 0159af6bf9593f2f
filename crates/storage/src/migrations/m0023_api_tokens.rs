use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Tokens with which programs act for people.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0023_api_tokens"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let id = match manager.get_database_backend() {
            DbBackend::Sqlite => "blob",
            _ => "uuid",
        };
        // A token is a session, whose column `cookie` holds the hash of its secret.
        let sql = format!(
            "CREATE TABLE api_token (
                session_id {id} PRIMARY KEY NOT NULL REFERENCES session (id) ON DELETE CASCADE,
                name text NOT NULL,
                scopes smallint NOT NULL CHECK (scopes BETWEEN 0 AND 255),
                expires_at bigint,
                -- An incoming webhook posts there, and has no scopes.
                group_id {id} REFERENCES \"group\" (id) ON DELETE CASCADE
            )"
        );
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
}
