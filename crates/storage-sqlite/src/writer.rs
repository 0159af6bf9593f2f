use std::sync::Arc;

use async_trait::async_trait;
use parlor_storage::Turn;
use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{self, Connection};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::dialect::is_constraint;
use crate::statement;

/// The one connection that writes.
///
/// Transactions are begun and ended by statements of our own rather than by the driver's: after an
/// error such as a full disk SQLite ends a transaction by itself, and the driver, which counts
/// them, would never begin another one.
pub(crate) struct Writer {
    /// Nothing once it was closed.
    connection: Option<SqliteConnection>,
    /// Whether a transaction may be open.
    open: bool,
    /// Whether an error may have ended the transaction, so that a statement would stand alone.
    broken: bool,
}

impl Writer {
    pub(crate) fn new(connection: SqliteConnection) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self { connection: Some(connection), open: false, broken: false }))
    }

    /// The connection, with no transaction open on it.
    pub(crate) async fn idle(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        if self.open {
            self.roll_back().await?;
        }
        self.connection()
    }

    /// Closes the connection, after bringing everything into the main file.
    pub(crate) async fn close(&mut self) -> Result<(), DbErr> {
        let checkpointed =
            statement::execute_unprepared(self.idle().await?, "PRAGMA wal_checkpoint(TRUNCATE)").await;
        if let Some(connection) = self.connection.take() {
            connection.close().await.map_err(statement::failed)?;
        }
        checkpointed.map(drop)
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        self.connection.as_mut().ok_or_else(|| statement::failed(sqlx::Error::PoolClosed))
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), DbErr> {
        let connection = self.connection()?;
        sqlx::query(sql).execute(connection).await.map(drop).map_err(statement::failed)
    }

    async fn roll_back(&mut self) -> Result<(), DbErr> {
        match self.run("ROLLBACK").await {
            Err(error) if !error.to_string().contains("no transaction is active") => return Err(error),
            _ => {}
        }
        self.open = false;
        self.broken = false;
        Ok(())
    }

    /// The connection, for a statement inside the open transaction.
    fn inside(&mut self) -> Result<&mut SqliteConnection, DbErr> {
        if self.broken {
            return Err(DbErr::Custom("an earlier error has ended the transaction".into()));
        }
        self.connection()
    }

    /// What became of a statement inside the open transaction. Only a violated constraint leaves
    /// the transaction as it was; after a full disk, for one, SQLite ends it by itself.
    fn note<T>(&mut self, result: Result<T, DbErr>) -> Result<T, DbErr> {
        if let Err(error) = &result {
            self.broken = !is_constraint(error);
        }
        result
    }
}

/// A unit of work's turn on the [`Writer`]: nobody else begins before it is over.
pub(crate) struct WriterTurn {
    /// Nothing only while it is being dropped.
    writer: Option<Mutex<OwnedMutexGuard<Writer>>>,
}

impl WriterTurn {
    /// Waits for the turn, in the order of asking, and begins.
    pub(crate) async fn begin(writer: &Arc<Mutex<Writer>>) -> Result<Self, DbErr> {
        let mut writer = Arc::clone(writer).lock_owned().await;
        writer.idle().await?;
        // From here on dropping the turn rolls back, even in the middle of the statement.
        writer.open = true;
        let turn = Self { writer: Some(Mutex::new(writer)) };
        turn.writer()?.lock().await.run("BEGIN IMMEDIATE").await?;
        Ok(turn)
    }

    fn writer(&self) -> Result<&Mutex<OwnedMutexGuard<Writer>>, DbErr> {
        self.writer.as_ref().ok_or_else(|| statement::failed(sqlx::Error::PoolClosed))
    }
}

#[async_trait]
impl Turn for WriterTurn {
    async fn commit(self, then: Box<dyn FnOnce() + Send>) -> Result<(), DbErr> {
        let mut writer = self.writer()?.lock().await;
        writer.inside()?;
        writer.run("COMMIT").await?;
        writer.open = false;
        // While it is still our turn, so that events follow the commits.
        then();
        Ok(())
    }
}

impl Drop for WriterTurn {
    /// Rolls back what was not committed. The turn passes on once that is done; where there is no
    /// runtime any more, whoever comes next does it first.
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take().map(Mutex::into_inner) else { return };
        if !writer.open {
            return;
        }
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = writer.roll_back().await {
                tracing::error!(%error, "a transaction could not be rolled back");
            }
        });
    }
}

#[async_trait]
impl ConnectionTrait for WriterTurn {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Sqlite
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut writer = self.writer()?.lock().await;
        let result = statement::execute(writer.inside()?, statement).await;
        writer.note(result)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut writer = self.writer()?.lock().await;
        let result = statement::execute_unprepared(writer.inside()?, sql).await;
        writer.note(result)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut writer = self.writer()?.lock().await;
        let result = statement::query_one(writer.inside()?, statement).await;
        writer.note(result)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut writer = self.writer()?.lock().await;
        let result = statement::query_all(writer.inside()?, statement).await;
        writer.note(result)
    }
}
