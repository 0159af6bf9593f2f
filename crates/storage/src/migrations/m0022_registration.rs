use sea_orm_migration::prelude::*;

/// Who may make an account, as admins chose it while the server ran.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0022_registration"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Null: nobody chose, and the settings say it.
        let sql = "ALTER TABLE server ADD COLUMN registration smallint";
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
