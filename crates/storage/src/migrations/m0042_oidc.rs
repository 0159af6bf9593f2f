use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Who people are at identity providers, and browsers that are on their way there.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0042_oidc"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes, text) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob", "text"),
            _ => ("uuid", "bytea", r#"text COLLATE "C""#),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes).replace("{text}", text);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// A browser's row ends with the session that it left from, and holds no secret but the hash of one.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE identity (
        issuer {text} NOT NULL,
        subject {text} NOT NULL,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        label {text} NOT NULL,
        linked_at bigint NOT NULL,
        PRIMARY KEY (issuer, subject)
    )"#,
    "CREATE UNIQUE INDEX identity_user ON identity (user_id, issuer)",
    r#"CREATE TABLE oidc_attempt (
        hash {bytes} PRIMARY KEY NOT NULL,
        purpose smallint NOT NULL,
        user_id {id} REFERENCES "user" (id) ON DELETE CASCADE,
        session_id {id} REFERENCES session (id) ON DELETE CASCADE,
        until bigint NOT NULL
    )"#,
    "CREATE INDEX oidc_attempt_until ON oidc_attempt (until)",
    "CREATE INDEX oidc_attempt_session ON oidc_attempt (session_id)",
    "CREATE INDEX oidc_attempt_user ON oidc_attempt (user_id)",
];
