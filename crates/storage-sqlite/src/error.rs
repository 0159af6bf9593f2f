use std::path::{Path, PathBuf};

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr};
use thiserror::Error;

use crate::dialect::{CANTOPEN, CORRUPT, NOTADB, READONLY, code, driver_error, primary};

/// Why a database could not be opened. Each message is one line and says what to do.
#[derive(Debug, Error)]
pub enum OpenError {
    /// A later version of the program has changed the database.
    #[error(
        "the database {path} was made by a newer version (it knows the step {step}): start that version, or restore a backup"
    )]
    TooNew {
        /// The database.
        path: PathBuf,
        /// The first step that this program does not know.
        step: String,
    },
    /// The file or its folder cannot be written.
    #[error(
        "the database {path} is read-only: give the program's user the right to write the file and its folder"
    )]
    ReadOnly {
        /// The database.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error(
        "the database {path} is damaged: restore a backup, or save what can be saved with `sqlite3 {path} .recover`"
    )]
    Corrupt {
        /// The database.
        path: PathBuf,
    },
    /// The file is something else.
    #[error("{path} is not a database: move it away, or set another path")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is another program's database.
    #[error("the database {path} belongs to another program (it has the table {table}): set another path")]
    Foreign {
        /// The database.
        path: PathBuf,
        /// A table that is not ours.
        table: String,
    },
    /// The file cannot be made or opened.
    #[error(
        "the database {path} cannot be opened ({reason}): check that its folder exists and may be written"
    )]
    Unreachable {
        /// The database.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The program was built with an SQLite that can damage a database.
    #[error("SQLite {found} can damage databases: build the program with {needed} or later")]
    OldSqlite {
        /// What was found.
        found: String,
        /// The first version without that fault.
        needed: &'static str,
    },
    /// The database does not take a setting that durability depends on.
    #[error(
        "the database {path} does not take the setting {setting} (it stays {found}): move it to a local file system"
    )]
    Setting {
        /// The database.
        path: PathBuf,
        /// The setting, as it must be.
        setting: String,
        /// What it is.
        found: String,
    },
    /// Not everything has been copied into it yet.
    #[error(
        "the database {path} is a copy that is not whole: run the same `parlor store copy` again, which goes on with it"
    )]
    Unfinished {
        /// The database.
        path: PathBuf,
    },
    /// Anything else.
    #[error("the database {path} cannot be opened: {source}")]
    Failed {
        /// The database.
        path: PathBuf,
        /// What went wrong.
        source: DbErr,
    },
}

impl OpenError {
    /// What an error of the database means for whoever opens it.
    pub(crate) fn from_database(path: &Path, error: DbErr) -> Self {
        let path = path.to_owned();
        match driver_error(&error).and_then(code).map(primary) {
            Some(READONLY) => Self::ReadOnly { path },
            Some(CORRUPT) => Self::Corrupt { path },
            Some(NOTADB) => Self::NotADatabase { path },
            Some(CANTOPEN) => Self::Unreachable { path, reason: error.to_string() },
            _ => Self::Failed { path, source: error },
        }
    }

    /// As [`OpenError::from_database`], for errors of the driver.
    pub(crate) fn from_driver(path: &Path, error: sqlx::Error) -> Self {
        Self::from_database(path, DbErr::Conn(RuntimeErr::SqlxError(error.into())))
    }
}
