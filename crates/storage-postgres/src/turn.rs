use async_trait::async_trait;
use parlor_storage::Turn;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::lease::Lease;

/// A unit of work's transaction. Dropping it sends a rollback before the connection goes back to
/// the pool, or closes the connection; until that has arrived, whoever wants the same rows waits
/// for them.
pub(crate) struct PostgresTurn {
    open: Mutex<Open>,
}

/// An open transaction.
struct Open {
    /// Nothing once it was committed.
    lease: Option<Lease>,
    /// Whether an error has ended the transaction. PostgreSQL answers the commit of such a one
    /// without an error, and has rolled it back.
    broken: bool,
}

impl PostgresTurn {
    /// Begins. READ COMMITTED is what every connection is set to.
    pub(crate) async fn begin(lease: Lease) -> Result<Self, DbErr> {
        Self::begin_with(lease, "BEGIN").await.map(|(turn, _)| turn)
    }

    /// Begins, and asks one thing on the same journey to the server.
    pub(crate) async fn begin_asking(lease: Lease, sql: &str) -> Result<(Self, Option<QueryResult>), DbErr> {
        Self::begin_with(lease, &format!("BEGIN; {sql}")).await
    }

    async fn begin_with(lease: Lease, sql: &str) -> Result<(Self, Option<QueryResult>), DbErr> {
        // From here on dropping the turn rolls back, even in the middle of the statement.
        let mut open = Open { lease: Some(lease), broken: false };
        let row = open.lease()?.query_unprepared(sql).await?;
        Ok((Self { open: Mutex::new(open) }, row))
    }
}

impl Open {
    fn lease(&mut self) -> Result<&mut Lease, DbErr> {
        self.lease
            .as_mut()
            .filter(|_| !self.broken)
            .ok_or_else(|| DbErr::Custom("an earlier error has ended the transaction".into()))
    }

    fn note<T>(&mut self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        self.broken |= result.is_err();
        result
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let (Some(mut lease), Ok(runtime)) = (self.lease.take(), Handle::try_current()) {
            // What cannot be rolled back is closed, and then the server does it.
            runtime.spawn(async move { lease.execute_unprepared("ROLLBACK").await.map(drop) });
        }
    }
}

#[async_trait]
impl Turn for PostgresTurn {
    async fn commit(self, then: Box<dyn FnOnce() + Send>) -> Result<(), DbErr> {
        let mut open = self.open.into_inner();
        open.lease()?.execute_unprepared("COMMIT").await?;
        open.lease = None;
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
        let mut open = self.open.lock().await;
        let result = open.lease()?.execute(statement).await;
        open.note(result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut open = self.open.lock().await;
        let result = open.lease()?.execute_unprepared(sql).await;
        open.note(result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut open = self.open.lock().await;
        let result = open.lease()?.query_one(statement).await;
        open.note(result)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut open = self.open.lock().await;
        let result = open.lease()?.query_all(statement).await;
        open.note(result)
    }
}
