use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Files that people share, their bytes, and which messages have them.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0047_files"
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

// A blob's id is the name of its bytes in the file store; an object there of which only the name is
// left waits in `freed_object`. `unused_since` is null as long as a message has the file. An entry
// does not take its attachments along when it goes, or files would stay that nothing uses: whoever
// erases entries releases their files first. `files` is how many a message has, null for none.
const SCHEMA: &[&str] = &[
    "CREATE TABLE blob (
        id {id} NOT NULL PRIMARY KEY,
        hash {bytes} NOT NULL,
        bytes bigint NOT NULL CHECK (bytes >= 0),
        width bigint,
        height bigint,
        placeholder {bytes},
        small_id {id},
        small_bytes bigint,
        large_id {id},
        large_bytes bigint,
        created_at bigint NOT NULL,
        CHECK ((width IS NULL) = (height IS NULL)),
        CHECK ((small_id IS NULL) = (large_id IS NULL))
    ){ordered}",
    "CREATE UNIQUE INDEX blob_hash ON blob (hash)",
    r#"CREATE TABLE file (
        id {id} NOT NULL PRIMARY KEY,
        owner_id {id} NOT NULL REFERENCES "user" (id),
        name {text} NOT NULL,
        media_type {text} NOT NULL,
        blob_id {id} NOT NULL REFERENCES blob (id),
        created_at bigint NOT NULL,
        unused_since bigint
    ){ordered}"#,
    "CREATE INDEX file_owner ON file (owner_id, id)",
    "CREATE INDEX file_blob ON file (blob_id)",
    "CREATE INDEX file_unused ON file (unused_since, id) WHERE unused_since IS NOT NULL",
    "CREATE TABLE attachment (
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        position smallint NOT NULL CHECK (position >= 0),
        file_id {id} NOT NULL REFERENCES file (id),
        PRIMARY KEY (conversation_id, seq, position),
        FOREIGN KEY (conversation_id, seq) REFERENCES entry (conversation_id, seq)
    ){ordered}",
    "CREATE INDEX attachment_file ON attachment (file_id)",
    "CREATE TABLE freed_object (
        id {id} NOT NULL PRIMARY KEY
    ){ordered}",
    "ALTER TABLE entry ADD COLUMN files smallint",
];
