//! Moving everything from one database to another one, of the same kind or not.
//!
//! Table by table, in pages in the order of the primary key: so what is there already says where to
//! go on after an interruption. A table [`COPYING`] in the target says that it is not whole yet, and
//! of which database it is to be a copy; no server opens such a one.

mod side;
mod tables;

use futures_util::future::{join, try_join};
use sea_orm::DbErr;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::backup::unknown_step;

pub use side::{Column, Row, Side, SqlSide};
pub use tables::{TABLES, Table};

/// The table that a copy has until it is whole.
pub const COPYING: &str = "copying";

/// How far it is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Whether rows are compared; until then they are copied.
    pub comparing: bool,
    /// The table.
    pub table: &'static str,
    /// How many of its rows are done.
    pub rows: u64,
    /// How many it has.
    pub of: u64,
}

/// A table that is the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The table.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// The SHA-256 of all of them.
    pub sha256: [u8; 32],
}

/// Why nothing, or not everything, was moved. Each message is one line and says what to do.
#[derive(Debug, Error)]
pub enum MovingError {
    /// The source cannot be read.
    #[error("the database to move cannot be read")]
    Source(#[source] DbErr),
    /// The target cannot be written.
    #[error("the new database cannot be written; the same command goes on from here")]
    Target(#[source] DbErr),
    /// Somebody may be writing to the source.
    #[error(
        "the database to move must stand still until all is done: run `parlor maintenance on` with its settings first"
    )]
    NotStill,
    /// The source is of another version.
    #[error("the database to move is of {0} version: start that server once with this version first")]
    Version(&'static str),
    /// The source is no whole database.
    #[error("the database to move is itself a copy that is not whole: move the one that it was made from")]
    Unfinished,
    /// There is a table of which this program does not know whether it is to be moved.
    #[error("the database to move has the table {0}, which this version cannot move")]
    Forgotten(String),
    /// Both are the same.
    #[error("the new database is the one to move, or a copy of it that is whole: choose another one")]
    Same,
    /// The target has something in it.
    #[error("the new database is not empty: choose an empty one")]
    NotEmpty,
    /// The target is to become a copy of another database.
    #[error("the new database holds an unfinished copy of another one: choose an empty one")]
    OtherSource,
    /// They differ in the end.
    #[error(
        "the table {0} is not the same in both: something was written to one of them meanwhile; empty the new database and start again"
    )]
    Different(&'static str),
}

/// Refuses a source that cannot be moved as it is; answers its epoch.
pub async fn check_source(source: &dyn Side) -> Result<String, MovingError> {
    let tables = source.tables().await.map_err(MovingError::Source)?;
    if tables.iter().any(|table| table == COPYING) {
        return Err(MovingError::Unfinished);
    }
    let steps = source.texts("SELECT version FROM seaql_migrations ORDER BY version").await;
    let steps = steps.map_err(MovingError::Source)?;
    if unknown_step(&steps).is_some() {
        return Err(MovingError::Version("a newer"));
    }
    if steps.len() != crate::backup::steps() {
        return Err(MovingError::Version("an earlier"));
    }
    if let Some(table) = tables::forgotten(&tables) {
        return Err(MovingError::Forgotten(table.clone()));
    }
    check_still(source).await?;
    epoch(source).await.map_err(MovingError::Source)
}

async fn check_still(source: &dyn Side) -> Result<(), MovingError> {
    let still = source.texts("SELECT maintenance FROM server WHERE maintenance IS NOT NULL").await;
    if still.map_err(MovingError::Source)?.is_empty() {
        return Err(MovingError::NotStill);
    }
    Ok(())
}

/// Whether this database is a copy that is not whole yet.
pub async fn is_unfinished(side: &dyn Side) -> Result<bool, DbErr> {
    Ok(side.tables().await?.iter().any(|table| table == COPYING))
}

/// Copies everything into a target of the present schema in which nothing is, or goes on with it;
/// then compares everything. In the end the target is whole, and not in maintenance.
pub async fn run(
    (source, target): (&dyn Side, &dyn Side),
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<Moved>, MovingError> {
    let epoch = check_source(source).await?;
    claim(target, &epoch).await?;
    for table in TABLES {
        copy(source, target, table, tell).await?;
    }
    let mut moved = Vec::new();
    for table in TABLES {
        moved.push(compare(source, target, table, tell).await?);
    }
    // What was written after its table had been compared would be lost.
    check_still(source).await?;
    let whole = ["UPDATE server SET maintenance = NULL".to_owned(), format!("DROP TABLE {COPYING}")];
    target.run(&whole).await.map_err(MovingError::Target)?;
    Ok(moved)
}

/// Makes the target a copy that is not whole yet, unless it is that already.
async fn claim(target: &dyn Side, source: &str) -> Result<(), MovingError> {
    if is_unfinished(target).await.map_err(MovingError::Target)? {
        let found = target.texts(&format!("SELECT epoch FROM {COPYING}")).await;
        return match found.map_err(MovingError::Target)?.as_slice() {
            [found] if found == source => Ok(()),
            _ => Err(MovingError::OtherSource),
        };
    }
    if epoch(target).await.map_err(MovingError::Target)? == source {
        return Err(MovingError::Same);
    }
    for table in TABLES.iter().filter(|table| matches!(table.name, "user" | "entry")) {
        if target.count(table).await.map_err(MovingError::Target)? > 0 {
            return Err(MovingError::NotEmpty);
        }
    }
    let mut statements = vec![
        format!("CREATE TABLE {COPYING} (epoch text NOT NULL)"),
        format!("INSERT INTO {COPYING} VALUES ('{source}')"),
    ];
    // What every new database has: a lobby and a row of its own.
    statements.extend(TABLES.iter().rev().map(|table| format!(r#"DELETE FROM "{}""#, table.name)));
    target.run(&statements).await.map_err(MovingError::Target)
}

async fn epoch(side: &dyn Side) -> Result<String, DbErr> {
    let table = TABLES[TABLES.len() - 1];
    let columns = side.columns(&table).await?;
    let row = side.last(&table, &columns).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the server's own row".into()))?;
    let epoch = columns.iter().zip(row).find(|(column, _)| column.name == "epoch");
    Ok(epoch.and_then(|(_, epoch)| epoch.as_str().map(str::to_owned)).unwrap_or_default())
}

/// The columns on both sides, in the same order.
async fn columns(
    source: &dyn Side,
    target: &dyn Side,
    table: &Table,
) -> Result<(Vec<Column>, Vec<Column>), MovingError> {
    let from = source.columns(table).await.map_err(MovingError::Source)?;
    let to = target.columns(table).await.map_err(MovingError::Target)?;
    let same: Option<Vec<Column>> =
        from.iter().map(|one| to.iter().find(|other| other.name == one.name).cloned()).collect();
    Ok((from, same.ok_or(MovingError::Different(table.name))?))
}

/// Copies a table from where the target ends. The next page is read while one is written.
async fn copy(
    source: &dyn Side,
    target: &dyn Side,
    table: &Table,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), MovingError> {
    let (from, to) = columns(source, target, table).await?;
    let of = source.count(table).await.map_err(MovingError::Source)?;
    let mut rows = target.count(table).await.map_err(MovingError::Target)?;
    let last = target.last(table, &to).await.map_err(MovingError::Target)?;
    let mut page = source.page(table, &from, last.as_ref()).await.map_err(MovingError::Source)?;
    while !page.is_empty() {
        let reading = source.page(table, &from, page.last());
        let (written, next) = join(target.insert(table, &to, &page), reading).await;
        written.map_err(MovingError::Target)?;
        rows += page.len() as u64;
        tell(Progress { comparing: false, table: table.name, rows, of });
        page = next.map_err(MovingError::Source)?;
    }
    Ok(())
}

async fn compare(
    source: &dyn Side,
    target: &dyn Side,
    table: &Table,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Moved, MovingError> {
    let (from, to) = columns(source, target, table).await?;
    let of = source.count(table).await.map_err(MovingError::Source)?;
    let (mut here, mut there) = (Sum::default(), Sum::default());
    loop {
        let (more, as_much) =
            try_join(async { here.add(source, table, &from).await.map_err(MovingError::Source) }, async {
                there.add(target, table, &to).await.map_err(MovingError::Target)
            })
            .await?;
        tell(Progress { comparing: true, table: table.name, rows: here.rows, of });
        if !more && !as_much {
            break;
        }
    }
    let (sha256, other) = (here.hash.finalize(), there.hash.finalize());
    if here.rows != there.rows || sha256 != other {
        return Err(MovingError::Different(table.name));
    }
    Ok(Moved { table: table.name, rows: here.rows, sha256: sha256.into() })
}

/// What is known of the rows of a table that were read so far.
#[derive(Default)]
struct Sum {
    last: Option<Row>,
    rows: u64,
    hash: Sha256,
}

impl Sum {
    /// Reads on; whether there was anything.
    async fn add(&mut self, side: &dyn Side, table: &Table, columns: &[Column]) -> Result<bool, DbErr> {
        let page = side.page(table, columns, self.last.as_ref()).await?;
        for row in &page {
            let text = serde_json::to_string(row).map_err(|error| DbErr::Json(error.to_string()))?;
            self.hash.update(text);
            self.hash.update(b"\n");
        }
        self.rows += page.len() as u64;
        let more = !page.is_empty();
        self.last = page.into_iter().next_back().or(self.last.take());
        Ok(more)
    }
}
