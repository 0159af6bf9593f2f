//! What every connection is set to, and what is refused when it is not.

use std::path::Path;
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions};

use crate::OpenError;

/// The first version without a fault that could damage a database in WAL mode
/// (<https://www.sqlite.org/wal.html#walresetbug>).
const NEEDED: (&str, [u32; 3]) = ("3.51.3", [3, 51, 3]);

/// The settings that durability and privacy depend on: how they are set, and what they read as.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("secure_delete", "ON", "1"),
    ("wal_autocheckpoint", "1000", "1000"),
    ("journal_size_limit", "67108864", "67108864"),
    ("temp_store", "MEMORY", "2"),
];

const BUSY_TIMEOUT: (Duration, &str) = (Duration::from_secs(5), "5000");

/// How many prepared statements a connection keeps: more than the program has.
const STATEMENTS: usize = 512;

/// How many rows travel from the driver's thread at once: a page of entries and more, because each
/// wait in the middle costs two changes of threads.
const ROWS: usize = 512;

/// How much of the database the writer keeps in memory, in KiB: with less, a busy server reads the
/// pages of the indexes of messages again and again.
const WRITER_CACHE: &str = "-16384";

/// A connection that writes.
pub(crate) fn writing(path: &Path) -> SqliteConnectOptions {
    with_settings(path).pragma("cache_size", WRITER_CACHE)
}

/// A connection that only reads.
pub(crate) fn reading(path: &Path) -> SqliteConnectOptions {
    with_settings(path).pragma("query_only", "ON")
}

/// A connection that changes nothing about the database, not even how it keeps its journal.
pub(crate) fn plain(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).busy_timeout(BUSY_TIMEOUT.0).disable_statement_logging()
}

fn with_settings(path: &Path) -> SqliteConnectOptions {
    let plain =
        SqliteConnectOptions::new().filename(path).statement_cache_capacity(STATEMENTS).row_buffer_size(ROWS);
    SETTINGS
        .iter()
        .fold(plain.busy_timeout(BUSY_TIMEOUT.0), |options, (name, value, _)| options.pragma(*name, *value))
        .disable_statement_logging()
}

/// Refuses an SQLite that is too old, and a database that did not take the settings. One in memory
/// has no journal.
pub(crate) async fn assert(
    connection: &mut SqliteConnection,
    path: &Path,
    in_memory: bool,
) -> Result<(), OpenError> {
    let version = read(connection, path, "SELECT sqlite_version()").await?;
    if !is_new_enough(&version) {
        return Err(OpenError::OldSqlite { found: version, needed: NEEDED.0 });
    }
    let settings = SETTINGS.iter().map(|(name, _, expected)| (*name, *expected));
    for (name, expected) in settings.chain([("busy_timeout", BUSY_TIMEOUT.1)]) {
        if in_memory && matches!(name, "journal_mode" | "journal_size_limit" | "wal_autocheckpoint") {
            continue;
        }
        let found = read(connection, path, &format!("PRAGMA {name}")).await?;
        if found != expected {
            return Err(OpenError::Setting {
                path: path.to_owned(),
                setting: format!("{name} = {expected}"),
                found,
            });
        }
    }
    Ok(())
}

fn is_new_enough(version: &str) -> bool {
    let parts: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
    parts.as_slice() >= NEEDED.1.as_slice()
}

/// The only value of a query, as text whatever its type.
async fn read(connection: &mut SqliteConnection, path: &Path, sql: &str) -> Result<String, OpenError> {
    use sqlx::{Row, TypeInfo, ValueRef};
    let row = sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_one(connection).await;
    let value = row.and_then(|row| {
        if row.try_get_raw(0)?.type_info().name() == "TEXT" {
            row.try_get(0)
        } else {
            row.try_get(0).map(|number: i64| number.to_string())
        }
    });
    value.map_err(|error| OpenError::from_driver(path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sqlite_that_can_damage_databases_is_refused() {
        for (version, good) in [
            ("3.51.2", false),
            ("3.40.1", false),
            ("3.51.3", true),
            ("3.52.0", true),
            ("4.0.0", true),
            ("", false),
        ] {
            assert_eq!(is_new_enough(version), good, "{version}");
        }
    }
}
