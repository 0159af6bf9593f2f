//! What a backup says of itself.

use parlor_storage::backup::Census;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::files::Totals;

/// The form of backups that this program writes.
pub const FORMAT: u32 = 2;

/// The oldest form that it reads. One of form 1 was made before people could share files.
pub const OLDEST: u32 = 1;

/// The first file of a backup: `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// When, in UTC, such as `20261121T033000Z`.
    pub made_at: String,
    /// Which database it is.
    pub database: Kind,
    /// The database's id at that moment. A restored database has another one.
    pub epoch: Uuid,
    /// The steps of the schema, in order.
    pub steps: Vec<String>,
    /// What is in it.
    pub counts: Counts,
    /// The file with the database.
    pub file: FileFacts,
    /// The files that people share.
    #[serde(default)]
    pub files: Totals,
}

/// Which database a backup is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A database file.
    Sqlite,
    /// A dump in `pg_dump`'s custom form.
    Postgres {
        /// The schema that its tables are in.
        schema: String,
        /// The server's version, such as 150014.
        server: u32,
    },
}

/// How much is in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Accounts, deleted ones too.
    pub users: u64,
    /// Conversations.
    pub conversations: u64,
    /// Entries of logs.
    pub entries: u64,
}

/// How the file with the database must be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFacts {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
}

impl Kind {
    /// What the file with the database is called inside a backup.
    pub fn file_name(&self) -> &'static str {
        match self {
            Self::Sqlite => "database.sqlite3",
            Self::Postgres { .. } => "database.pgdump",
        }
    }

    /// For people.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres { .. } => "PostgreSQL",
        }
    }
}

impl Manifest {
    /// What is in it, in one line.
    pub fn summary(&self) -> String {
        let Self { program, made_at, database, epoch, steps, counts, files, .. } = self;
        let step = steps.last().map_or("none", String::as_str);
        let Counts { users, conversations, entries } = counts;
        format!(
            "{}, made {made_at} by parlor {program}, schema {step}, epoch {epoch}: \
             {users} users, {conversations} conversations, {entries} entries, {} files with {} bytes",
            database.name(),
            files.count,
            files.bytes
        )
    }
}

impl From<&Census> for Counts {
    fn from(census: &Census) -> Self {
        Self { users: census.users, conversations: census.conversations, entries: census.entries }
    }
}
