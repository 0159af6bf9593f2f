use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Where sessions come from and when they were confirmed, and codes for a lost password.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0017_recovery"
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

// A session from before has never been confirmed. A code is kept as its hash, and only until it is used.
const SCHEMA: &[&str] = &[
    "ALTER TABLE session ADD COLUMN confirmed_at bigint NOT NULL DEFAULT 0",
    "ALTER TABLE session ADD COLUMN user_agent {text} NOT NULL DEFAULT ''",
    "ALTER TABLE session ADD COLUMN address {text}",
    r#"CREATE TABLE recovery_code (
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        hash {bytes} NOT NULL,
        PRIMARY KEY (user_id, hash)
    ){ordered}"#,
];
