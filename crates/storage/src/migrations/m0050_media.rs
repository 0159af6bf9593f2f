use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What senders tell of films and sounds, and the posters of films.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0050_media"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob"),
            _ => ("uuid", "bytea"),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// They belong to the file and not to the bytes that it has: two people may upload the same and tell
// something else of it.
const SCHEMA: &[&str] = &[
    "ALTER TABLE file ADD COLUMN width bigint",
    "ALTER TABLE file ADD COLUMN height bigint",
    "ALTER TABLE file ADD COLUMN duration_ms bigint",
    "ALTER TABLE file ADD COLUMN waveform {bytes}",
    "ALTER TABLE file ADD COLUMN poster_id {id} REFERENCES blob (id)",
    "CREATE INDEX file_poster ON file (poster_id) WHERE poster_id IS NOT NULL",
];
