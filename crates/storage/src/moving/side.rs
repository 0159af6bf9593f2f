//! One of the two databases of a move, as rows of plain JSON values that are the same on both.

use std::marker::PhantomData;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement, TransactionTrait, Value};
use serde_json::Value as Json;

use super::Table;
use crate::backup::texts;
use crate::{Dialect, Kind};

/// A row, column by column: ids and bytes as hexadecimal digits, truths as 0 and 1.
pub type Row = Vec<Json>;

/// A column and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    kind: Kind,
}

/// A database, whichever it is.
#[async_trait]
pub trait Side: Send + Sync {
    /// The tables there are.
    async fn tables(&self) -> Result<Vec<String>, DbErr>;

    /// The only column of a query, as text.
    async fn texts(&self, sql: &str) -> Result<Vec<String>, DbErr>;

    /// Runs these statements, all or none.
    async fn run(&self, statements: &[String]) -> Result<(), DbErr>;

    /// A table's columns.
    async fn columns(&self, table: &Table) -> Result<Vec<Column>, DbErr>;

    /// The next rows of a table in the order of its key; none when there are no more.
    async fn page(&self, table: &Table, columns: &[Column], after: Option<&Row>) -> Result<Vec<Row>, DbErr>;

    /// The last row of a table in the order of its key.
    async fn last(&self, table: &Table, columns: &[Column]) -> Result<Option<Row>, DbErr>;

    /// Adds rows, all or none.
    async fn insert(&self, table: &Table, columns: &[Column], rows: &[Row]) -> Result<(), DbErr>;

    /// How many rows a table has.
    async fn count(&self, table: &Table) -> Result<u64, DbErr>;

    /// Closes the connection.
    async fn close(&self) -> Result<(), DbErr>;
}

/// A [`Side`] over a connection and a dialect.
pub struct SqlSide<D> {
    connection: DatabaseConnection,
    dialect: PhantomData<fn() -> D>,
}

impl<D: Dialect> SqlSide<D> {
    /// The database that this connection leads to.
    pub fn new(connection: DatabaseConnection) -> Self {
        Self { connection, dialect: PhantomData }
    }

    async fn rows(&self, sql: String, values: Vec<Value>) -> Result<Vec<Row>, DbErr> {
        let statement = Statement::from_sql_and_values(D::BACKEND, sql, values);
        let row = self.connection.query_one_raw(statement).await?;
        let text: Option<String> = row.map_or(Ok(None), |row| row.try_get_by_index(0))?;
        serde_json::from_str(text.as_deref().unwrap_or("[]")).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// The query for some rows of a table, gathered into one text.
    fn select(table: &Table, columns: &[Column], which: &str) -> String {
        let read: Vec<String> =
            columns.iter().map(|column| D::plain(column.kind, &quoted(&column.name))).collect();
        let read: Vec<&str> = read.iter().map(String::as_str).collect();
        let gathered = D::gather(&read, &key(table, ""));
        format!("SELECT {gathered} FROM (SELECT * FROM {} {which}) AS page", quoted(table.name))
    }
}

#[async_trait]
impl<D: Dialect> Side for SqlSide<D> {
    async fn tables(&self) -> Result<Vec<String>, DbErr> {
        let sql = match D::BACKEND {
            DbBackend::Sqlite => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
            }
            _ => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1",
        };
        self.texts(sql).await
    }

    async fn texts(&self, sql: &str) -> Result<Vec<String>, DbErr> {
        texts(&self.connection, sql).await
    }

    async fn run(&self, statements: &[String]) -> Result<(), DbErr> {
        let transaction = self.connection.begin_with_config(None, None).await?;
        for sql in statements {
            transaction.execute_unprepared(sql).await?;
        }
        transaction.commit().await
    }

    async fn columns(&self, table: &Table) -> Result<Vec<Column>, DbErr> {
        let name = table.name;
        let sql = match D::BACKEND {
            DbBackend::Sqlite => {
                format!("SELECT name || ' ' || lower(type) FROM pragma_table_info('{name}') ORDER BY cid")
            }
            _ => format!(
                "SELECT column_name || ' ' || data_type FROM information_schema.columns
                 WHERE table_schema = current_schema() AND table_name = '{name}' ORDER BY ordinal_position"
            ),
        };
        let columns = self.texts(&sql).await?;
        let columns = columns.iter().filter_map(|column| column.split_once(' '));
        Ok(columns.map(|(name, kind)| Column { name: name.to_owned(), kind: Kind::of(kind) }).collect())
    }

    async fn page(&self, table: &Table, columns: &[Column], after: Option<&Row>) -> Result<Vec<Row>, DbErr> {
        let (order, limit) = (key(table, ""), table.page());
        let Some(after) = after else {
            let sql = Self::select(table, columns, &format!("ORDER BY {order} LIMIT {limit}"));
            return self.rows(sql, Vec::new()).await;
        };
        let (mut values, mut places) = (Vec::new(), Vec::new());
        for name in table.key {
            let found = columns.iter().zip(after).find(|(column, _)| column.name == *name);
            let (column, value) = found.ok_or_else(|| DbErr::Type(format!("{name} is no column")))?;
            values.push(match value {
                Json::Number(number) => number.as_i64().into(),
                Json::String(text) => text.as_str().into(),
                other => return Err(DbErr::Type(format!("{other} is in a key"))),
            });
            places.push(D::column(column.kind, &format!("${}", values.len())));
        }
        let which = format!("WHERE ({order}) > ({}) ORDER BY {order} LIMIT {limit}", places.join(", "));
        self.rows(Self::select(table, columns, &which), values).await
    }

    async fn last(&self, table: &Table, columns: &[Column]) -> Result<Option<Row>, DbErr> {
        let which = format!("ORDER BY {} LIMIT 1", key(table, " DESC"));
        Ok(self.rows(Self::select(table, columns, &which), Vec::new()).await?.pop())
    }

    async fn insert(&self, table: &Table, columns: &[Column], rows: &[Row]) -> Result<(), DbErr> {
        let names: Vec<String> = columns.iter().map(|column| quoted(&column.name)).collect();
        let written: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(index, column)| D::column(column.kind, &format!("(j.value ->> {index})")))
            .collect();
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {} FROM {}",
            quoted(table.name),
            names.join(", "),
            written.join(", "),
            D::each(1)
        );
        let rows = serde_json::to_string(rows).map_err(|error| DbErr::Json(error.to_string()))?;
        let statement = Statement::from_sql_and_values(D::BACKEND, sql, [rows.into()]);
        self.connection.execute_raw(statement).await.map(drop)
    }

    async fn count(&self, table: &Table) -> Result<u64, DbErr> {
        let sql = format!("SELECT CAST(count(*) AS text) FROM {}", quoted(table.name));
        let count = self.texts(&sql).await?.pop();
        Ok(count.and_then(|count| count.parse().ok()).unwrap_or(0))
    }

    async fn close(&self) -> Result<(), DbErr> {
        self.connection.close_by_ref().await
    }
}

/// The columns of a table's key, each followed by `direction`.
fn key(table: &Table, direction: &str) -> String {
    let columns: Vec<String> = table.key.iter().map(|name| quoted(name) + direction).collect();
    columns.join(", ")
}

fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
