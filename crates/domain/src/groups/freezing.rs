use super::{GroupError, Groups};
use crate::{Action, Actor, BanReason, GroupId, Timestamp};

/// An admin froze a group: for a while nobody writes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Why, as those who lead the group are told.
    pub reason: BanReason,
    /// Since when.
    pub at: Timestamp,
}

impl Groups {
    /// Why a group is frozen: for those who lead it.
    pub async fn freeze_of(&self, actor: &Actor, id: GroupId) -> Result<Freeze, GroupError> {
        self.require(actor, id, Action::LearnWhyFrozen).await?;
        let group = self.store.group(id).await?;
        group.and_then(|group| group.freeze).ok_or(GroupError::NotFrozen)
    }
}
