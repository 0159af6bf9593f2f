use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// E-mails that wait, and addresses that people proved to be theirs.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0031_mail"
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

// Nobody proved an address before. An e-mail holds no secret: those are made when it is sent.
const SCHEMA: &[&str] = &[
    r#"ALTER TABLE "user" ADD COLUMN email_verified boolean NOT NULL DEFAULT false"#,
    r#"CREATE TABLE email_verification (
        user_id {id} PRIMARY KEY NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        email {text} NOT NULL,
        hash {bytes} NOT NULL UNIQUE,
        until bigint NOT NULL
    )"#,
    r#"CREATE TABLE mail (
        id {id} PRIMARY KEY NOT NULL,
        kind smallint NOT NULL,
        user_id {id} REFERENCES "user" (id) ON DELETE CASCADE,
        recipient {text} NOT NULL,
        created_at bigint NOT NULL,
        due_at bigint NOT NULL,
        tries bigint NOT NULL
    )"#,
    "CREATE INDEX mail_due ON mail (due_at)",
];
