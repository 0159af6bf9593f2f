use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{EventPublisher, Store, StoreError};
use parlor_storage::Sql;

use crate::connections::Connections;
use crate::dialect::Postgres;
use crate::{OpenError, open};

/// How a database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PostgresOptions {
    /// The most connections at the same time, at least 2.
    pub connections: u32,
    /// How long one waits for a connection, and for the answer to a statement, before the store
    /// counts as unavailable. Two in a row, the batch before and one's own, are the longest that a
    /// post waits for its answer.
    pub patience: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { connections: 10, patience: Duration::from_secs(2) }
    }
}

/// An open PostgreSQL database. Clones share it.
#[derive(Clone)]
pub struct PostgresStore {
    sql: Arc<Sql<Connections, Postgres>>,
}

impl PostgresStore {
    /// Opens the database at this address (`postgres://user:password@host/database`) and brings it
    /// to the present schema, one node at a time. What is committed goes to `publisher`.
    pub async fn open(
        url: &str,
        options: &PostgresOptions,
        publisher: Arc<dyn EventPublisher>,
    ) -> Result<Self, OpenError> {
        let pool = open::pool(url, options).await?;
        Ok(Self { sql: Arc::new(Sql::new(Connections { pool, patience: options.patience, publisher })) })
    }

    /// The store, for the use cases.
    pub fn shared(&self) -> Arc<dyn Store> {
        Arc::clone(&self.sql) as _
    }

    /// Waits for the open units of work and closes the connections. Whoever uses the store
    /// afterwards is told that it is unavailable.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.connections().pool.close().await;
        Ok(())
    }

    pub(crate) fn connections(&self) -> &Connections {
        self.sql.connection()
    }
}
