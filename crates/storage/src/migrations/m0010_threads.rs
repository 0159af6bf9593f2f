use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Threads, and who follows them.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0010_threads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", " WITHOUT ROWID"),
            _ => ("uuid", ""),
        };
        let connection = manager.get_connection();
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{ordered}", ordered);
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// A message in a thread has the place of the message that the thread is about in `target_seq`, and
// 1 in `number` when it is shown in the conversation, too: writing other messages costs what it
// did. What the message tells of its thread stands in its own row; `replied_seq` is the place of
// the entry that changed that last.
const SCHEMA: &[&str] = &[
    "ALTER TABLE entry ADD COLUMN replies bigint",
    "ALTER TABLE entry ADD COLUMN replied_seq bigint",
    "ALTER TABLE entry ADD COLUMN replied_at bigint",
    "CREATE INDEX entry_thread ON entry (conversation_id, target_seq, seq) WHERE kind = 1 AND target_seq IS NOT NULL",
    r#"CREATE TABLE thread_member (
        conversation_id {id} NOT NULL,
        root_seq bigint NOT NULL,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        follows boolean NOT NULL,
        read_seq bigint NOT NULL CHECK (read_seq >= 0),
        replied_seq bigint,
        PRIMARY KEY (conversation_id, root_seq, user_id),
        FOREIGN KEY (conversation_id, root_seq) REFERENCES entry (conversation_id, seq) ON DELETE CASCADE
    ){ordered}"#,
    "CREATE INDEX thread_member_user ON thread_member (user_id)",
];
