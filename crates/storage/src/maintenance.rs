//! Whether anything may be written: one text in the server's own row, so that all nodes agree.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::backup::columns;
use crate::fields::{Fields, Result};

/// What people get to read during maintenance; `None` when there is none.
pub async fn get(connection: &impl ConnectionTrait) -> Result<Option<String>> {
    let statement = Statement::from_string(connection.get_database_backend(), QUESTION);
    read(connection.query_one_raw(statement).await?.as_ref())
}

/// What is asked to find out.
pub(crate) const QUESTION: &str = "SELECT maintenance FROM server";

/// What the answer to [`QUESTION`] says.
pub(crate) fn read(row: Option<&QueryResult>) -> Result<Option<String>> {
    row.map_or(Ok(None), |row| Fields::of(row).get())
}

/// Begins maintenance, or ends it.
pub async fn set(connection: &impl ConnectionTrait, message: Option<&str>) -> Result<()> {
    let sql = "UPDATE server SET maintenance = $1";
    let message = message.map(str::to_owned);
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [message.into()]);
    match connection.execute_raw(statement).await?.rows_affected() {
        0 => Err(DbErr::RecordNotFound("the server's own row".into())),
        _ => Ok(()),
    }
}

/// Whether the database's schema knows of maintenance at all.
pub async fn is_known(connection: &impl ConnectionTrait) -> Result<bool> {
    Ok(columns(connection, "server").await?.iter().any(|column| column == "maintenance"))
}
