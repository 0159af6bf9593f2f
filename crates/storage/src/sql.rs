use std::marker::PhantomData;

use parlor_domain::StoreError;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use uuid::Uuid;

use crate::parameter::{Digits, rows};
use crate::{Dialect, Trouble, fields};

/// A pool or a transaction.
pub trait Connection: ConnectionTrait + Send {}

impl<C: ConnectionTrait + Send> Connection for C {}

/// The domain's repositories over a connection `C` and a dialect `D`.
pub struct Sql<C, D> {
    pub(crate) connection: C,
    dialect: PhantomData<D>,
}

impl<C, D> Sql<C, D> {
    /// The repositories over this connection.
    pub fn new(connection: C) -> Self {
        Self { connection, dialect: PhantomData }
    }

    /// The connection.
    pub fn connection(&self) -> &C {
        &self.connection
    }
}

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// All rows of a hand-written query, each read by `read`.
    pub(crate) async fn all<T>(
        &self,
        sql: String,
        values: Vec<Value>,
        read: impl Fn(&QueryResult) -> fields::Result<T>,
    ) -> Result<Vec<T>> {
        let rows =
            self.connection.query_all_raw(Statement::from_sql_and_values(D::BACKEND, sql, values)).await;
        rows.and_then(|rows| rows.iter().map(read).collect()).map_err(failure::<D>)
    }

    /// The first row of a hand-written query.
    pub(crate) async fn first<T>(
        &self,
        sql: String,
        values: Vec<Value>,
        read: impl Fn(&QueryResult) -> fields::Result<T>,
    ) -> Result<Option<T>> {
        let row =
            self.connection.query_one_raw(Statement::from_sql_and_values(D::BACKEND, sql, values)).await;
        row.and_then(|row| row.as_ref().map(read).transpose()).map_err(failure::<D>)
    }

    /// Locks the rows of a table that have these ids until the end of the unit of work, where there
    /// is more than one writer. Always in the order of the ids, so that two never wait for each
    /// other in a circle.
    pub(crate) async fn lock_rows(&self, table: &str, ids: impl IntoIterator<Item = Uuid>) -> Result<()> {
        let Some(lock) = D::LOCK else { return Ok(()) };
        let sql = format!(
            r#"SELECT 1 FROM "{table}" WHERE id IN (SELECT {id} FROM {each}) ORDER BY id {lock}"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let ids = rows(ids.into_iter().map(|id| [Digits(id)])).map_err(failure::<D>)?;
        self.run(sql, vec![ids]).await.map(drop)
    }

    /// Runs a hand-written statement; how many rows it touched.
    pub(crate) async fn run(&self, sql: String, values: Vec<Value>) -> Result<u64> {
        let done = self.connection.execute_raw(Statement::from_sql_and_values(D::BACKEND, sql, values)).await;
        done.map(|done| done.rows_affected()).map_err(failure::<D>)
    }
}

/// What stands behind a `SELECT` of rows that only one may have, and nobody waits for.
pub(crate) fn unless_taken<D: Dialect>() -> String {
    D::LOCK.map(|lock| format!(" {lock} SKIP LOCKED")).unwrap_or_default()
}

/// What the caller is told of an error.
pub(crate) fn failure<D: Dialect>(error: DbErr) -> StoreError {
    match D::trouble(&error) {
        Trouble::Conflict(key) => StoreError::Conflict(key),
        Trouble::Clash => StoreError::Clash(Box::new(error)),
        Trouble::Full => StoreError::Full(Box::new(error)),
        Trouble::Unavailable => StoreError::Unavailable(Box::new(error)),
        Trouble::Other => StoreError::Failed(Box::new(error)),
    }
}
