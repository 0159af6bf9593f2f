use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Messages that are to be erased, and how far that has come.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0035_erasures"
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

// What was reached first is no conversation at all, so that it refers to none.
const SCHEMA: &str = r#"CREATE TABLE erasure (
    id {id} NOT NULL PRIMARY KEY,
    author_id {id} REFERENCES "user" (id) ON DELETE CASCADE,
    conversation_id {id} REFERENCES conversation (id) ON DELETE CASCADE,
    until bigint NOT NULL,
    reached_id {id} NOT NULL,
    reached_seq bigint NOT NULL CHECK (reached_seq >= 0)
){ordered}"#;
