//! Opening a database: one look at it, then the pool, then the schema.

use std::time::Duration;

use parlor_storage::Migrator;
use parlor_storage::moving::COPYING;
use sea_orm::sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions, Connection};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, Statement, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

use crate::{OpenError, PostgresOptions, place, settings, trigrams};

/// A connection that was idle for longer is tried before it is used: a server that was started
/// again has closed it. One in use all the time shows that by itself.
const IDLE: Duration = Duration::from_secs(1);

/// Before the schema is looked at: one node at a time, for as long as it takes.
const ALONE: &str = "SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; \
    SELECT pg_advisory_xact_lock(hashtext('parlor'), hashtext(current_schema()))";

/// Connects, and brings the database to the present schema.
pub(crate) async fn pool(url: &str, options: &PostgresOptions) -> Result<PgPool, OpenError> {
    let (address, place) = place::read(url)?;
    // By itself, because a pool would try again and again and not say why.
    let mut first = address.connect().await.map_err(|error| OpenError::from_driver(&place, error))?;
    settings::apply(&mut first, &place).await?;
    first.close().await.map_err(|error| OpenError::from_driver(&place, error))?;

    let pool = settled(options, &place).connect_lazy_with(address);
    migrate(&pool.clone().into(), &place).await?;
    Ok(pool)
}

fn settled(options: &PostgresOptions, place: &str) -> PgPoolOptions {
    let place = place.to_owned();
    PgPoolOptions::new()
        .max_connections(options.connections.max(2))
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for >= IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(move |connection: &mut PgConnection, _| {
            let place = place.clone();
            Box::pin(async move {
                let set = settings::apply(connection, &place).await;
                set.map_err(|error| sqlx::Error::Configuration(error.into()))
            })
        })
}

/// Brings the database to the present schema, in one transaction. Of nodes that start at the same
/// time the first one does it, and the others find it done.
async fn migrate(database: &DatabaseConnection, place: &str) -> Result<(), OpenError> {
    let failed = |error: DbErr| OpenError::from_database(place, error);
    let transaction = database.begin_with_config(None, None).await.map_err(failed)?;
    transaction.execute_unprepared(ALONE).await.map_err(failed)?;
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let applied = applied(&transaction, place).await?;
    if let Some(step) = applied.iter().find(|step| !known.contains(step)) {
        return Err(OpenError::TooNew { place: place.to_owned(), step: step.clone() });
    }
    if known.iter().any(|step| !applied.contains(step)) {
        trigrams::ensure(&transaction, place).await?;
        Migrator::up(&transaction, None).await.map_err(failed)?;
    }
    transaction.commit().await.map_err(failed)
}

/// The steps that were applied, in order; refuses the database of another program.
async fn applied(transaction: &DatabaseTransaction, place: &str) -> Result<Vec<String>, OpenError> {
    let tables = texts(
        transaction,
        place,
        "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
    )
    .await?;
    let Some(foreign) = tables.first() else { return Ok(Vec::new()) };
    if tables.iter().any(|table| table == COPYING) {
        return Err(OpenError::Unfinished { place: place.to_owned() });
    }
    if !tables.iter().any(|table| table == "seaql_migrations") {
        return Err(OpenError::Foreign { place: place.to_owned(), table: foreign.clone() });
    }
    texts(transaction, place, "SELECT version FROM seaql_migrations ORDER BY version").await
}

async fn texts(transaction: &DatabaseTransaction, place: &str, sql: &str) -> Result<Vec<String>, OpenError> {
    let statement = Statement::from_string(DbBackend::Postgres, sql.to_owned());
    let rows = transaction.query_all_raw(statement).await;
    let texts = rows.and_then(|rows| rows.iter().map(|row| row.try_get_by_index(0)).collect());
    texts.map_err(|error| OpenError::from_database(place, error))
}
