use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What groups ask of their members: mutes.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0007_group_rules"
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

// An entry's `number` is a role's code or a moment, as its kind says. A mute has a table of its own
// so that one who leaves and comes back is still muted.
const SCHEMA: &[&str] = &[
    "ALTER TABLE entry ADD COLUMN number bigint",
    r#"CREATE TABLE mute (
        group_id {id} NOT NULL REFERENCES "group" (id) ON DELETE CASCADE,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        until bigint NOT NULL,
        PRIMARY KEY (group_id, user_id)
    ){ordered}"#,
    "CREATE INDEX mute_user ON mute (user_id)",
];
