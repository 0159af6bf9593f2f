use std::sync::Arc;

use super::{AdminError, Administration, Administrator};
use crate::{
    AuditAction, AuditChange, AuditEntry, AuditFilter, AuditId, AuditTarget, Clock, Doer, IdSource, Page,
    PageSize, StoreError, UnitOfWork,
};

/// Writes down what is done, in the unit of work that does it.
pub(crate) struct Scribe {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Scribe {
    pub(crate) fn new(clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { clock, ids }
    }

    pub(crate) async fn note(
        &self,
        work: &mut dyn UnitOfWork,
        doer: Doer,
        action: AuditAction,
        target: Option<AuditTarget>,
        changes: Vec<AuditChange>,
    ) -> Result<(), StoreError> {
        let id = AuditId::from_uuid(self.ids.next_id());
        work.insert_audit(&AuditEntry { id, at: self.clock.now(), doer, action, target, changes }).await
    }
}

impl Administration {
    /// What was done, the latest first.
    pub async fn audit(
        &self,
        by: &Administrator,
        filter: &AuditFilter,
        after: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry>, AdminError> {
        by.authorize()?;
        let found = self.store.audit(filter, after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |entry| entry.id.to_string()))
    }

    /// Writes down that somebody takes the audit log out; to be called before the first of it is
    /// handed over.
    pub async fn export_audit(&self, by: &Administrator) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        self.scribe.note(&mut *work, by.doer(), AuditAction::AuditExported, None, Vec::new()).await?;
        Ok(work.commit().await?)
    }
}
