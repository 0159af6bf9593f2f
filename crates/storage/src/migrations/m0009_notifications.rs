use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Mentions, how people treat their conversations, and what they are told of.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0009_notifications"
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

// Whom a message mentions stands in its own row, so that it goes with the text: the ids as
// hexadecimal digits with blanks between them, and a star for everybody. A notification says which
// entry it is about and repeats nothing of it. `off` and `days` are bits; `kind` grows.
const SCHEMA: &[&str] = &[
    "ALTER TABLE entry ADD COLUMN mentions {text}",
    "CREATE INDEX entry_mentions ON entry (conversation_id, seq) WHERE mentions IS NOT NULL",
    "ALTER TABLE member ADD COLUMN level smallint CHECK (level IN (1, 2, 3))",
    "ALTER TABLE member ADD COLUMN silent_until bigint",
    "ALTER TABLE member ADD COLUMN favourite boolean NOT NULL DEFAULT false",
    "ALTER TABLE member ADD COLUMN hidden_seq bigint",
    r#"CREATE TABLE notification (
        id {id} NOT NULL PRIMARY KEY,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 99),
        conversation_id {id} REFERENCES conversation (id) ON DELETE CASCADE,
        seq bigint,
        actor_id {id} REFERENCES "user" (id),
        created_at bigint NOT NULL,
        read_at bigint,
        CHECK (seq IS NULL OR conversation_id IS NOT NULL)
    ){ordered}"#,
    "CREATE INDEX notification_user ON notification (user_id, created_at, id)",
    "CREATE UNIQUE INDEX notification_cause ON notification (conversation_id, seq, kind, user_id)",
    r#"CREATE TABLE notification_settings (
        user_id {id} NOT NULL PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
        off integer NOT NULL,
        quiet_from integer,
        quiet_to integer,
        days integer,
        utc_offset integer,
        sound boolean NOT NULL,
        badge boolean NOT NULL,
        preview boolean NOT NULL
    ){ordered}"#,
];
