use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::EventPublisher;
use parlor_storage::Database;
use sea_orm::sqlx;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::sync::{Mutex, MutexGuard};

use crate::statement;
use crate::writer::{Writer, WriterTurn};

/// How long a reader waits for the only connection of a database in memory. One who waits longer
/// reads beside a unit of work of their own and would wait for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// All connections to one database. Used as a connection, it reads.
pub(crate) struct Connections {
    pub(crate) writer: Arc<Mutex<Writer>>,
    /// Nothing for a database in memory, which exists on one connection only.
    pub(crate) readers: Option<DatabaseConnection>,
    pub(crate) publisher: Arc<dyn EventPublisher>,
}

impl Connections {
    async fn only(&self) -> Result<MutexGuard<'_, Writer>, DbErr> {
        let writer = tokio::time::timeout(PATIENCE, self.writer.lock()).await;
        writer.map_err(|_| statement::failed(sqlx::Error::PoolTimedOut))
    }
}

#[async_trait]
impl Database for Connections {
    type Turn = WriterTurn;

    async fn begin(&self) -> Result<WriterTurn, DbErr> {
        WriterTurn::begin(&self.writer).await
    }

    fn publisher(&self) -> Arc<dyn EventPublisher> {
        Arc::clone(&self.publisher)
    }
}

#[async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.readers {
            Some(readers) => readers.execute_raw(statement).await,
            None => statement::execute(self.only().await?.idle().await?, statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.readers {
            Some(readers) => readers.execute_unprepared(sql).await,
            None => statement::execute_unprepared(self.only().await?.idle().await?, sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.readers {
            Some(readers) => readers.query_one_raw(statement).await,
            None => statement::query_one(self.only().await?.idle().await?, statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.readers {
            Some(readers) => readers.query_all_raw(statement).await,
            None => statement::query_all(self.only().await?.idle().await?, statement).await,
        }
    }
}
