//! Running sea-orm's statements on a connection that no pool owns.

use sea_orm::sqlx::sqlite::SqliteConnection;
use sea_orm::sqlx::{self, AssertSqlSafe};
use sea_orm::{DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqlxValues>;

/// The statement with its parameters. Its text was put together by this program only: what people
/// type is always a parameter.
fn query(statement: Statement) -> Query<'static> {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

pub(crate) async fn execute(
    connection: &mut SqliteConnection,
    statement: Statement,
) -> Result<ExecResult, DbErr> {
    query(statement).execute(connection).await.map(ExecResult::from).map_err(failed)
}

pub(crate) async fn execute_unprepared(
    connection: &mut SqliteConnection,
    sql: &str,
) -> Result<ExecResult, DbErr> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .map(ExecResult::from)
        .map_err(failed)
}

pub(crate) async fn query_one(
    connection: &mut SqliteConnection,
    statement: Statement,
) -> Result<Option<QueryResult>, DbErr> {
    let row = query(statement).fetch_optional(connection).await.map_err(failed)?;
    Ok(row.map(QueryResult::from))
}

pub(crate) async fn query_all(
    connection: &mut SqliteConnection,
    statement: Statement,
) -> Result<Vec<QueryResult>, DbErr> {
    let rows = query(statement).fetch_all(connection).await.map_err(failed)?;
    Ok(rows.into_iter().map(QueryResult::from).collect())
}

pub(crate) fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
