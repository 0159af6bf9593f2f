use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::EventPublisher;
use parlor_storage::Database;
use sea_orm::sqlx::postgres::PgPool;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::time::timeout;

use crate::lease::{Lease, failed, silence};
use crate::turn::PostgresTurn;

/// The pool of connections to one database. Used as a connection, it reads.
pub(crate) struct Connections {
    pub(crate) pool: PgPool,
    /// How long one waits for a connection, and for an answer.
    pub(crate) patience: Duration,
    pub(crate) publisher: Arc<dyn EventPublisher>,
}

impl Connections {
    async fn lease(&self) -> Result<Lease, DbErr> {
        Lease::take(&self.pool, self.patience).await
    }
}

#[async_trait]
impl Database for Connections {
    type Turn = PostgresTurn;

    async fn begin(&self) -> Result<PostgresTurn, DbErr> {
        // Together: a post may have waited as long already, for the batch before its own.
        let begun = timeout(self.patience, async { PostgresTurn::begin(self.lease().await?).await });
        begun.await.unwrap_or_else(|_| Err(failed(silence())))
    }

    async fn begin_asking(&self, sql: &'static str) -> Result<(PostgresTurn, Option<QueryResult>), DbErr> {
        let begun =
            timeout(self.patience, async { PostgresTurn::begin_asking(self.lease().await?, sql).await });
        begun.await.unwrap_or_else(|_| Err(failed(silence())))
    }

    fn publisher(&self) -> Arc<dyn EventPublisher> {
        Arc::clone(&self.publisher)
    }
}

#[async_trait]
impl ConnectionTrait for Connections {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.lease().await?.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.lease().await?.query_one(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.lease().await?.query_all(statement).await
    }
}
