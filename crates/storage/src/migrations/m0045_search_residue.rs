use sea_orm_migration::prelude::*;

/// Whether many deletions at once left something in the file of the index for searching.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0045_search_residue"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(SCHEMA).await.map(drop)
    }
}

// At most one row, as long as there is a residue: whether it is being taken out.
const SCHEMA: &str = "CREATE TABLE search_residue (
    id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
    merging boolean NOT NULL
)";
