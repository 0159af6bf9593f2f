use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Files listed by conversation and kind and by owner and size, and files that are being removed.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0049_file_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Messages that have a file are gone through by their places. Of a table without rowids SQLite has
        // these in every index.
        let key = match manager.get_database_backend() {
            DbBackend::Sqlite => "file_id",
            _ => "file_id, conversation_id, seq",
        };
        for statement in SCHEMA {
            manager.get_connection().execute_unprepared(&statement.replace("{key}", key)).await?;
        }
        Ok(())
    }
}

// `kind` says how a file is shown. It stands with the attachment, too, so that the few films of a
// conversation are found among its many pictures, in the order of its messages, without a look at any
// other. `bytes` stands with the file so that what somebody uploaded is listed by size, and summed up,
// from an index alone. `removed_at` is when the owner ordered that the file goes: it is hidden from then
// on, and waits until it has left its messages.
const SCHEMA: &[&str] = &[
    "ALTER TABLE file ADD COLUMN kind smallint NOT NULL DEFAULT 4",
    "ALTER TABLE file ADD COLUMN bytes bigint NOT NULL DEFAULT 0",
    "ALTER TABLE file ADD COLUMN removed_at bigint",
    "UPDATE file SET bytes = (SELECT b.bytes FROM blob AS b WHERE b.id = file.blob_id),
        kind = CASE
            WHEN media_type IN ('image/png', 'image/jpeg', 'image/gif', 'image/webp') THEN 1
            WHEN media_type IN ('video/mp4', 'video/webm', 'video/quicktime') THEN 2
            WHEN media_type IN ('audio/mpeg', 'audio/ogg', 'audio/mp4', 'audio/x-m4a', 'audio/webm',
                'audio/wav', 'audio/x-wav', 'audio/flac') THEN 3
            ELSE 4 END",
    "CREATE INDEX file_size ON file (owner_id, bytes, id)",
    "CREATE INDEX file_removed ON file (removed_at, id) WHERE removed_at IS NOT NULL",
    "ALTER TABLE attachment ADD COLUMN kind smallint NOT NULL DEFAULT 4",
    "UPDATE attachment SET kind = (SELECT l.kind FROM file AS l WHERE l.id = attachment.file_id)",
    "CREATE INDEX attachment_kind ON attachment (conversation_id, kind, seq, position)",
    "DROP INDEX attachment_file",
    "CREATE INDEX attachment_file ON attachment ({key})",
];
