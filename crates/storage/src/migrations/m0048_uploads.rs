use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Uploads whose bytes come in parts.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0048_uploads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes, text, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob", "text", " WITHOUT ROWID"),
            _ => ("uuid", "bytea", r#"text COLLATE "C""#, ""),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes);
            let sql = sql.replace("{text}", text).replace("{ordered}", ordered);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// `received` is how many bytes came, in so many `parts`. `file_id` is what the upload became, for those
// who ask again; that file may go before the upload does. A part's `object_id` is the name of its bytes in
// the file store, and `start` is where in the file they belong.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE upload (
        id {id} NOT NULL PRIMARY KEY,
        owner_id {id} NOT NULL REFERENCES "user" (id),
        name {text} NOT NULL,
        declared {text},
        width bigint,
        height bigint,
        duration_ms bigint,
        waveform {bytes},
        metadata {text} NOT NULL,
        length bigint NOT NULL CHECK (length > 0),
        received bigint NOT NULL CHECK (received BETWEEN 0 AND length),
        parts bigint NOT NULL CHECK (parts >= 0),
        created_at bigint NOT NULL,
        expires_at bigint NOT NULL,
        file_id {id}
    ){ordered}"#,
    "CREATE INDEX upload_owner ON upload (owner_id)",
    "CREATE INDEX upload_expiry ON upload (expires_at, id)",
    "CREATE TABLE upload_part (
        upload_id {id} NOT NULL REFERENCES upload (id),
        start bigint NOT NULL CHECK (start >= 0),
        object_id {id} NOT NULL,
        bytes bigint NOT NULL CHECK (bytes > 0),
        PRIMARY KEY (upload_id, start)
    ){ordered}",
];
