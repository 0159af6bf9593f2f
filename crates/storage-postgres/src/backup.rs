//! Copies of a database that nodes may be writing to, by `pg_dump`, and how they come back.

use std::io::Write;
use std::path::Path;

use parlor_storage::backup::{Census, Reseal, begin_anew, unknown_step};
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::{ConnectOptions, Connection};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, Statement,
    TransactionTrait,
};
use thiserror::Error;

use crate::tool::Tool;
use crate::{OpenError, place, trigrams};

/// Why a copy could not be made, read or brought back. Each message is one line and says what to do.
#[derive(Debug, Error)]
pub enum BackupError {
    /// One of PostgreSQL's programs is not there.
    #[error(
        "{tool} is not installed: install PostgreSQL's client programs, of the server's version or later"
    )]
    NoTool {
        /// The program.
        tool: &'static str,
    },
    /// One of PostgreSQL's programs is too old.
    #[error(
        "{tool} is too old ({found}) for a server of version {server}: install PostgreSQL's client programs, version {server} or later"
    )]
    OldTool {
        /// The program.
        tool: &'static str,
        /// What it says of itself.
        found: String,
        /// The server's major version.
        server: u32,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{tool} failed: {said}")]
    Tool {
        /// The program.
        tool: &'static str,
        /// What it said.
        said: String,
    },
    /// The copy is of another schema than the one that the address leads to.
    #[error(
        "the backup holds the schema {backup}, and database.url leads to {found}: make the schema {backup} there, or add options=-c%20search_path%3D{backup}"
    )]
    Schema {
        /// The schema in the copy.
        backup: String,
        /// The schema in the database.
        found: String,
    },
    /// The database has something in it.
    #[error(
        "the database {place} is not empty: choose an empty one, or keep what is there aside with --replace"
    )]
    NotEmpty {
        /// The database.
        place: String,
    },
    /// The copy was made by a newer version.
    #[error(
        "the backup was made by a newer version (it knows the step {step}): restore it with that version"
    )]
    TooNew {
        /// The first step that this program does not know.
        step: String,
    },
    /// The database cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// A copy that was made.
#[derive(Debug)]
pub struct Dump {
    /// What is in it.
    pub census: Census,
    /// The schema that its tables are in.
    pub schema: String,
    /// The server's version, such as 150014.
    pub server: u32,
}

/// What became of a copy that was brought back.
#[derive(Debug)]
pub struct Restored {
    /// What is in the database now.
    pub census: Census,
    /// The schema that what was there before is kept in.
    pub aside: Option<String>,
}

/// Copies the database's schema into a new file, in `pg_dump`'s custom form: the state at one
/// moment, which is also the one that is counted.
pub async fn dump(url: &str, into: &Path) -> Result<Dump, BackupError> {
    let (database, place) = connect(url).await?;
    let failed = |error: DbErr| OpenError::from_database(&place, error);
    let isolation = (Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly));
    let moment = database.begin_with_config(isolation.0, isolation.1).await.map_err(failed)?;
    let server = version(&moment, &place).await?;
    Tool::is_new_enough("pg_dump", server / 10_000).await?;
    let schema = schema(&moment, &place).await?;
    let snapshot = text(&moment, &place, "SELECT pg_export_snapshot()").await?.unwrap_or_default();
    let census = Census::take(&moment).await.map_err(failed)?;
    Tool::new("pg_dump")
        .at(url)
        .arg("--format=custom")
        .arg("--no-owner")
        .arg("--no-privileges")
        .arg("--no-password")
        .arg(format!("--schema={}", quoted(&schema)))
        .arg(format!("--snapshot={snapshot}"))
        .arg("--file")
        .arg(into)
        .run()
        .await?;
    moment.rollback().await.map_err(failed)?;
    database.close().await.map_err(failed)?;
    Ok(Dump { census, schema, server })
}

/// Reads a copy's table of contents; how many things are in it.
pub async fn list(dump: &Path) -> Result<usize, BackupError> {
    let contents = Tool::new("pg_restore").arg("--list").arg(dump).run().await?;
    Ok(contents.lines().filter(|line| !line.starts_with(';')).count())
}

/// Brings a copy of `steps` back into the database, as one of its own: see [`begin_anew`]. What is
/// there already is refused, or with `aside` renamed to that schema. On an error everything is as
/// it was.
pub async fn restore(
    url: &str,
    dump: &Path,
    (backup, steps): (&str, &[String]),
    aside: Option<&str>,
    reseal: Reseal<'_>,
) -> Result<Restored, BackupError> {
    if let Some(step) = unknown_step(steps) {
        return Err(BackupError::TooNew { step: step.clone() });
    }
    let (database, place) = connect(url).await?;
    let failed = |error: DbErr| OpenError::from_database(&place, error);
    let found = schema(&database, &place).await?;
    if found != backup {
        return Err(BackupError::Schema { backup: backup.to_owned(), found });
    }
    let tables = "SELECT min(tablename::text) FROM pg_tables WHERE schemaname = current_schema()";
    let occupied = text(&database, &place, tables).await?.is_some();
    let aside = match aside {
        Some(aside) if occupied => Some(aside.to_owned()),
        None if occupied => return Err(BackupError::NotEmpty { place: place.clone() }),
        _ => None,
    };
    let name = quoted(&found);
    if let Some(aside) = &aside {
        let sql =
            format!("BEGIN; ALTER SCHEMA {name} RENAME TO {}; CREATE SCHEMA {name}; COMMIT", quoted(aside));
        database.execute_unprepared(&sql).await.map_err(failed)?;
        trigrams::bring(&database, aside, &found).await.map_err(failed)?;
    }
    let census = match fill(&database, url, dump, &found, reseal).await {
        Ok(census) => census,
        Err(error) => {
            let emptied = match &aside {
                Some(aside) => format!("ALTER SCHEMA {} RENAME TO {name}", quoted(aside)),
                None => format!("CREATE SCHEMA {name}"),
            };
            if let Some(aside) = &aside {
                trigrams::bring(&database, &found, aside).await.map_err(failed)?;
            }
            if aside.is_some() || text(&database, &place, tables).await?.is_some() {
                let undo = format!("BEGIN; DROP SCHEMA {name} CASCADE; {emptied}; COMMIT");
                database.execute_unprepared(&undo).await.map_err(failed)?;
            }
            return Err(error);
        }
    };
    database.close().await.map_err(failed)?;
    Ok(Restored { census, aside })
}

/// Fills the empty schema. The list of steps comes last: whatever happens before, no server takes
/// what is there for its database.
async fn fill(
    database: &DatabaseConnection,
    url: &str,
    dump: &Path,
    schema: &str,
    reseal: Reseal<'_>,
) -> Result<Census, BackupError> {
    let failed = |error: DbErr| OpenError::from_database(schema, error);
    let transaction = database.begin_with_config(None, None).await.map_err(failed)?;
    trigrams::ensure(&transaction, schema).await?;
    transaction.commit().await.map_err(failed)?;
    let contents = Tool::new("pg_restore").arg("--list").arg(dump).run().await?;
    let (steps, rest): (Vec<&str>, Vec<&str>) =
        contents.lines().partition(|line| line.contains(" seaql_migrations "));
    load(url, dump, schema, &rest).await?;
    let transaction = database.begin_with_config(None, None).await.map_err(failed)?;
    begin_anew(&transaction, reseal).await.map_err(failed)?;
    transaction.commit().await.map_err(failed)?;
    load(url, dump, schema, &steps).await?;
    Ok(Census::take(database).await.map_err(failed)?)
}

/// Loads these lines of a copy's table of contents, all or none.
async fn load(url: &str, dump: &Path, schema: &str, lines: &[&str]) -> Result<(), BackupError> {
    let unusable = |error: std::io::Error| BackupError::Tool { tool: "pg_restore", said: error.to_string() };
    let mut list = dump.as_os_str().to_owned();
    list.push(".list");
    let mut file = std::fs::File::create(&list).map_err(unusable)?;
    file.write_all(lines.join("\n").as_bytes()).map_err(unusable)?;
    let loaded = Tool::new("pg_restore")
        .at(url)
        .arg("--single-transaction")
        .arg("--exit-on-error")
        .arg("--no-owner")
        .arg("--no-privileges")
        .arg("--no-password")
        .arg(format!("--schema={schema}"))
        .arg("--use-list")
        .arg(&list)
        .arg(dump)
        .run()
        .await;
    std::fs::remove_file(&list).map_err(unusable)?;
    loaded.map(drop)
}

/// One connection, without the bounds of a server's: copying takes as long as it takes.
pub(crate) async fn connect(url: &str) -> Result<(DatabaseConnection, String), OpenError> {
    connect_with(url, &[]).await
}

/// The same with further settings of the session.
pub(crate) async fn connect_with(
    url: &str,
    settings: &[(&str, &str)],
) -> Result<(DatabaseConnection, String), OpenError> {
    let (address, place) = place::read(url)?;
    let address = address.options(settings.iter().copied());
    let address = address.options([("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0")]);
    // By itself, because a pool would try again for half a minute and not say why.
    let first = address.connect().await.map_err(|error| OpenError::from_driver(&place, error))?;
    first.close().await.map_err(|error| OpenError::from_driver(&place, error))?;
    let pool = PgPoolOptions::new().max_connections(1).idle_timeout(None).connect_with(address).await;
    let pool = pool.map_err(|error| OpenError::from_driver(&place, error))?;
    Ok((pool.into(), place))
}

/// The schema that the address leads to.
async fn schema(connection: &impl ConnectionTrait, place: &str) -> Result<String, BackupError> {
    let found = text(connection, place, "SELECT current_schema()::text").await?;
    found.ok_or_else(|| {
        let reason = "its search_path names no schema that exists; make it".to_owned();
        OpenError::Unreachable { place: place.to_owned(), reason }.into()
    })
}

async fn version(connection: &impl ConnectionTrait, place: &str) -> Result<u32, BackupError> {
    let number = text(connection, place, "SELECT current_setting('server_version_num')").await?;
    Ok(number.and_then(|number| number.parse().ok()).unwrap_or(u32::MAX))
}

async fn text(
    connection: &impl ConnectionTrait,
    place: &str,
    sql: &str,
) -> Result<Option<String>, OpenError> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql.to_owned())).await;
    let text = row.and_then(|row| row.map_or(Ok(None), |row| row.try_get_by_index(0)));
    text.map_err(|error| OpenError::from_database(place, error))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
