use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// How long messages and files of conversations are kept, and how far that was kept to.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0052_retention"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", " WITHOUT ROWID"),
            _ => ("uuid", ""),
        };
        let sql = SCHEMA.replace("{id}", id).replace("{ordered}", ordered);
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
}

// A conversation without its own setting has no `days` and no `what`, and no row until the server's
// setting was kept there for the first time. Nothing behind `messages_seq` and `files_seq` was written
// before `messages_since` and `files_since`: whether something is too old is told from here alone, by
// whatever settings there are then, without a look at the log.
const SCHEMA: &str = "CREATE TABLE retention (
    conversation_id {id} NOT NULL PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
    days bigint CHECK (days BETWEEN 1 AND 3650),
    what smallint,
    messages_seq bigint NOT NULL DEFAULT 0 CHECK (messages_seq >= 0),
    messages_since bigint NOT NULL DEFAULT 0,
    files_seq bigint NOT NULL DEFAULT 0 CHECK (files_seq >= 0),
    files_since bigint NOT NULL DEFAULT 0,
    CHECK ((days IS NULL) = (what IS NULL))
){ordered}";
