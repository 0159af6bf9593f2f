use std::net::IpAddr;

use super::management::{append, standing};
use super::{Group, GroupError, Groups, Visibility};
use crate::{
    Action, Actor, AuditAction, AuditChange, AuditTarget, Denied, Doer, EntryKind, GroupId, StoreError,
    Timestamp, UnitOfWork, UserId, authorize,
};

impl Groups {
    /// Deletes a group. From this moment nobody is in it or finds it; what was written there is
    /// erased by the [`Housekeeping`](crate::Housekeeping). It is written down for the admins, with
    /// the address it was done from.
    pub async fn delete(
        &self,
        actor: &Actor,
        address: Option<IpAddr>,
        id: GroupId,
    ) -> Result<(), GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Delete, &standing, now)?;
        let group = work.group(id).await?.ok_or(Denied::NotFound)?;
        retire(&mut *work, &group, Some(actor.user), now).await?;
        let doer = Doer { user: Some(actor.user), address };
        let (action, target) = (AuditAction::GroupDeleted, Some(AuditTarget::Group(id)));
        self.scribe.note(&mut *work, doer, action, target, told_of(&group)).await?;
        work.commit().await?;
        Ok(())
    }
}

/// Takes a group from everybody, with its picture. What was written there is erased bit by bit.
pub(crate) async fn retire(
    work: &mut dyn UnitOfWork,
    group: &Group,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    append(work, group.id.into(), actor, vec![EntryKind::GroupDeletion], now).await?;
    work.delete_group(group.id, now).await?;
    if let Some(picture) = group.picture {
        work.delete_picture(picture).await?;
    }
    Ok(())
}

/// What the admins learn of a group that is gone: nothing of a private one but that there was one.
fn told_of(group: &Group) -> Vec<AuditChange> {
    let name = (group.visibility == Visibility::Public).then_some(group.name.as_str());
    AuditChange::of_text("name", name, None).into_iter().collect()
}
