//! A database on a PostgreSQL as the source or the target of a move.

use std::sync::Arc;

use parlor_domain::{Event, EventPublisher};
use parlor_storage::moving::{Side, SqlSide, is_unfinished};
use sea_orm::DbErr;

use crate::backup::connect_with;
use crate::dialect::Postgres;
use crate::{OpenError, PostgresOptions, PostgresStore};

/// Every page is read by the primary key. The planner, which knows nothing of rows that came in
/// just now, would sort the whole table instead. What it is forbidden counts as very expensive, and
/// without the last setting each such query would be compiled first, for half a second and more.
const PLANS: [(&str, &str); 4] =
    [("enable_seqscan", "off"), ("enable_bitmapscan", "off"), ("enable_sort", "off"), ("jit", "off")];

/// The database at this address, to read from.
pub async fn source(url: &str) -> Result<Box<dyn Side>, OpenError> {
    let (database, _) = connect_with(url, &PLANS).await?;
    Ok(Box::new(SqlSide::<Postgres>::new(database)))
}

/// The database at this address, to write to: brought to the present schema, unless it is a copy
/// that is not whole yet.
pub async fn target(url: &str) -> Result<Box<dyn Side>, OpenError> {
    let (database, place) = connect_with(url, &PLANS).await?;
    let side = SqlSide::<Postgres>::new(database);
    let unfinished = is_unfinished(&side).await;
    if !unfinished.map_err(|error: DbErr| OpenError::from_database(&place, error))? {
        let store = PostgresStore::open(url, &PostgresOptions::default(), Arc::new(Nobody)).await?;
        let closed = store.close().await;
        closed.map_err(|error| OpenError::Unreachable { place: place.clone(), reason: error.to_string() })?;
    }
    Ok(Box::new(side))
}

struct Nobody;

impl EventPublisher for Nobody {
    fn publish(&self, _events: Vec<Event>) {}
}
