use std::sync::Arc;

use super::{AdminError, Administration, Administrator};
use crate::groups::append;
use crate::{
    AuditAction, AuditChange, BanReason, EntryKind, Event, Freeze, Group, GroupError, GroupId, ManagedGroup,
    UnitOfWork,
};

impl Administration {
    /// Freezes a group: nobody writes there until an admin lifts it, and those who lead the group are
    /// told why. One that is frozen gets the new reason. The entry in the log names nobody.
    pub async fn freeze(
        &self,
        by: &Administrator,
        id: GroupId,
        reason: BanReason,
    ) -> Result<ManagedGroup, AdminError> {
        let now = self.clock.now();
        let (work, before) = self.begin_with(by, id).await?;
        let at = before.freeze.as_ref().map_or(now, |freeze| freeze.at);
        self.set_freeze(work, by, &before, Some(Freeze { reason, at })).await
    }

    /// Lets people write in a frozen group again.
    pub async fn unfreeze(&self, by: &Administrator, id: GroupId) -> Result<ManagedGroup, AdminError> {
        let (work, before) = self.begin_with(by, id).await?;
        if before.freeze.is_none() {
            return Err(GroupError::NotFrozen.into());
        }
        self.set_freeze(work, by, &before, None).await
    }

    async fn set_freeze(
        &self,
        mut work: Box<dyn UnitOfWork>,
        by: &Administrator,
        before: &Group,
        freeze: Option<Freeze>,
    ) -> Result<ManagedGroup, AdminError> {
        let after = Group { freeze, ..before.clone() };
        let (kind, action) = match after.freeze {
            Some(_) => (EntryKind::Freeze, AuditAction::GroupFrozen),
            None => (EntryKind::Unfreeze, AuditAction::GroupUnfrozen),
        };
        work.update_group(&after).await?;
        if before.freeze.is_some() != after.freeze.is_some() {
            append(&mut *work, after.id.into(), None, vec![kind], self.clock.now()).await?;
        }
        let reason = |group: &Group| group.freeze.as_ref().map(|freeze| freeze.reason.to_string());
        let changed = AuditChange::of_text("reason", reason(before).as_deref(), reason(&after).as_deref());
        let id = after.id;
        work.emit(Event::GroupChanged(Arc::new(after)));
        self.finish(work, by, id, action, changed.into_iter().collect()).await
    }
}
