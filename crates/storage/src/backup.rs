//! What is told of a database that is copied away, and what changes in one that comes back.

use parlor_domain::{TotpSecret, UserId, WebhookState};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use sea_orm_migration::MigratorTrait;
use uuid::Uuid;

use crate::Migrator;
use crate::codes::Code;
use crate::fields::{Fields, Result};
use crate::migrations::random_uuid;

/// Tables that say which nodes run and who is connected to them: worth nothing anywhere else.
pub const TRANSIENT: [&str; 2] = ["present", "node"];

/// What is in a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// The steps of the schema that were taken, in order.
    pub steps: Vec<String>,
    /// The database's own id.
    pub epoch: Uuid,
    /// How many accounts there are, deleted ones too.
    pub users: u64,
    /// How many conversations.
    pub conversations: u64,
    /// How many entries of logs.
    pub entries: u64,
}

impl Census {
    /// Counts. The connection MUST be one that sees a single state of the database.
    pub async fn take(connection: &impl ConnectionTrait) -> Result<Self> {
        let steps = texts(connection, "SELECT version FROM seaql_migrations ORDER BY version").await?;
        let sql = r#"SELECT epoch, (SELECT count(*) FROM "user"), (SELECT count(*) FROM conversation),
            (SELECT count(*) FROM entry) FROM server"#;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| DbErr::RecordNotFound("the server's own row".into()))?;
        let mut fields = Fields::of(&row);
        Ok(Self {
            steps,
            epoch: fields.get()?,
            users: fields.count()?,
            conversations: fields.count()?,
            entries: fields.count()?,
        })
    }
}

/// The first of these steps that this program does not know: a newer one took it.
pub fn unknown_step(steps: &[String]) -> Option<&String> {
    let known = Migrator::migrations();
    steps.iter().find(|step| known.iter().all(|one| one.name() != step.as_str()))
}

/// How many steps lead to the present schema.
pub(crate) fn steps() -> usize {
    Migrator::migrations().len()
}

/// Seals somebody's secret with the new key; nothing when the old one is not known, and it stays as it is.
pub type Reseal<'a> = &'a (dyn Fn(UserId, &TotpSecret) -> Option<TotpSecret> + Sync);

/// Makes a database that was restored one of its own: another epoch, so that clients who have seen
/// more drop their copies; nobody signed in; no key that was agreed on; no maintenance; no webhook that
/// tells others what they were told before; and secrets sealed with the new key. Call it inside a
/// transaction, before anybody uses the database.
pub async fn begin_anew(connection: &impl ConnectionTrait, reseal: Reseal<'_>) -> Result<()> {
    let backend = connection.get_database_backend();
    let mut statements = vec![
        format!("UPDATE server SET epoch = {}", random_uuid(backend)),
        "DELETE FROM refresh_token".to_owned(),
        "DELETE FROM session".to_owned(),
    ];
    let known = columns(connection, "server").await?;
    // A database of an earlier version gets the columns when it is opened.
    for column in
        ["signing_key", "maintenance"].into_iter().filter(|one| known.iter().any(|name| name == one))
    {
        statements.push(format!("UPDATE server SET {column} = NULL"));
    }
    if !columns(connection, "outgoing_webhook").await?.is_empty() {
        let (active, paused) = (WebhookState::Active.code(), WebhookState::Paused.code());
        statements.push(format!("UPDATE outgoing_webhook SET state = {paused} WHERE state = {active}"));
    }
    for table in TRANSIENT {
        if !columns(connection, table).await?.is_empty() {
            statements.push(format!("DELETE FROM {table}"));
        }
    }
    for sql in statements {
        connection.execute_unprepared(&sql).await?;
    }
    if !columns(connection, "totp").await?.is_empty() {
        reseal_all(connection, reseal).await?;
    }
    Ok(())
}

async fn reseal_all(connection: &impl ConnectionTrait, reseal: Reseal<'_>) -> Result<()> {
    let backend = connection.get_database_backend();
    let all = Statement::from_string(backend, "SELECT user_id, secret FROM totp");
    for row in connection.query_all_raw(all).await? {
        let mut fields = Fields::of(&row);
        let user = fields.id(UserId::from_uuid)?;
        let Some(secret) = reseal(user, &TotpSecret::from_sealed(fields.get()?)) else { continue };
        let sql = "UPDATE totp SET secret = $1 WHERE user_id = $2";
        let values = [secret.as_sealed().to_vec().into(), user.as_uuid().into()];
        connection.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(())
}

/// The columns of a table in the order in which they were made; none when there is no such table.
pub(crate) async fn columns(connection: &impl ConnectionTrait, table: &str) -> Result<Vec<String>> {
    let sql = match connection.get_database_backend() {
        DbBackend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}') ORDER BY cid"),
        _ => format!(
            "SELECT column_name::text FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = '{table}' ORDER BY ordinal_position"
        ),
    };
    texts(connection, &sql).await
}

/// The only column of a query.
pub(crate) async fn texts(connection: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>> {
    let statement = Statement::from_string(connection.get_database_backend(), sql.to_owned());
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
