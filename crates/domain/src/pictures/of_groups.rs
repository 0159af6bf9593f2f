use std::sync::Arc;

use super::{MadePicture, PictureError, Pictures};
use crate::groups::append;
use crate::{
    Action, Actor, Denied, EntryKind, Event, Group, GroupId, PictureId, Standing, Timestamp, authorize,
};

impl Pictures {
    /// Gives a group a picture made of this file, which is an entry of its log.
    pub async fn set_for_group(
        &self,
        actor: &Actor,
        id: GroupId,
        file: Vec<u8>,
    ) -> Result<Group, PictureError> {
        // Making it is work; who may not give it is told so before.
        let standing = self.store.standing(id.into(), actor.user).await?;
        allow(actor, Action::Change, standing, self.clock.now())?;
        let made = self.make(file).await?;
        self.replace_for_group(actor, id, Some(made)).await
    }

    /// Takes a group's picture away, which is an entry of its log.
    pub async fn remove_for_group(&self, actor: &Actor, id: GroupId) -> Result<Group, PictureError> {
        self.replace_for_group(actor, id, None).await
    }

    /// The picture of a group that the actor may know of; `None` when it has none.
    pub async fn of_group(&self, actor: &Actor, id: GroupId) -> Result<Option<PictureId>, PictureError> {
        let standing = self.store.standing(id.into(), actor.user).await?;
        allow(actor, Action::Discover, standing, self.clock.now())?;
        Ok(self.store.group(id).await?.and_then(|group| group.picture))
    }

    async fn replace_for_group(
        &self,
        actor: &Actor,
        id: GroupId,
        made: Option<(PictureId, MadePicture, Timestamp)>,
    ) -> Result<Group, PictureError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        work.lock_conversations(&[id.into()]).await?;
        allow(actor, Action::Change, work.standing(id.into(), actor.user).await?, now)?;
        let mut group = work.group(id).await?.ok_or(Denied::NotFound)?;
        let before = group.picture;
        if before.is_none() && made.is_none() {
            return Ok(group);
        }
        if let Some((id, made, now)) = &made {
            work.insert_picture(*id, made, *now).await?;
        }
        group.picture = made.map(|(id, ..)| id);
        work.update_group(&group).await?;
        if let Some(before) = before {
            work.delete_picture(before).await?;
        }
        let kinds = vec![EntryKind::Picture(group.picture)];
        append(&mut *work, id.into(), Some(actor.user), kinds, now).await?;
        work.emit(Event::GroupChanged(Arc::new(group.clone())));
        work.commit().await?;
        Ok(group)
    }
}

/// Whether somebody may do this with a group to which they stand so; a conversation that is not a
/// group's is none.
fn allow(actor: &Actor, action: Action, standing: Option<Standing>, now: Timestamp) -> Result<(), Denied> {
    let standing = standing.filter(|standing| standing.group.is_some()).ok_or(Denied::NotFound)?;
    authorize(actor, action, &standing, now)
}
