use sea_orm_migration::prelude::*;

/// Bytes that are not there any more.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0051_lost_blobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in SCHEMA {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}

// Since when it is known that the file store does not have the bytes; null as long as it has them.
const SCHEMA: &[&str] = &["ALTER TABLE blob ADD COLUMN lost_since bigint"];
