//! Maintenance of a database that nodes may be running on.

use parlor_storage::maintenance;
use sea_orm::DbErr;

use crate::OpenError;
use crate::backup::connect;

/// Begins maintenance, with what people get to read, or ends it; `false` when the schema is of an
/// earlier version, which has none.
pub async fn set(url: &str, message: Option<&str>) -> Result<bool, OpenError> {
    let (database, place) = connect(url).await?;
    let failed = |error: DbErr| OpenError::from_database(&place, error);
    let known = maintenance::is_known(&database).await.map_err(failed)?;
    if known {
        maintenance::set(&database, message).await.map_err(failed)?;
    }
    database.close().await.map_err(failed)?;
    Ok(known)
}
