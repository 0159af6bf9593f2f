use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// The server's own row with its epoch, and the lobby.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0002_founding"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The database makes ids and moments by itself, so that opening one needs no clock.
        let random = random_uuid(manager.get_database_backend());
        let now = match manager.get_database_backend() {
            DbBackend::Sqlite => "CAST(unixepoch('subsec') * 1000 AS integer)",
            _ => "CAST(extract(epoch FROM now()) * 1000 AS bigint)",
        };
        let connection = manager.get_connection();
        let row = format!("INSERT INTO server (id, epoch) VALUES (1, {random})");
        let conversation = format!("INSERT INTO conversation (id, active_at) VALUES ({random}, {now})");
        for sql in [row.as_str(), &conversation, LOBBY] {
            connection.execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

/// An expression for a random UUID (version 4).
pub(crate) fn random_uuid(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => RANDOM_BLOB,
        _ => "gen_random_uuid()",
    }
}

const RANDOM_BLOB: &str = "unhex(hex(randomblob(6)) || '4' || substr(hex(randomblob(2)), 2) \
    || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(8)), 2))";

const LOBBY: &str = r#"INSERT INTO "group" (id, name, description, visibility, lobby, read_only, created_at, sort_name, search)
    SELECT id, 'lobby', 'Everybody on this server', 1, true, false, active_at, 'lobby', 'lobby everybody on this server'
    FROM conversation"#;
