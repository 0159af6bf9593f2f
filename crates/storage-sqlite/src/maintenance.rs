//! Maintenance of a database that a server may be running on, in another process.

use std::path::Path;

use parlor_storage::maintenance;
use sea_orm::DbErr;

use crate::backup::connect;
use crate::{OpenError, settings};

/// Begins maintenance, with what people get to read, or ends it; `false` when the schema is of an
/// earlier version, which has none.
pub async fn set(path: &Path, message: Option<&str>) -> Result<bool, OpenError> {
    let failed = |error: DbErr| OpenError::from_database(path, error);
    let database = connect(path, settings::writing(path)).await?;
    let known = maintenance::is_known(&database).await.map_err(failed)?;
    if known {
        maintenance::set(&database, message).await.map_err(failed)?;
    }
    database.close().await.map_err(failed)?;
    Ok(known)
}
