use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The server processes that share the database, and who is connected to each.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0004_nodes"
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
            connection
                .execute_unprepared(&statement.replace("{id}", id).replace("{ordered}", ordered))
                .await?;
        }
        Ok(())
    }
}

const SCHEMA: &[&str] = &[
    "CREATE TABLE node (
        id {id} NOT NULL PRIMARY KEY,
        name text NOT NULL,
        version text NOT NULL,
        address text NOT NULL,
        connections bigint NOT NULL CHECK (connections >= 0),
        hears boolean NOT NULL,
        started_at bigint NOT NULL,
        heard_at bigint NOT NULL
    ){ordered}",
    r#"CREATE TABLE present (
        node_id {id} NOT NULL REFERENCES node (id) ON DELETE CASCADE,
        user_id {id} NOT NULL REFERENCES "user" (id) ON DELETE CASCADE,
        presence smallint NOT NULL CHECK (presence IN (1, 2, 3, 4)),
        PRIMARY KEY (node_id, user_id)
    ){ordered}"#,
    "CREATE INDEX present_user ON present (user_id)",
    // Nodes that hear nothing look here for conversations that somebody came into lately.
    "CREATE INDEX member_joined ON member (joined_at)",
];
