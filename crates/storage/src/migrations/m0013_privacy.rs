use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What people keep to themselves: receipts, when they were last seen, and from whom; how they want
/// to be seen; and when messages were read.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0013_privacy"
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

// A member's moves of the read cursor lie in a ring: the slot is the place modulo the ring's size, so
// that it never grows, and what is written over is too far back to be asked for.
const SCHEMA: &[&str] = &[
    r#"ALTER TABLE "user" ADD COLUMN presence smallint NOT NULL DEFAULT 1"#,
    r#"ALTER TABLE "user" ADD COLUMN shares_receipts boolean NOT NULL DEFAULT true"#,
    r#"ALTER TABLE "user" ADD COLUMN shares_last_seen boolean NOT NULL DEFAULT true"#,
    r#"CREATE INDEX user_discreet ON "user" (id) WHERE NOT shares_last_seen"#,
    r#"CREATE TABLE block (
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        blocked_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        created_at bigint NOT NULL,
        PRIMARY KEY (user_id, blocked_id),
        CHECK (user_id <> blocked_id)
    ){ordered}"#,
    "CREATE INDEX block_blocked ON block (blocked_id)",
    "CREATE TABLE read_mark (
        conversation_id {id} NOT NULL,
        user_id {id} NOT NULL,
        slot smallint NOT NULL,
        seq bigint NOT NULL,
        read_at bigint NOT NULL,
        PRIMARY KEY (conversation_id, user_id, slot),
        FOREIGN KEY (conversation_id, user_id) REFERENCES member (conversation_id, user_id) ON DELETE CASCADE
    ){ordered}",
];
