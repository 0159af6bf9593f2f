//! Copies of a database that somebody may be writing to, and what becomes of them.

use std::path::Path;

use parlor_storage::backup::{Census, Reseal, begin_anew, unknown_step};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::copy::make_private;
use crate::{OpenError, settings};

/// Copies a database into a new file that only its owner may read: the state at one moment, whole.
///
/// It reads, as any reader does, so that a server that runs on the database, in this process or
/// another one, goes on writing. Its log of writes grows until the copy is done.
pub async fn snapshot(path: &Path, into: &Path) -> Result<Census, OpenError> {
    let database = connect(path, settings::plain(path)).await?;
    let failed = |error: DbErr| OpenError::from_database(path, error);
    make_private(into)
        .map_err(|error| OpenError::Unreachable { path: into.to_owned(), reason: error.to_string() })?;
    let text = into.to_string_lossy().into_owned();
    let sql = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO $1", [text.into()]);
    let copied = database.execute_raw(sql).await.map_err(failed);
    database.close().await.map_err(failed)?;
    copied?;
    let copy = connect(into, settings::plain(into)).await?;
    let census = Census::take(&copy).await.map_err(|error| OpenError::from_database(into, error));
    copy.close().await.map_err(failed)?;
    census
}

/// Looks at every page and every row of a database that nobody uses, and counts what is in it.
pub async fn examine(path: &Path) -> Result<Census, OpenError> {
    let database = connect(path, settings::plain(path)).await?;
    let failed = |error: DbErr| OpenError::from_database(path, error);
    for (check, good) in [("PRAGMA integrity_check", Some("ok")), ("PRAGMA foreign_key_check", None)] {
        let statement = Statement::from_string(DbBackend::Sqlite, check);
        let row = database.query_one_raw(statement).await.map_err(failed)?;
        let found: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose().map_err(failed)?;
        if found.as_deref() != good {
            return Err(OpenError::Corrupt { path: path.to_owned() });
        }
    }
    let census = Census::take(&database).await.map_err(failed);
    database.close().await.map_err(failed)?;
    census
}

/// Makes the copy of a database one of its own, before it is used: see [`begin_anew`]. A copy of
/// a newer version is refused.
pub async fn adopt(path: &Path, reseal: Reseal<'_>) -> Result<Census, OpenError> {
    let database = connect(path, settings::writing(path)).await?;
    let failed = |error: DbErr| OpenError::from_database(path, error);
    let immediate = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let transaction = database.begin_with_options(immediate).await.map_err(failed)?;
    let before = Census::take(&transaction).await.map_err(failed)?;
    if let Some(step) = unknown_step(&before.steps) {
        return Err(OpenError::TooNew { path: path.to_owned(), step: step.clone() });
    }
    begin_anew(&transaction, reseal).await.map_err(failed)?;
    let after = Census::take(&transaction).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    // Brings everything into the one file.
    database.close().await.map_err(failed)?;
    Ok(after)
}

/// One connection to a database that exists.
pub(crate) async fn connect(
    path: &Path,
    options: SqliteConnectOptions,
) -> Result<DatabaseConnection, OpenError> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    pool.map(DatabaseConnection::from).map_err(|error| OpenError::from_driver(path, error))
}
