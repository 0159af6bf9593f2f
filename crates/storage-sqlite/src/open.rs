//! Opening a database: checks, then the schema, then the connections.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::EventPublisher;
use parlor_storage::Migrator;
use parlor_storage::moving::COPYING;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::connections::Connections;
use crate::copy::{keep_copy, make_private};
use crate::writer::Writer;
use crate::{OpenError, SqliteOptions, settings};

/// How long a reader waits for a connection before the store counts as unavailable.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) async fn file(
    path: &Path,
    options: &SqliteOptions,
    publisher: Arc<dyn EventPublisher>,
) -> Result<Connections, OpenError> {
    make_private(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
            OpenError::ReadOnly { path: path.to_owned() }
        }
        _ => OpenError::Unreachable { path: path.to_owned(), reason: error.to_string() },
    })?;
    let writer = prepare(path, settings::writing(path), false).await?;
    let readers = pool(options.readers.clamp(1, 64)).connect_lazy_with(settings::reading(path));
    Ok(Connections { writer, readers: Some(readers.into()), publisher })
}

pub(crate) async fn memory(publisher: Arc<dyn EventPublisher>) -> Result<Connections, OpenError> {
    let path = Path::new(":memory:");
    let writer = prepare(path, settings::writing(path), true).await?;
    Ok(Connections { writer, readers: None, publisher })
}

/// Connections that live as long as the pool.
fn pool(size: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Brings the database to the present schema and hands over the connection that writes.
async fn prepare(
    path: &Path,
    options: SqliteConnectOptions,
    in_memory: bool,
) -> Result<Arc<tokio::sync::Mutex<Writer>>, OpenError> {
    let failed = |error: DbErr| OpenError::from_database(path, error);
    // A pool of one, because that is what migrations run on.
    let pool: SqlitePool =
        pool(1).connect_with(options).await.map_err(|error| OpenError::from_driver(path, error))?;
    let database = DatabaseConnection::from(pool.clone());
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let applied = applied(&database, path).await?;
    if let Some(step) = applied.iter().find(|step| !known.contains(step)) {
        return Err(OpenError::TooNew { path: path.to_owned(), step: step.clone() });
    }
    if let Some(step) = known.iter().find(|step| !applied.contains(step)) {
        if !applied.is_empty() {
            let copy = keep_copy(&database, path, step).await?;
            tracing::info!(copy = %copy.display(), "the database is changed to a new schema; this is a copy of it as it was");
        }
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = database.begin_with_options(immediate).await.map_err(failed)?;
        Migrator::up(&transaction, None).await.map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
    }
    let mut connection = pool.acquire().await.map_err(|error| OpenError::from_driver(path, error))?.detach();
    settings::assert(&mut connection, path, in_memory).await?;
    Ok(Writer::new(connection))
}

/// The steps that were applied, in order; refuses the database of another program.
async fn applied(database: &DatabaseConnection, path: &Path) -> Result<Vec<String>, OpenError> {
    let failed = |error: DbErr| OpenError::from_database(path, error);
    let names = |sql: &str| Statement::from_string(DbBackend::Sqlite, sql.to_owned());
    let tables = database
        .query_all_raw(names("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"))
        .await
        .map_err(failed)?;
    let tables: Vec<String> =
        tables.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(failed)?;
    let Some(foreign) = tables.first() else { return Ok(Vec::new()) };
    if tables.iter().any(|table| table == COPYING) {
        return Err(OpenError::Unfinished { path: path.to_owned() });
    }
    if !tables.iter().any(|table| table == "seaql_migrations") {
        return Err(OpenError::Foreign { path: path.to_owned(), table: foreign.clone() });
    }
    let steps = database
        .query_all_raw(names("SELECT version FROM seaql_migrations ORDER BY version"))
        .await
        .map_err(failed)?;
    steps.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>().map_err(failed)
}
