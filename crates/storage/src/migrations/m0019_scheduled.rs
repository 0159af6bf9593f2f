use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Messages that are posted later.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0019_scheduled"
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

// `at` is the time that was chosen, and `try_at` when it is tried next: later in slow mode, and never
// once it was refused.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE scheduled_message (
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        id {id} NOT NULL,
        conversation_id {id} NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
        body text NOT NULL,
        reply_to {id},
        thread {id},
        broadcast boolean NOT NULL,
        at bigint NOT NULL,
        try_at bigint,
        refusal smallint,
        PRIMARY KEY (user_id, id)
    ){ordered}"#,
    "CREATE INDEX scheduled_message_due ON scheduled_message (try_at) WHERE try_at IS NOT NULL",
    "CREATE INDEX scheduled_message_conversation ON scheduled_message (conversation_id)",
];
