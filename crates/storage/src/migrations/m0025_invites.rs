use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Invitations to the server.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0025_invites"
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

// Only the hash of a token is kept: who reads the database makes no account by it.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE invite (
        id {id} NOT NULL PRIMARY KEY,
        role smallint NOT NULL CHECK (role IN (1, 2)),
        email {text},
        created_by {id} REFERENCES "user" (id) ON DELETE SET NULL,
        created_at bigint NOT NULL,
        expires_at bigint,
        max_uses integer CHECK (max_uses > 0),
        uses integer NOT NULL CHECK (uses >= 0),
        revoked_at bigint,
        token {bytes} NOT NULL,
        CHECK (uses <= max_uses)
    ){ordered}"#,
    "CREATE UNIQUE INDEX invite_token ON invite (token)",
    "CREATE INDEX invite_maker ON invite (created_by) WHERE created_by IS NOT NULL",
    r#"CREATE TABLE invite_use (
        user_id {id} NOT NULL PRIMARY KEY REFERENCES "user" (id) ON DELETE CASCADE,
        invite_id {id} NOT NULL REFERENCES invite (id) ON DELETE CASCADE,
        used_at bigint NOT NULL
    ){ordered}"#,
    "CREATE INDEX invite_use_invite ON invite_use (invite_id, used_at)",
];
