use super::{AdminError, Administration, Administrator};
use crate::groups::{append, begin_clearing, retire, take_out, write_change};
use crate::notifications::tell_of_entries;
use crate::{
    Action, AuditAction, AuditChange, AuditTarget, Denied, EntryKind, ErasureId, Group, GroupChange, GroupId,
    ManagedGroup, ManagedGroupFilter, Member, MemberRole, Page, PageSize, UnitOfWork, UserId, Visibility,
    oversee,
};

impl Administration {
    /// All groups but deleted ones, private ones too.
    pub async fn groups(
        &self,
        by: &Administrator,
        filter: &ManagedGroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ManagedGroup>, AdminError> {
        by.authorize()?;
        Ok(self.store.list_managed_groups(filter, after, size).await?)
    }

    /// One group.
    pub async fn group(&self, by: &Administrator, id: GroupId) -> Result<ManagedGroup, AdminError> {
        by.authorize()?;
        Ok(self.store.managed_group(id).await?.ok_or(Denied::NotFound)?)
    }

    /// Who is in a group, by username.
    pub async fn group_members(
        &self,
        by: &Administrator,
        id: GroupId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Member>, AdminError> {
        let found = self.group(by, id).await?;
        oversee(Action::Discover, &found.group)?;
        Ok(self.store.list_members(id, after, size).await?)
    }

    /// Changes a group, as one of its owners does.
    pub async fn change_group(
        &self,
        by: &Administrator,
        id: GroupId,
        change: GroupChange,
    ) -> Result<ManagedGroup, AdminError> {
        let (mut work, before) = self.begin_with(by, id).await?;
        for action in change.actions() {
            oversee(action, &before)?;
        }
        let after = write_change(&mut *work, &before, change, by.doer().user, self.clock.now()).await?;
        self.finish(work, by, id, AuditAction::GroupChanged, differences(&before, &after)).await
    }

    /// Makes a member the only owner of a group. Whoever owned it before becomes a moderator.
    pub async fn set_owner(
        &self,
        by: &Administrator,
        id: GroupId,
        user: UserId,
    ) -> Result<ManagedGroup, AdminError> {
        let (mut work, group) = self.begin_with(by, id).await?;
        let member = work.member(id, user).await?.ok_or(AdminError::NotInGroup)?;
        oversee(Action::SetRole(member.role, MemberRole::Owner), &group)?;
        if member.user.bot {
            return Err(AdminError::IsBot);
        }
        let owners = work.owners(id).await?;
        let mut changes = Vec::new();
        if member.role != MemberRole::Owner {
            changes.push((user, MemberRole::Owner));
        }
        changes
            .extend(owners.iter().filter(|owner| **owner != user).map(|one| (*one, MemberRole::Moderator)));
        for (whom, role) in &changes {
            work.set_role(id, *whom, *role).await?;
        }
        if !changes.is_empty() {
            let kinds = changes.into_iter().map(|(whom, role)| EntryKind::Role(whom, role)).collect();
            let now = self.clock.now();
            let entries = append(&mut *work, id.into(), by.doer().user, kinds, now).await?;
            tell_of_entries(&mut *work, &entries, self.notifications_kept).await?;
        }
        let before: Vec<_> = owners.iter().map(ToString::to_string).collect();
        let before = (!before.is_empty()).then(|| before.join(", "));
        let passed = AuditChange::of_text("owner", before.as_deref(), Some(&user.to_string()));
        self.finish(work, by, id, AuditAction::GroupChanged, passed.into_iter().collect()).await
    }

    /// Takes somebody out of a group.
    pub async fn remove_from_group(
        &self,
        by: &Administrator,
        id: GroupId,
        user: UserId,
    ) -> Result<ManagedGroup, AdminError> {
        let (mut work, group) = self.begin_with(by, id).await?;
        let member = work.member(id, user).await?.ok_or(AdminError::NotInGroup)?;
        oversee(Action::Remove(member.role), &group)?;
        let kind = if by.is(user) { EntryKind::Leave(user) } else { EntryKind::Removal(user) };
        take_out(&mut *work, id, &member, kind, by.doer().user, self.clock.now()).await?;
        let changed = AuditChange::of_text("member", Some(&user.to_string()), None);
        self.finish(work, by, id, AuditAction::MemberRemoved, changed.into_iter().collect()).await
    }

    /// Clears what was written in a group until now, for everybody. It is erased bit by bit.
    pub async fn clear_group(&self, by: &Administrator, id: GroupId) -> Result<(), AdminError> {
        self.confirmed(by).await?;
        let (mut work, group) = self.begin_with(by, id).await?;
        oversee(Action::Clear, &group)?;
        let erasure = ErasureId::from_uuid(self.ids.next_id());
        begin_clearing(&mut *work, id, erasure, by.doer().user, self.clock.now()).await?;
        self.finish(work, by, id, AuditAction::HistoryCleared, Vec::new()).await.map(drop)
    }

    /// Deletes a group. From this moment nobody is in it or finds it; what was written there is
    /// erased bit by bit.
    pub async fn delete_group(&self, by: &Administrator, id: GroupId) -> Result<(), AdminError> {
        self.confirmed(by).await?;
        let (mut work, group) = self.begin_with(by, id).await?;
        oversee(Action::Delete, &group)?;
        retire(&mut *work, &group, by.doer().user, self.clock.now()).await?;
        let name = AuditChange::of_text("name", Some(group.name.as_str()), None);
        let target = Some(AuditTarget::Group(id));
        let changes = name.into_iter().collect();
        self.scribe.note(&mut *work, by.doer(), AuditAction::GroupDeleted, target, changes).await?;
        Ok(work.commit().await?)
    }

    /// Begins something with a group, which nobody else changes meanwhile.
    pub(super) async fn begin_with(
        &self,
        by: &Administrator,
        id: GroupId,
    ) -> Result<(Box<dyn UnitOfWork>, Group), AdminError> {
        let mut work = self.begin(by).await?;
        work.lock_conversations(&[id.into()]).await?;
        let found = work.managed_group(id).await?.ok_or(Denied::NotFound)?;
        oversee(Action::Discover, &found.group)?;
        Ok((work, found.group))
    }

    /// Writes down what was done with a group, and answers the group as it is then.
    pub(super) async fn finish(
        &self,
        mut work: Box<dyn UnitOfWork>,
        by: &Administrator,
        id: GroupId,
        action: AuditAction,
        changes: Vec<AuditChange>,
    ) -> Result<ManagedGroup, AdminError> {
        let target = Some(AuditTarget::Group(id));
        self.scribe.note(&mut *work, by.doer(), action, target, changes).await?;
        let after = work.managed_group(id).await?.ok_or(Denied::NotFound)?;
        work.commit().await?;
        Ok(after)
    }
}

/// What is different about a group.
fn differences(before: &Group, after: &Group) -> Vec<AuditChange> {
    let word = |group: &Group| match group.visibility {
        Visibility::Public => "public",
        Visibility::Private => "private",
    };
    let changes = [
        AuditChange::of_text("name", Some(before.name.as_str()), Some(after.name.as_str())),
        AuditChange::of_text("visibility", Some(word(before)), Some(word(after))),
        AuditChange::of_moment("archived_at", before.archived_at, after.archived_at),
    ];
    changes.into_iter().flatten().collect()
}
