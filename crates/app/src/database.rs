//! Which database it is, by its address.

use std::path::PathBuf;
use std::sync::Arc;

use parlor_domain::{EventPublisher, Store, StoreError};
use parlor_security::SigningKey;
use parlor_storage_postgres::{PostgresOptions, PostgresStore};
use parlor_storage_sqlite::{SqliteOptions, SqliteStore};

use crate::config::{Hidden, Settings};
use crate::failure::Failure;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In this file.
    Sqlite(PathBuf),
    /// At this address, which may have a password in it.
    Postgres(Hidden),
}

impl Place {
    /// What the settings name; without a name the file `parlor.db` in the data folder.
    pub fn of(settings: &Settings) -> Result<Self, Failure> {
        match &settings.database.url {
            None => Ok(Self::Sqlite(settings.data_dir.join("parlor.db"))),
            Some(url) if is_postgres(url.reveal()) => Ok(Self::Postgres(url.clone())),
            Some(url) => file(url.reveal()).map(Self::Sqlite),
        }
    }
}

impl Place {
    /// What an argument of the command line names.
    pub fn parse(url: &str, argument: &str) -> Result<Self, Failure> {
        if is_postgres(url) {
            return Ok(Self::Postgres(Hidden::new(url)));
        }
        file(url).map(Self::Sqlite).map_err(|_| {
            Failure::Advice(format!(
                "{argument} must be sqlite: and the path of a file, or postgres://user@host/database"
            ))
        })
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The open database.
pub enum Database {
    /// A file of this node's own.
    Sqlite(SqliteStore),
    /// A server that several nodes may share.
    Postgres(PostgresStore),
}

impl Database {
    /// Opens what the settings name.
    pub async fn open(settings: &Settings, publisher: Arc<dyn EventPublisher>) -> Result<Self, Failure> {
        match Place::of(settings)? {
            Place::Postgres(url) => {
                let connections = settings.database.max_connections;
                let options = PostgresOptions { connections, ..PostgresOptions::default() };
                Ok(Self::Postgres(PostgresStore::open(url.reveal(), &options, publisher).await?))
            }
            Place::Sqlite(file) => {
                Ok(Self::Sqlite(SqliteStore::open(&file, &SqliteOptions::default(), publisher).await?))
            }
        }
    }

    /// The store, for the use cases.
    pub fn shared(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => store.shared(),
            Self::Postgres(store) => store.shared(),
        }
    }

    /// Finishes what is open and closes it.
    pub async fn close(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }

    /// Refuses a key that other nodes of this database do not sign with: people would be signed
    /// out whenever they came to another node. A file of one node's own needs no such care.
    pub async fn agree_on(&self, key: &SigningKey) -> Result<(), Failure> {
        let Self::Postgres(store) = self else { return Ok(()) };
        let own = key.fingerprint();
        let agreed = if let Some(agreed) = store.shared().agreed_signing_key().await? {
            agreed
        } else {
            let mut work = store.shared().begin().await?;
            let agreed = work.signing_key(&own).await?;
            work.commit().await?;
            agreed
        };
        if agreed == own {
            return Ok(());
        }
        Err(Failure::Advice(
            "the nodes of this database sign with another key: copy the file signing.key from the data folder \
             of one of them, or name a file that all can read in sessions.signing_key_file"
                .into(),
        ))
    }
}

fn file(url: &str) -> Result<PathBuf, Failure> {
    url.strip_prefix("sqlite:").filter(|path| !path.is_empty()).map(PathBuf::from).ok_or_else(|| {
        Failure::Advice(
            "database.url must be sqlite: and the path of a file, such as sqlite:/var/lib/parlor/chat.db, \
             or postgres://user:password@host/database"
                .into(),
        )
    })
}
