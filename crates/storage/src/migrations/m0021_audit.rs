use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What was done, and bans by whoever operates the machine.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0021_audit"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let backend = manager.get_database_backend();
        let (id, text, ordered, bans) = match backend {
            DbBackend::Sqlite => ("blob", "text", " WITHOUT ROWID", SQLITE_BANS),
            _ => ("uuid", r#"text COLLATE "C""#, "", POSTGRES_BANS),
        };
        for statement in SCHEMA.iter().chain(bans) {
            let sql = statement.replace("{id}", id).replace("{text}", text).replace("{ordered}", ordered);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// Nothing is referred to: what was done is kept whatever becomes of those who did it. `changes` is a
// JSON array of [field, before, after], where a text is a string and a moment a number.
const SCHEMA: &[&str] = &[
    "CREATE TABLE audit (
        id {id} PRIMARY KEY NOT NULL,
        at bigint NOT NULL,
        user_id {id},
        address {text},
        action smallint NOT NULL,
        target_kind smallint,
        target_id {id},
        changes text NOT NULL
    ){ordered}",
    "CREATE INDEX audit_user ON audit (user_id, id)",
    "CREATE INDEX audit_target ON audit (target_id, id)",
    "CREATE INDEX audit_action ON audit (action, id)",
];

const POSTGRES_BANS: &[&str] = &["ALTER TABLE ban ALTER COLUMN issued_by DROP NOT NULL"];

// SQLite changes no column: the table is made anew.
const SQLITE_BANS: &[&str] = &[
    "DROP INDEX ban_user",
    "ALTER TABLE ban RENAME TO ban_before",
    r#"CREATE TABLE ban (
        id blob PRIMARY KEY NOT NULL,
        user_id blob NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        group_id blob REFERENCES "group" (id) ON DELETE CASCADE,
        reason text NOT NULL,
        issued_by blob REFERENCES "user" (id),
        issued_at bigint NOT NULL,
        until bigint,
        lifted_at bigint
    ) WITHOUT ROWID"#,
    "INSERT INTO ban SELECT id, user_id, group_id, reason, issued_by, issued_at, until, lifted_at FROM ban_before",
    "DROP TABLE ban_before",
    "CREATE INDEX ban_user ON ban (user_id) WHERE lifted_at IS NULL",
];
