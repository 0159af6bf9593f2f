use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Webhooks that tell others what happens, how far each has come, and what came of it.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0040_outgoing_webhooks"
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

// A secret follows from its seed and a key that is not in the database. `all_since` is null when
// groups were chosen one by one. `taken_until` is the end of a node's turn at delivering. A delivery
// without an event was a test; what was said is not kept.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE outgoing_webhook (
        id {id} NOT NULL PRIMARY KEY,
        bot_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        name {text} NOT NULL,
        url {text} NOT NULL,
        events integer NOT NULL,
        all_since bigint,
        seed {id} NOT NULL,
        previous_seed {id},
        previous_until bigint,
        state smallint NOT NULL,
        tries bigint NOT NULL,
        failing_since bigint,
        due_at bigint NOT NULL,
        taken_until bigint NOT NULL,
        created_at bigint NOT NULL
    ){ordered}"#,
    r#"CREATE TABLE outgoing_webhook_group (
        webhook_id {id} NOT NULL REFERENCES outgoing_webhook (id) ON DELETE CASCADE,
        group_id {id} NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
        since bigint NOT NULL,
        PRIMARY KEY (webhook_id, group_id)
    ){ordered}"#,
    "CREATE TABLE outgoing_webhook_cursor (
        webhook_id {id} NOT NULL REFERENCES outgoing_webhook (id) ON DELETE CASCADE,
        conversation_id {id} NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
        seq bigint NOT NULL CHECK (seq >= 0),
        moved_at bigint NOT NULL,
        PRIMARY KEY (webhook_id, conversation_id)
    ){ordered}",
    "CREATE TABLE outgoing_webhook_delivery (
        id {id} NOT NULL PRIMARY KEY,
        webhook_id {id} NOT NULL REFERENCES outgoing_webhook (id) ON DELETE CASCADE,
        at bigint NOT NULL,
        event smallint,
        conversation_id {id},
        seq bigint,
        attempt bigint NOT NULL,
        status integer,
        took bigint NOT NULL,
        error {text}
    ){ordered}",
    "CREATE INDEX outgoing_webhook_delivery_webhook ON outgoing_webhook_delivery (webhook_id, id)",
];
