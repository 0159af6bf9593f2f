use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

/// How many messages were posted, by log and by day.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0046_overview"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (id, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("blob", " WITHOUT ROWID"),
            _ => ("uuid", ""),
        };
        for statement in SCHEMA.iter().chain(COUNT) {
            let sql = statement.replace("{id}", id).replace("{ordered}", ordered);
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

// Up to `seq` the messages of a log are in `messages`, and in the days on which they were posted. A
// day's number is the days since 1970 in UTC.
const SCHEMA: &[&str] = &[
    "CREATE TABLE tally (
        conversation_id {id} NOT NULL PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
        seq bigint NOT NULL CHECK (seq > 0),
        messages bigint NOT NULL CHECK (messages >= 0)
    ){ordered}",
    "CREATE TABLE message_day (
        day bigint NOT NULL PRIMARY KEY,
        messages bigint NOT NULL CHECK (messages >= 0)
    ){ordered}",
    r#"CREATE INDEX user_created ON "user" (created_at)"#,
    "CREATE INDEX member_owner ON member (conversation_id) WHERE role = 3",
];

// What was there before is counted here, once. Other nodes may go on writing meanwhile, so that it
// is said first up to where each log is counted.
const COUNT: &[&str] = &[
    "INSERT INTO tally (conversation_id, seq, messages)
        SELECT id, last_seq, 0 FROM conversation WHERE last_seq > 0",
    "INSERT INTO message_day (day, messages)
        SELECT e.created_at / 86400000, count(*) FROM entry AS e
        JOIN tally AS t ON t.conversation_id = e.conversation_id
        WHERE e.seq <= t.seq AND e.kind = 1 GROUP BY e.created_at / 86400000",
    "UPDATE tally SET messages = (SELECT count(*) FROM entry AS e
        WHERE e.conversation_id = tally.conversation_id AND e.seq <= tally.seq AND e.kind = 1)",
];
