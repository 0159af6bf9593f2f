use parlor_domain::UniqueKey;
use parlor_storage::{Dialect, Trouble};
use sea_orm::sqlx;
use sea_orm::{DbBackend, DbErr, RuntimeErr};

/// SQLite's SQL.
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    const BACKEND: DbBackend = DbBackend::Sqlite;
    const GREATEST: &'static str = "max";
    const LEAST: &'static str = "min";

    fn each(number: usize) -> String {
        format!("json_each(${number}) AS j")
    }

    fn id(digits: &str) -> String {
        format!("unhex({digits})")
    }

    fn trouble(error: &DbErr) -> Trouble {
        let (DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error))) = error
        else {
            return if matches!(error, DbErr::ConnectionAcquire(_)) {
                Trouble::Unavailable
            } else {
                Trouble::Other
            };
        };
        match &**error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Trouble::Unavailable
            }
            other => match code(other) {
                Some(FULL | IOERR_SHMSIZE) => Trouble::Full,
                Some(UNIQUE | PRIMARY_KEY) => Trouble::Conflict(key(&other.to_string())),
                Some(code) if matches!(code & 0xff, BUSY | LOCKED | CANTOPEN) => Trouble::Unavailable,
                _ => Trouble::Other,
            },
        }
    }
}

// From <https://www.sqlite.org/rescode.html>; the last eight bits are the primary code.
pub(crate) const BUSY: i32 = 5;
const LOCKED: i32 = 6;
pub(crate) const READONLY: i32 = 8;
pub(crate) const CORRUPT: i32 = 11;
const FULL: i32 = 13;
pub(crate) const CANTOPEN: i32 = 14;
pub(crate) const NOTADB: i32 = 26;
const PRIMARY_KEY: i32 = 1555;
const UNIQUE: i32 = 2067;
/// The index of the write-ahead log cannot grow, which is how a full disk can show first.
const IOERR_SHMSIZE: i32 = 4874;

/// SQLite's extended code of an error.
pub(crate) fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// SQLite names the columns: `UNIQUE constraint failed: user.username`.
fn key(message: &str) -> UniqueKey {
    let columns = message.rsplit_once(": ").map_or("", |(_, columns)| columns);
    match columns {
        "user.username" => UniqueKey::Username,
        "user.email" => UniqueKey::Email,
        "entry.client_id, entry.actor_id" => UniqueKey::ClientId,
        "conversation.direct_low, conversation.direct_high" => UniqueKey::DirectKey,
        _ => UniqueKey::Other,
    }
}
