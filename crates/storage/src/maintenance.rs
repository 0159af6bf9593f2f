//! Whether anything may be written: one text in the server's own row, so that all nodes agree.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::backup::columns;
use crate::fields::{Fields, Result};

/// What people get to read during maintenance; `None` when there is none.
pub async fn get(connection: &impl ConnectionTrait) -> Result<Option<String>> {
    let sql = "SELECT maintenance FROM server";
    let row =
        connection.query_one_raw(Statement::from_string(connection.get_database_backend(), sql)).await?;
    row.map_or(Ok(None), |row| Fields::of(&row).get())
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
