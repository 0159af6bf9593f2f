use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What is not to be written, and messages that wait for a decision because they say it.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0044_word_filter"
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

// A held message outlives the conversation that it is for, as a report does: what was decided about
// it is to be seen afterwards.
const SCHEMA: &[&str] = &[
    "CREATE TABLE filter_rule (
        id {id} NOT NULL PRIMARY KEY,
        phrase {text} NOT NULL,
        action smallint NOT NULL,
        created_by {id},
        created_at bigint NOT NULL
    ){ordered}",
    r#"CREATE TABLE held_message (
        id {id} NOT NULL PRIMARY KEY,
        author_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        client_id {id} NOT NULL,
        conversation_id {id} NOT NULL,
        body {text} NOT NULL,
        reply_to {id},
        thread {id},
        broadcast boolean NOT NULL,
        forward_author {id},
        forward_source {id},
        forward_public boolean NOT NULL,
        phrase {text} NOT NULL,
        written_at bigint NOT NULL,
        state smallint NOT NULL,
        handled_by {id},
        handled_at bigint
    ){ordered}"#,
    "CREATE UNIQUE INDEX held_message_client ON held_message (author_id, client_id)",
    "CREATE INDEX held_message_waiting ON held_message (author_id) WHERE state = 1",
];
