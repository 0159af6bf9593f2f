use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What was done with messages: edits, deletions, reactions and pins.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0006_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, text, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "text", " WITHOUT ROWID"),
            _ => ("uuid", r#"text COLLATE "C""#, ""),
        };
        let connection = manager.get_connection();
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{text}", text).replace("{ordered}", ordered);
            connection.execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// The present state of a message stands in its own row, so that erasing it is done in one place;
// `changed_seq` is the place of the latest change. The entry of a change has the message's place
// in `target_seq`.
const SCHEMA: &[&str] = &[
    "ALTER TABLE entry ADD COLUMN changed_seq bigint",
    "ALTER TABLE entry ADD COLUMN edited_at bigint",
    "ALTER TABLE entry ADD COLUMN deleted_at bigint",
    "ALTER TABLE entry ADD COLUMN pinned_at bigint",
    "ALTER TABLE entry ADD COLUMN target_seq bigint",
    "ALTER TABLE entry ADD COLUMN emoji {text}",
    "CREATE INDEX entry_pinned ON entry (conversation_id, pinned_at) WHERE pinned_at IS NOT NULL",
    r#"CREATE TABLE reaction (
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        emoji {text} NOT NULL,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        created_at bigint NOT NULL,
        PRIMARY KEY (conversation_id, seq, emoji, user_id),
        FOREIGN KEY (conversation_id, seq) REFERENCES entry (conversation_id, seq) ON DELETE CASCADE
    ){ordered}"#,
    "CREATE INDEX reaction_user ON reaction (user_id)",
    "CREATE TABLE revision (
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        number integer NOT NULL CHECK (number > 0),
        body {text} NOT NULL,
        replaced_at bigint NOT NULL,
        PRIMARY KEY (conversation_id, seq, number),
        FOREIGN KEY (conversation_id, seq) REFERENCES entry (conversation_id, seq) ON DELETE CASCADE
    ){ordered}",
];
