use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Where devices are told while the page is closed.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0020_push"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes, text, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob", "text", " WITHOUT ROWID"),
            _ => ("uuid", "bytea", r#"text COLLATE "C""#, ""),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes);
            let sql = sql.replace("{text}", text).replace("{ordered}", ordered);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// A subscription is its session's, and goes with it. Whose the session is stands here too, so that a
// person's are found at once.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE push_subscription (
        session_id {id} NOT NULL PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        endpoint {text} NOT NULL,
        p256dh {bytes} NOT NULL,
        auth {bytes} NOT NULL,
        created_at bigint NOT NULL
    ){ordered}"#,
    "CREATE UNIQUE INDEX push_subscription_endpoint ON push_subscription (endpoint)",
    "CREATE INDEX push_subscription_user ON push_subscription (user_id, created_at)",
];
