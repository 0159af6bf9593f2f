use sea_orm_migration::prelude::*;

/// When a group was deleted: from then on nobody finds it, and what is left of it is erased bit by bit.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0015_group_deletion"
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

const SCHEMA: &[&str] = &[
    r#"ALTER TABLE "group" ADD COLUMN deleted_at bigint"#,
    r#"CREATE INDEX group_deleted ON "group" (deleted_at) WHERE deleted_at IS NOT NULL"#,
];
