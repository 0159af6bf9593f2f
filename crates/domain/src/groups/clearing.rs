use std::net::IpAddr;

use super::management::{append, end_of, standing};
use super::{GroupError, Groups};
use crate::{
    Action, Actor, AuditAction, AuditTarget, Doer, EntryKind, Erasure, ErasureId, GroupId, StoreError,
    Timestamp, UnitOfWork, UserId, authorize,
};

impl Groups {
    /// Clears what was written in a group until now, for everybody; that it was done is an entry of
    /// the log. The messages are erased bit by bit by the [`Housekeeping`](crate::Housekeeping).
    /// It is written down for the admins, with the address it was done from.
    pub async fn clear(&self, actor: &Actor, address: Option<IpAddr>, id: GroupId) -> Result<(), GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Clear, &standing, now)?;
        let erasure = ErasureId::from_uuid(self.ids.next_id());
        begin_clearing(&mut *work, id, erasure, Some(actor.user), now).await?;
        let doer = Doer { user: Some(actor.user), address };
        let target = Some(AuditTarget::Group(id));
        self.scribe.note(&mut *work, doer, AuditAction::HistoryCleared, target, Vec::new()).await?;
        work.commit().await?;
        Ok(())
    }
}

/// Orders that everything is erased that was written in a group until now, and says so in its log.
pub(crate) async fn begin_clearing(
    work: &mut dyn UnitOfWork,
    id: GroupId,
    erasure: ErasureId,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let entries = append(work, id.into(), actor, vec![EntryKind::Clear], now).await?;
    work.insert_erasure(&Erasure::below(id.into(), end_of(&entries), erasure, now)).await
}
