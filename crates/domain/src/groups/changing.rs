use std::sync::Arc;

use super::management::append;
use super::{Group, GroupError, SlowMode, Visibility};
use crate::{Action, EntryKind, Event, GroupDescription, GroupName, Timestamp, UnitOfWork, UserId};

/// What is to change about a group; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChange {
    /// A new name.
    pub name: Option<GroupName>,
    /// A new description.
    pub description: Option<GroupDescription>,
    /// Who may find and join it from now on.
    pub visibility: Option<Visibility>,
    /// Whether only moderators and owners may write from now on.
    pub read_only: Option<bool>,
    /// How long members wait between two messages from now on.
    pub slow_mode: Option<SlowMode>,
    /// Whether it is to be archived, or brought back.
    pub archived: Option<bool>,
}

impl GroupChange {
    /// What somebody must be allowed for this. Bringing a group back comes before changing it.
    pub(crate) fn actions(&self) -> impl Iterator<Item = Action> {
        let archives = self.archived.map(|_| Action::Archive);
        let others = *self != Self { archived: self.archived, ..Self::default() } || self.archived.is_none();
        archives.into_iter().chain(others.then_some(Action::Change))
    }

    fn applied_to(self, group: &Group, now: Timestamp) -> Group {
        let archived_at = match self.archived {
            Some(true) => group.archived_at.or(Some(now)),
            Some(false) => None,
            None => group.archived_at,
        };
        Group {
            archived_at,
            name: self.name.unwrap_or_else(|| group.name.clone()),
            description: self.description.unwrap_or_else(|| group.description.clone()),
            visibility: self.visibility.unwrap_or(group.visibility),
            read_only: self.read_only.unwrap_or(group.read_only),
            slow_mode: self.slow_mode.unwrap_or(group.slow_mode),
            ..group.clone()
        }
    }
}

/// Changes a group, of which a new name, description or visibility is an entry of the log; answers it
/// as it is then.
pub(crate) async fn write_change(
    work: &mut dyn UnitOfWork,
    before: &Group,
    change: GroupChange,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<Group, GroupError> {
    if before.lobby && change.visibility == Some(Visibility::Private) {
        return Err(GroupError::LobbyIsPublic);
    }
    let after = change.applied_to(before, now);
    if after == *before {
        return Ok(after);
    }
    work.update_group(&after).await?;
    let kinds = told(before, &after);
    if !kinds.is_empty() {
        append(work, after.id.into(), actor, kinds, now).await?;
    }
    work.emit(Event::GroupChanged(Arc::new(after.clone())));
    Ok(after)
}

/// What of a change the log tells.
fn told(before: &Group, after: &Group) -> Vec<EntryKind> {
    let renamed = (after.name != before.name).then(|| EntryKind::Rename(after.name.clone()));
    let described =
        (after.description != before.description).then(|| EntryKind::Description(after.description.clone()));
    let shown = (after.visibility != before.visibility).then_some(EntryKind::Visibility(after.visibility));
    let archived = (after.archived_at != before.archived_at).then_some(match after.archived_at {
        Some(_) => EntryKind::Archive,
        None => EntryKind::Unarchive,
    });
    [renamed, described, shown, archived].into_iter().flatten().collect()
}
