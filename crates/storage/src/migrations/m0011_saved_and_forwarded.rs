use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Messages that people keep, and where forwarded ones come from.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0011_saved_and_forwarded"
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

// A forwarded message has 2 in its entry's `number`. Where it comes from is null when that is not
// known any more.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE saved_message (
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        saved_at bigint NOT NULL,
        PRIMARY KEY (user_id, conversation_id, seq),
        FOREIGN KEY (conversation_id, seq) REFERENCES entry (conversation_id, seq) ON DELETE CASCADE
    ){ordered}"#,
    "CREATE INDEX saved_message_entry ON saved_message (conversation_id, seq)",
    r#"CREATE TABLE forward (
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        author_id {id} NOT NULL REFERENCES "user" (id),
        source_id {id},
        PRIMARY KEY (conversation_id, seq),
        FOREIGN KEY (conversation_id, seq) REFERENCES entry (conversation_id, seq) ON DELETE CASCADE
    ){ordered}"#,
];
