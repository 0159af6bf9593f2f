use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::EventPublisher;
use parlor_storage::Database;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
    TransactionTrait,
};

use crate::turn::PostgresTurn;

/// The pool of connections to one database. Used as a connection, it reads.
pub(crate) struct Connections {
    pub(crate) pool: DatabaseConnection,
    pub(crate) publisher: Arc<dyn EventPublisher>,
}

#[async_trait]
impl Database for Connections {
    type Turn = PostgresTurn;

    async fn begin(&self) -> Result<PostgresTurn, DbErr> {
        // READ COMMITTED is what every connection is set to.
        self.pool.begin_with_config(None, None).await.map(PostgresTurn::new)
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
        self.pool.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.pool.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.pool.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.pool.query_all_raw(statement).await
    }
}
