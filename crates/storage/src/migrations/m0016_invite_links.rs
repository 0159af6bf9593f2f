use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// Links that lead into groups.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0016_invite_links"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, bytes, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", "blob", " WITHOUT ROWID"),
            _ => ("uuid", "bytea", ""),
        };
        for statement in SCHEMA {
            let sql = statement.replace("{id}", id).replace("{bytes}", bytes).replace("{ordered}", ordered);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// Only the hash of a link's secret is kept: who reads the database gets into no group by it.
const SCHEMA: &[&str] = &[
    r#"CREATE TABLE invite_link (
        id {id} NOT NULL PRIMARY KEY,
        group_id {id} NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
        created_by {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        created_at bigint NOT NULL,
        expires_at bigint,
        max_uses integer CHECK (max_uses > 0),
        uses integer NOT NULL CHECK (uses >= 0),
        secret {bytes} NOT NULL
    ){ordered}"#,
    "CREATE UNIQUE INDEX invite_link_secret ON invite_link (secret)",
    "CREATE INDEX invite_link_group ON invite_link (group_id)",
    "CREATE INDEX invite_link_maker ON invite_link (created_by)",
];
