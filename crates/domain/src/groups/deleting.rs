use super::management::{append, standing};
use super::{GroupError, Groups};
use crate::{Action, Actor, EntryKind, GroupId, authorize};

impl Groups {
    /// Deletes a group. From this moment nobody is in it or finds it; what was written there is
    /// erased by the [`Housekeeping`](crate::Housekeeping).
    pub async fn delete(&self, actor: &Actor, id: GroupId) -> Result<(), GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Delete, &standing, now)?;
        append(&mut *work, id.into(), Some(actor.user), vec![EntryKind::GroupDeletion], now).await?;
        let picture = work.group(id).await?.and_then(|group| group.picture);
        work.delete_group(id, now).await?;
        if let Some(picture) = picture {
            work.delete_picture(picture).await?;
        }
        work.commit().await?;
        Ok(())
    }
}
