use async_trait::async_trait;

use super::Result;
use crate::{AuditEntry, AuditFilter, AuditId};

/// What was done. Nothing of it is ever changed or taken away.
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// The latest of it that the filter leaves, the latest first, from behind the entry `after`.
    async fn audit(
        &self,
        filter: &AuditFilter,
        after: Option<AuditId>,
        limit: u32,
    ) -> Result<Vec<AuditEntry>>;

    /// Writes something down.
    async fn insert_audit(&mut self, entry: &AuditEntry) -> Result<()>;
}
