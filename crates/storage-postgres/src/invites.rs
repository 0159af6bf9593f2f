//! Invitations on a database that nodes may be running on.

use parlor_domain::Repositories;
use parlor_storage::{Sql, invites};

use crate::OpenError;
use crate::backup::connect;
use crate::dialect::Postgres;

/// The repositories, outside of any unit of work: each write is one by itself. `None` when the
/// schema is of an earlier version, which has no invitations.
pub async fn beside(url: &str) -> Result<Option<Box<dyn Repositories>>, OpenError> {
    let (database, place) = connect(url).await?;
    let known =
        invites::are_known(&database).await.map_err(|error| OpenError::from_database(&place, error))?;
    Ok(known.then(|| Box::new(Sql::<_, Postgres>::new(database)) as _))
}
