use std::path::Path;
use std::sync::Arc;

use parlor_domain::{EventPublisher, Store, StoreError};
use parlor_storage::{Dialect, Sql, Trouble};

use crate::connections::Connections;
use crate::dialect::Sqlite;
use crate::{OpenError, open};

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SqliteOptions {
    /// How many connections read at the same time, 1 to 64.
    pub readers: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { readers: 4 }
    }
}

/// An open SQLite database. Clones share it.
#[derive(Clone)]
pub struct SqliteStore {
    sql: Arc<Sql<Connections, Sqlite>>,
}

impl SqliteStore {
    /// Opens the database in this file, made when there is none, and brings it to the present
    /// schema. What is committed goes to `publisher`.
    ///
    /// The file may be read by its owner only. Before the schema of an existing database changes,
    /// a copy is kept beside it.
    pub async fn open(
        path: &Path,
        options: &SqliteOptions,
        publisher: Arc<dyn EventPublisher>,
    ) -> Result<Self, OpenError> {
        Ok(Self { sql: Arc::new(Sql::new(open::file(path, options, publisher).await?)) })
    }

    /// A database in memory, gone with the last clone. It has one connection, so reading beside an
    /// open unit of work instead of through it fails after a second.
    pub async fn in_memory(publisher: Arc<dyn EventPublisher>) -> Result<Self, OpenError> {
        Ok(Self { sql: Arc::new(Sql::new(open::memory(publisher).await?)) })
    }

    /// The store, for the use cases.
    pub fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.sql) as _
    }

    /// Waits for the open unit of work, brings everything into the one file and closes it. Whoever
    /// uses the store afterwards is told that it is unavailable.
    pub async fn close(&self) -> Result<(), StoreError> {
        let Connections { writer, readers, .. } = self.connections();
        let mut writer = writer.lock().await;
        // Readers first: the log of writes cannot be emptied while somebody reads in it.
        if let Some(readers) = readers {
            readers.close_by_ref().await.map_err(failure)?;
        }
        writer.close().await.map_err(failure)
    }

    pub(crate) fn connections(&self) -> &Connections {
        self.sql.connection()
    }
}

fn failure(error: sea_orm::DbErr) -> StoreError {
    match Sqlite::trouble(&error) {
        Trouble::Full => StoreError::Full(Box::new(error)),
        Trouble::Unavailable => StoreError::Unavailable(Box::new(error)),
        Trouble::Conflict(_) | Trouble::Clash | Trouble::Other => StoreError::Failed(Box::new(error)),
    }
}
