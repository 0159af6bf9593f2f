use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Messages that people reported, as they were then.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0036_reports"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, text, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "text", " WITHOUT ROWID"),
            _ => ("uuid", r#"text COLLATE "C""#, ""),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{text}", text).replace("{ordered}", ordered);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// A report outlives the message, the conversation and the group that it is about. What stood beside
// the message is a JSON array of two arrays, of what was before it and behind it.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE report (
        id {id} NOT NULL PRIMARY KEY,
        reporter_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        message_id {id} NOT NULL,
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        author_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        written_at bigint NOT NULL,
        body {text} NOT NULL,
        beside {text} NOT NULL,
        reason smallint NOT NULL,
        note {text} NOT NULL,
        reported_at bigint NOT NULL,
        state smallint NOT NULL,
        handled_by {id},
        handled_at bigint
    ){ordered}"#,
    "CREATE UNIQUE INDEX report_open ON report (message_id, reporter_id) WHERE state = 1",
    "CREATE INDEX report_reporter ON report (reporter_id) WHERE state = 1",
    "CREATE INDEX report_author ON report (author_id)",
];
