use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// What people wrote and have not sent yet.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0018_drafts"
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

// `root_seq` is the place of the message that the thread is about, 0 outside of threads. The versions
// count on when a draft goes, so that what is newer is told from what came back.
const SCHEMA: &[&str] = &[
    "CREATE TABLE draft (
        conversation_id {id} NOT NULL,
        user_id {id} NOT NULL,
        root_seq bigint NOT NULL CHECK (root_seq >= 0),
        body text NOT NULL,
        version bigint NOT NULL CHECK (version > 0),
        updated_at bigint NOT NULL,
        PRIMARY KEY (conversation_id, user_id, root_seq),
        FOREIGN KEY (conversation_id, user_id) REFERENCES member (conversation_id, user_id) ON DELETE CASCADE
    ){ordered}",
    "CREATE INDEX draft_user ON draft (user_id, conversation_id, root_seq)",
    r#"ALTER TABLE "user" ADD COLUMN draft_version bigint NOT NULL DEFAULT 0"#,
];
