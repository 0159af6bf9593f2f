//! The extension that searching needs.

use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use crate::OpenError;
use crate::dialect::driver_error;

/// Where it is put when it is nowhere: in a schema of its own, so that it stays when the tables' one
/// is renamed or dropped.
const SCHEMA: &str = "parlor_extensions";

/// Waits until nobody else in this database is making it; `IF NOT EXISTS` does not.
const ALONE: &str = "SELECT pg_advisory_xact_lock(hashtext('parlor'), hashtext('pg_trgm'))";

/// Makes sure that there is `pg_trgm`. Call it inside a transaction.
pub(crate) async fn ensure(connection: &impl ConnectionTrait, place: &str) -> Result<(), OpenError> {
    make(connection).await.map_err(|error| match driver_error(&error) {
        Some(sqlx::Error::Database(answer)) => {
            OpenError::NoTrigrams { place: place.to_owned(), reason: answer.message().replace('\n', " ") }
        }
        _ => OpenError::from_database(place, error),
    })
}

/// Brings the extension to this schema if it is in that one, as happens when that one was renamed.
pub(crate) async fn bring(connection: &impl ConnectionTrait, from: &str, to: &str) -> Result<(), DbErr> {
    if schema(connection).await?.as_deref() == Some(from) {
        let sql = format!("ALTER EXTENSION pg_trgm SET SCHEMA \"{}\"", to.replace('"', "\"\""));
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn make(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    if schema(connection).await?.is_some() {
        return Ok(());
    }
    connection.execute_unprepared(ALONE).await?;
    if schema(connection).await?.is_some() {
        return Ok(());
    }
    let sql = format!(
        "CREATE SCHEMA IF NOT EXISTS {SCHEMA}; CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA {SCHEMA}"
    );
    connection.execute_unprepared(&sql).await.map(drop)
}

/// Where it is.
async fn schema(connection: &impl ConnectionTrait) -> Result<Option<String>, DbErr> {
    let sql = "SELECT nspname::text FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
        WHERE extname = 'pg_trgm'";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    row.map_or(Ok(None), |row| row.try_get_by_index(0))
}
