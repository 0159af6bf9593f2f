use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr};
use thiserror::Error;

use crate::dialect::driver_error;

/// Why a database could not be opened. Each message is one line and says what to do. `place` is
/// the database's name and machine; a password is in none of them.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The address cannot be read.
    #[error("database.url is not an address like postgres://user:password@host/database: {reason}")]
    Address {
        /// What is wrong with it.
        reason: String,
    },
    /// Everybody who reaches the database could use it.
    #[error(
        "database.url has no password, and {place} is on another machine: give the database's user a password and put it into the address or into PGPASSWORD"
    )]
    NoPassword {
        /// The database.
        place: String,
    },
    /// Nobody answers there.
    #[error("the database {place} cannot be reached ({reason}): start it, or correct database.url")]
    Unreachable {
        /// The database.
        place: String,
        /// What the system says.
        reason: String,
    },
    /// It does not let this user in.
    #[error(
        "the database {place} refuses: {reason}; correct database.url, or make the user and the database"
    )]
    Refused {
        /// The database.
        place: String,
        /// What it says.
        reason: String,
    },
    /// This user may not make tables.
    #[error("the database {place} does not let this user make tables ({reason}): make the user its owner")]
    NotAllowed {
        /// The database.
        place: String,
        /// What it says.
        reason: String,
    },
    /// There is no `pg_trgm`, and it cannot be made.
    #[error(
        "the database {place} has no extension for searching ({reason}): install PostgreSQL's contrib package and let its administrator run `CREATE EXTENSION pg_trgm` in this database"
    )]
    NoTrigrams {
        /// The database.
        place: String,
        /// What it says.
        reason: String,
    },
    /// It is too old.
    #[error("the database {place} runs PostgreSQL {found}: upgrade it to {needed} or later")]
    OldServer {
        /// The database.
        place: String,
        /// What was found.
        found: String,
        /// The first major version that will do.
        needed: u32,
    },
    /// It keeps text in another encoding.
    #[error(
        "the database {place} keeps text as {found}: make one with `createdb --encoding=UTF8 --template=template0`"
    )]
    Encoding {
        /// The database.
        place: String,
        /// What was found.
        found: String,
    },
    /// It does not take a setting that durability depends on.
    #[error(
        "the database {place} does not take the setting {setting} (it stays {found}): connect to PostgreSQL itself, or correct what stands between"
    )]
    Setting {
        /// The database.
        place: String,
        /// The setting, as it must be.
        setting: String,
        /// What it is.
        found: String,
    },
    /// A later version of the program has changed the database.
    #[error(
        "the database {place} was made by a newer version (it knows the step {step}): start that version, or restore a backup"
    )]
    TooNew {
        /// The database.
        place: String,
        /// The first step that this program does not know.
        step: String,
    },
    /// It is another program's database.
    #[error(
        "the database {place} belongs to another program (it has the table {table}): make one for Parlor alone"
    )]
    Foreign {
        /// The database.
        place: String,
        /// A table that is not ours.
        table: String,
    },
    /// Not everything has been copied into it yet.
    #[error(
        "the database {place} is a copy that is not whole: run the same `parlor store copy` again, which goes on with it"
    )]
    Unfinished {
        /// The database.
        place: String,
    },
    /// Anything else.
    #[error("the database {place} cannot be opened: {source}")]
    Failed {
        /// The database.
        place: String,
        /// What went wrong.
        source: DbErr,
    },
}

impl OpenError {
    /// What an error of the database means for whoever opens it.
    pub(crate) fn from_database(place: &str, error: DbErr) -> Self {
        let place = place.to_owned();
        let reason = driver_error(&error).map(reason);
        match (driver_error(&error), reason) {
            (Some(sqlx::Error::Database(answer)), Some(reason)) => match answer.code().as_deref() {
                // Class 28: who are you. 3D000: no such database.
                Some(code) if code.starts_with("28") || code == "3D000" => Self::Refused { place, reason },
                Some(code) if code.starts_with("57P") || code.starts_with("53") => {
                    Self::Unreachable { place, reason }
                }
                Some("42501") => Self::NotAllowed { place, reason },
                _ => Self::Failed { place, source: error },
            },
            (Some(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut), Some(reason)) => {
                Self::Unreachable { place, reason }
            }
            (None, _) if matches!(error, DbErr::ConnectionAcquire(_)) => {
                Self::Unreachable { place, reason: error.to_string() }
            }
            _ => Self::Failed { place, source: error },
        }
    }

    /// As [`OpenError::from_database`], for errors of the driver.
    pub(crate) fn from_driver(place: &str, error: sqlx::Error) -> Self {
        Self::from_database(place, DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }
}

/// What the driver says, in one line.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(answer) => answer.message().replace('\n', " "),
        sqlx::Error::Io(cause) => cause.to_string(),
        other => other.to_string().replace('\n', " "),
    }
}
