use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use parlor_storage::Turn;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// A unit of work's transaction. Dropping it sends a rollback as the connection goes back to the
/// pool; until that has arrived, whoever wants the same rows waits for them.
pub(crate) struct PostgresTurn {
    transaction: DatabaseTransaction,
    /// Whether an error has ended the transaction. PostgreSQL answers the commit of such a one
    /// without an error, and has rolled it back.
    broken: AtomicBool,
}

impl PostgresTurn {
    pub(crate) fn new(transaction: DatabaseTransaction) -> Self {
        Self { transaction, broken: AtomicBool::new(false) }
    }

    fn note<T>(&self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if result.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        result
    }
}

#[async_trait]
impl Turn for PostgresTurn {
    async fn commit(self, then: Box<dyn FnOnce() + Send>) -> Result<(), DbErr> {
        if self.broken.into_inner() {
            return Err(DbErr::Custom("an earlier error has ended the transaction".into()));
        }
        self.transaction.commit().await?;
        then();
        Ok(())
    }
}

#[async_trait]
impl ConnectionTrait for PostgresTurn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.note(self.transaction.execute_raw(statement).await)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.note(self.transaction.execute_unprepared(sql).await)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.note(self.transaction.query_one_raw(statement).await)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.note(self.transaction.query_all_raw(statement).await)
    }
}
