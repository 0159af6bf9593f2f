use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// The index for searching, and how far it goes.
pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0008_search"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let (number, id, text, scope, ordered) = match manager.get_database_backend() {
            DbBackend::Sqlite => ("integer", "blob", "text", "text", " WITHOUT ROWID"),
            _ => ("bigint GENERATED ALWAYS AS IDENTITY", "uuid", r#"text COLLATE "C""#, "integer[]", ""),
        };
        for statement in TABLES {
            let sql = statement.replace("{number}", number).replace("{id}", id).replace("{text}", text);
            let sql = sql.replace("{scope}", scope).replace("{ordered}", ordered);
            connection.execute_unprepared(&sql).await?;
        }
        if manager.get_database_backend() == DbBackend::Sqlite {
            for statement in FTS5 {
                connection.execute_unprepared(statement).await?;
            }
            return Ok(());
        }
        // Whoever opens the database has made sure of the extension, wherever it is.
        let found = "SELECT quote_ident(nspname) FROM pg_extension
            JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'";
        let found = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, found)).await?;
        let schema: Option<String> = found.map_or(Ok(None), |row| row.try_get_by_index(0))?;
        let schema = schema.ok_or_else(|| DbErr::Custom("the extension pg_trgm is missing".into()))?;
        connection.execute_unprepared(&TRIGRAMS.replace("{schema}", &schema)).await.map(drop)
    }
}

// What a message says in letters that every database cuts alike, and in `scope` who wrote it where;
// both as the dialect wants them. They stand in the order in which they were written, by `id`.
const TABLES: &[&str] = &[
    "CREATE TABLE search_document (
        id {number} PRIMARY KEY,
        conversation_id {id} NOT NULL,
        seq bigint NOT NULL,
        created_at bigint NOT NULL,
        has integer NOT NULL,
        scope {scope} NOT NULL,
        text {text} NOT NULL,
        UNIQUE (conversation_id, seq),
        FOREIGN KEY (conversation_id, seq) REFERENCES entry (conversation_id, seq) ON DELETE CASCADE
    )",
    "CREATE INDEX search_document_created ON search_document (created_at, id)",
    "CREATE TABLE search_progress (
        conversation_id {id} NOT NULL PRIMARY KEY REFERENCES conversation (id) ON DELETE CASCADE,
        seq bigint NOT NULL
    ){ordered}",
    "CREATE TABLE search_state (
        id smallint NOT NULL PRIMARY KEY CHECK (id = 1),
        up_to {id} NOT NULL,
        done boolean NOT NULL
    )",
];

// Pieces of three letters, and in which messages each is; nothing about where in them. What is
// deleted leaves the file at once, not when its part of the index is merged some day.
const FTS5: &[&str] = &[
    "CREATE VIRTUAL TABLE search_index USING fts5 (
        scope, text, content = 'search_document', content_rowid = 'id',
        tokenize = 'trigram case_sensitive 1', detail = 'none', columnsize = 0
    )",
    "INSERT INTO search_index (search_index, rank) VALUES ('secure-delete', 1)",
    "CREATE TRIGGER search_document_insert AFTER INSERT ON search_document BEGIN
        INSERT INTO search_index (rowid, scope, text) VALUES (new.id, new.scope, new.text);
    END",
    "CREATE TRIGGER search_document_delete AFTER DELETE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, scope, text) VALUES ('delete', old.id, old.scope, old.text);
    END",
    "CREATE TRIGGER search_document_update AFTER UPDATE ON search_document BEGIN
        INSERT INTO search_index (search_index, rowid, scope, text) VALUES ('delete', old.id, old.scope, old.text);
        INSERT INTO search_index (rowid, scope, text) VALUES (new.id, new.scope, new.text);
    END",
];

// What was written last waits in a list that every search reads, hence its limit, in KiB.
const TRIGRAMS: &str = "CREATE INDEX search_document_pieces ON search_document
    USING gin (scope, text {schema}.gin_trgm_ops) WITH (gin_pending_list_limit = 256)";
