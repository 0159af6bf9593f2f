//! Invitations on a database that a server may be running on, in another process.

use std::path::Path;

use parlor_domain::Repositories;
use parlor_storage::{Sql, invites};

use crate::backup::connect;
use crate::dialect::Sqlite;
use crate::{OpenError, settings};

/// The repositories, outside of any unit of work: each write is one by itself. `None` when the
/// schema is of an earlier version, which has no invitations.
pub async fn beside(path: &Path) -> Result<Option<Box<dyn Repositories>>, OpenError> {
    let database = connect(path, settings::writing(path)).await?;
    let known = invites::are_known(&database).await.map_err(|error| OpenError::from_database(path, error))?;
    Ok(known.then(|| Box::new(Sql::<_, Sqlite>::new(database)) as _))
}
