use std::net::IpAddr;

use super::management::{append, standing};
use super::{GroupError, Groups};
use crate::{
    Action, Actor, AuditAction, AuditTarget, Doer, EntryKind, Erasure, ErasureId, GroupId, authorize,
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
        append(&mut *work, id.into(), Some(actor.user), vec![EntryKind::Clear], now).await?;
        let erasure = ErasureId::from_uuid(self.ids.next_id());
        work.insert_erasure(&Erasure::below(id.into(), standing.last_seq + 1, erasure, now)).await?;
        let doer = Doer { user: Some(actor.user), address };
        let target = Some(AuditTarget::Group(id));
        self.scribe.note(&mut *work, doer, AuditAction::HistoryCleared, target, Vec::new()).await?;
        work.commit().await?;
        Ok(())
    }
}
