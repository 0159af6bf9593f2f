use parlor_domain::UniqueKey;
use parlor_storage::{Dialect, Kind, Trouble};
use sea_orm::sqlx;
use sea_orm::{DbBackend, DbErr, RuntimeErr};

/// SQLite's SQL.
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    const BACKEND: DbBackend = DbBackend::Sqlite;
    const GREATEST: &'static str = "max";
    const LEAST: &'static str = "min";
    const NOW: &'static str = "CAST(unixepoch('subsec') * 1000 AS integer)";
    const SIZE: &'static str = "(SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size())";
    const LOCK: Option<&'static str> = None;

    fn each(number: usize) -> String {
        format!("json_each(${number}) AS j")
    }

    fn id(digits: &str) -> String {
        format!("unhex({digits})")
    }

    fn digits(id: &str) -> String {
        // `hex` makes an empty text of null.
        format!("nullif(hex({id}), '')")
    }

    fn array(expressions: &[&str]) -> String {
        // Joined with nothing, or an array around it would take it for a part of itself and not for
        // a text; a cast is not enough.
        format!("(json_array({}) || '')", expressions.join(", "))
    }

    fn gather(expressions: &[&str], order: &str) -> String {
        format!("json_group_array(json_array({}) ORDER BY {order})", expressions.join(", "))
    }

    fn plain(kind: Kind, column: &str) -> String {
        match kind {
            // `hex` makes an empty text of null.
            Kind::Id | Kind::Bytes => format!("iif({column} IS NULL, NULL, lower(hex({column})))"),
            Kind::Text | Kind::Truth | Kind::Number => column.to_owned(),
        }
    }

    fn column(kind: Kind, value: &str) -> String {
        match kind {
            Kind::Id | Kind::Bytes => format!("unhex({value})"),
            Kind::Text | Kind::Truth | Kind::Number => value.to_owned(),
        }
    }

    fn trouble(error: &DbErr) -> Trouble {
        let Some(driver) = driver_error(error) else {
            return if matches!(error, DbErr::ConnectionAcquire(_)) {
                Trouble::Unavailable
            } else {
                Trouble::Other
            };
        };
        match driver {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => {
                Trouble::Unavailable
            }
            other => match code(other) {
                Some(FULL | IOERR_SHMSIZE) => Trouble::Full,
                Some(UNIQUE | PRIMARY_KEY) => Trouble::Conflict(key(&other.to_string())),
                Some(code) if matches!(primary(code), BUSY | LOCKED | CANTOPEN) => Trouble::Unavailable,
                _ => Trouble::Other,
            },
        }
    }
}

/// Whether the error says that a constraint was violated, and nothing worse.
pub(crate) fn is_constraint(error: &DbErr) -> bool {
    driver_error(error).and_then(code).map(primary) == Some(CONSTRAINT)
}

/// The driver's error inside of sea-orm's.
pub(crate) fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(&**error),
        _ => None,
    }
}

// From <https://www.sqlite.org/rescode.html>.
const BUSY: i32 = 5;
const LOCKED: i32 = 6;
pub(crate) const READONLY: i32 = 8;
pub(crate) const CORRUPT: i32 = 11;
const FULL: i32 = 13;
pub(crate) const CANTOPEN: i32 = 14;
const CONSTRAINT: i32 = 19;
pub(crate) const NOTADB: i32 = 26;
const PRIMARY_KEY: i32 = 1555;
const UNIQUE: i32 = 2067;
/// The index of the write-ahead log cannot grow, which is how a full disk can show first.
const IOERR_SHMSIZE: i32 = 4874;

/// The primary code that an extended code belongs to: its last eight bits.
pub(crate) const fn primary(code: i32) -> i32 {
    code & 0xff
}

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
