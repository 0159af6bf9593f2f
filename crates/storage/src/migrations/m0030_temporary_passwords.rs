use sea_orm_migration::prelude::*;

/// Passwords that somebody else chose, and which end.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0030_temporary_passwords"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Nothing means that it is the owner's own, as all are from before.
        let sql = r#"ALTER TABLE "user" ADD COLUMN password_until bigint"#;
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}
