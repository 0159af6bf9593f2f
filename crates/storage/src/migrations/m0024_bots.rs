use sea_orm_migration::prelude::*;

/// Accounts of programs.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0024_bots"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = r#"ALTER TABLE "user" ADD COLUMN bot boolean NOT NULL DEFAULT false"#;
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
