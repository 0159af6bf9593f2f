//! A connection that is asked things, and that nobody waits for without an end.

use std::pin::Pin;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::postgres::{PgConnection, PgPool};
use sea_orm::sqlx::{self, AssertSqlSafe, Executor, Postgres};
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use tokio::runtime::Handle;
use tokio::time::timeout;

type Query = sqlx::query::Query<'static, Postgres, SqlxValues>;
type Answering<'c, T> = Pin<Box<dyn Future<Output = Result<T, sqlx::Error>> + Send + 'c>>;

/// A connection of the pool, for as long as somebody asks through it.
///
/// The server bounds what it works on itself, but a server that has stopped in its tracks, or
/// behind a line that swallows everything, bounds nothing. So each answer is waited for here for
/// `patience`. A connection that owes an answer, because that took too long or because the asker
/// went away, is closed: nothing of what is on its way may reach whoever would come next.
pub(crate) struct Lease {
    connection: Option<PoolConnection<Postgres>>,
    owes_an_answer: bool,
    patience: Duration,
}

impl Lease {
    /// Takes a connection out of the pool.
    pub(crate) async fn take(pool: &PgPool, patience: Duration) -> Result<Self, DbErr> {
        let connection = Some(pool.acquire().await.map_err(failed)?);
        Ok(Self { connection, owes_an_answer: false, patience })
    }

    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        let query = query(statement);
        self.ask(|connection| connection.execute(query)).await.map(ExecResult::from)
    }

    /// Runs statements without parameters, as they are.
    pub(crate) async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        self.ask(|connection| connection.execute(query)).await.map(ExecResult::from)
    }

    /// The first row that statements without parameters answer.
    pub(crate) async fn query_unprepared(&mut self, sql: &str) -> Result<Option<QueryResult>, DbErr> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let rows = self.ask(|connection| connection.fetch_all(query)).await?;
        Ok(rows.into_iter().next().map(QueryResult::from))
    }

    pub(crate) async fn query_one(&mut self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let query = query(statement);
        let row = self.ask(|connection| connection.fetch_optional(query)).await?;
        Ok(row.map(QueryResult::from))
    }

    pub(crate) async fn query_all(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let query = query(statement);
        let rows = self.ask(|connection| connection.fetch_all(query)).await?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Asks one thing, and waits for the answer as long as anybody should.
    pub(crate) async fn ask<T>(
        &mut self,
        ask: impl for<'c> FnOnce(&'c mut PgConnection) -> Answering<'c, T> + Send,
    ) -> Result<T, DbErr> {
        if self.owes_an_answer {
            return Err(failed(sqlx::Error::PoolClosed));
        }
        let connection = self.connection.as_mut().ok_or_else(|| failed(sqlx::Error::PoolClosed))?;
        self.owes_an_answer = true;
        let answer = timeout(self.patience, ask(connection)).await;
        let answer = answer.map_err(|_| failed(silence()))?;
        self.owes_an_answer = false;
        answer.map_err(failed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match Handle::try_current() {
            // The pool asks a connection that comes back whether it lives. Left to itself it would
            // wait for the answer for ever and have one connection less meanwhile.
            Ok(runtime) if !self.owes_an_answer => {
                runtime.spawn(timeout(self.patience, connection.return_to_pool()));
            }
            _ => drop(connection.detach()),
        }
    }
}

/// The statement with its parameters. Its text was put together by this program only: what people
/// type is always a parameter.
fn query(statement: Statement) -> Query {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// The database did not answer in time.
pub(crate) fn silence() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "the database does not answer"))
}

pub(crate) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
