use std::net::IpAddr;

use super::management::{append, standing};
use super::{Group, GroupError, Groups, Visibility};
use crate::{
    Action, Actor, AuditAction, AuditChange, AuditTarget, Denied, Doer, EntryKind, GroupId, authorize,
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
        append(&mut *work, id.into(), Some(actor.user), vec![EntryKind::GroupDeletion], now).await?;
        let group = work.group(id).await?.ok_or(Denied::NotFound)?;
        work.delete_group(id, now).await?;
        if let Some(picture) = group.picture {
            work.delete_picture(picture).await?;
        }
        let doer = Doer { user: Some(actor.user), address };
        let (action, target) = (AuditAction::GroupDeleted, Some(AuditTarget::Group(id)));
        self.scribe.note(&mut *work, doer, action, target, told_of(&group)).await?;
        work.commit().await?;
        Ok(())
    }
}

/// What the admins learn of a group that is gone: nothing of a private one but that there was one.
fn told_of(group: &Group) -> Vec<AuditChange> {
    let name = (group.visibility == Visibility::Public).then_some(group.name.as_str());
    AuditChange::of_text("name", name, None).into_iter().collect()
}
