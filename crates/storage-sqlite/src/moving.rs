//! A database file as the source or the target of a move.

use std::path::Path;
use std::sync::Arc;

use parlor_domain::{Event, EventPublisher};
use parlor_storage::moving::{Side, SqlSide, is_unfinished};
use sea_orm::DbErr;

use crate::backup::connect;
use crate::dialect::Sqlite;
use crate::{OpenError, SqliteOptions, SqliteStore, settings};

/// The database in this file, to read from.
pub async fn source(path: &Path) -> Result<Box<dyn Side>, OpenError> {
    Ok(Box::new(SqlSide::<Sqlite>::new(connect(path, settings::plain(path)).await?)))
}

/// The database in this file, to write to: made and brought to the present schema, unless it is a
/// copy that is not whole yet.
pub async fn target(path: &Path) -> Result<Box<dyn Side>, OpenError> {
    let failed = |error: DbErr| OpenError::from_database(path, error);
    let mut unfinished = false;
    if path.metadata().is_ok_and(|about| about.len() > 0) {
        let side = source(path).await?;
        unfinished = is_unfinished(&*side).await.map_err(failed)?;
        side.close().await.map_err(failed)?;
    }
    if !unfinished {
        let store = SqliteStore::open(path, &SqliteOptions::default(), Arc::new(Nobody)).await?;
        let closed = store.close().await;
        closed.map_err(|error| OpenError::Unreachable { path: path.into(), reason: error.to_string() })?;
    }
    Ok(Box::new(SqlSide::<Sqlite>::new(connect(path, settings::writing(path)).await?)))
}

struct Nobody;

impl EventPublisher for Nobody {
    fn publish(&self, _events: Vec<Event>) {}
}
