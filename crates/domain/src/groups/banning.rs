use std::net::IpAddr;

use super::management::{append, require_people, standing};
use super::{Group, GroupError, Groups, MemberRole, Visibility};
use crate::bans::tell_of_end;
use crate::{
    Action, Actor, AuditAction, AuditChange, AuditTarget, Ban, BanFilter, BanId, BanReason, Denied, Doer,
    EntryKind, GroupId, Page, PageSize, Timestamp, UnitOfWork, UserId, authorize,
};

impl Groups {
    /// Shuts somebody out of a group until a moment or, with `None`, for good, in place of any ban
    /// that they have there. A member is put out; nobody can bring them in meanwhile. It is written
    /// down for the admins, with the address it was done from.
    pub async fn ban(
        &self,
        actor: &Actor,
        address: Option<IpAddr>,
        id: GroupId,
        user: UserId,
        reason: BanReason,
        until: Option<Timestamp>,
    ) -> Result<Ban, GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Discover, &standing, now)?;
        let member = work.member(id, user).await?;
        let role = member.as_ref().map_or(MemberRole::Member, |member| member.role);
        authorize(actor, Action::Remove(role), &standing, now)?;
        if user == actor.user {
            return Err(Denied::Forbidden.into());
        }
        if until.is_some_and(|until| until <= now) {
            return Err(GroupError::EndsInThePast);
        }
        require_people(&*work, &[user]).await?;
        for before in work.bans_of(user, Some(id)).await? {
            work.lift_ban(before.id, ended_at(&before, now)).await?;
        }
        let ban = Ban {
            id: BanId::from_uuid(self.ids.next_id()),
            user,
            group: Some(id),
            reason,
            issued_by: Some(actor.user),
            issued_at: now,
            until,
            lifted_at: None,
        };
        work.insert_ban(&ban).await?;
        if let Some(member) = member {
            let owners = work.count_members(id, MemberRole::Owner).await?;
            if member.role == MemberRole::Owner && owners == 1 {
                return Err(GroupError::LastOwner);
            }
            append(&mut *work, id.into(), Some(actor.user), vec![EntryKind::Removal(user)], now).await?;
            work.delete_member(id.into(), user).await?;
        }
        let doer = Doer { user: Some(actor.user), address };
        self.note_ban(&mut *work, doer, AuditAction::BannedFromGroup, &ban).await?;
        work.commit().await?;
        Ok(ban)
    }

    /// Lets somebody come in again before their ban ends, and tells them so.
    pub async fn lift_ban(
        &self,
        actor: &Actor,
        address: Option<IpAddr>,
        id: GroupId,
        user: UserId,
    ) -> Result<(), GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Remove(MemberRole::Member), &standing, now)?;
        let bans = work.bans_of(user, Some(id)).await?;
        let active = bans.into_iter().find(|ban| ban.is_active(now)).ok_or(GroupError::NotBannedThere)?;
        work.lift_ban(active.id, now).await?;
        tell_of_end(&mut *work, &active, Some(actor.user), now, self.policy.notifications_kept).await?;
        let doer = Doer { user: Some(actor.user), address };
        self.note_ban(&mut *work, doer, AuditAction::GroupBanLifted, &active).await?;
        work.commit().await?;
        Ok(())
    }

    /// Who is, or was, shut out of a group, the latest first: for those who may do that.
    pub async fn bans(
        &self,
        actor: &Actor,
        id: GroupId,
        active: Option<bool>,
        after: Option<BanId>,
        size: PageSize,
    ) -> Result<Page<Ban>, GroupError> {
        self.require(actor, id, Action::Remove(MemberRole::Member)).await?;
        let filter = BanFilter { group: Some(id), user: None, active };
        let found = self.store.list_bans(&filter, self.clock.now(), after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |ban| ban.id.to_string()))
    }

    async fn note_ban(
        &self,
        work: &mut dyn UnitOfWork,
        doer: Doer,
        action: AuditAction,
        ban: &Ban,
    ) -> Result<(), GroupError> {
        let group = match ban.group {
            Some(id) => work.group(id).await?.ok_or(Denied::NotFound)?,
            None => return Ok(()),
        };
        let changes = told_of(&group, ban, action == AuditAction::BannedFromGroup);
        Ok(self.scribe.note(work, doer, action, Some(AuditTarget::User(ban.user)), changes).await?)
    }
}

/// What the admins learn of a ban from a group: of a private group neither its name nor the reason,
/// which is told among its own people.
fn told_of(group: &Group, ban: &Ban, begins: bool) -> Vec<AuditChange> {
    let id = group.id.to_string();
    let (name, reason) = match group.visibility {
        Visibility::Public => (Some(group.name.as_str()), Some(ban.reason.as_str())),
        Visibility::Private => (None, None),
    };
    let text = |field, value| {
        if begins {
            AuditChange::of_text(field, None, value)
        } else {
            AuditChange::of_text(field, value, None)
        }
    };
    let until = if begins {
        AuditChange::of_moment("until", None, ban.until)
    } else {
        AuditChange::of_moment("until", ban.until, None)
    };
    [text("group", Some(&id)), text("name", name), text("reason", reason), until]
        .into_iter()
        .flatten()
        .collect()
}

/// When a ban that is replaced at `now` was over: at its own end, when that has come.
fn ended_at(ban: &Ban, now: Timestamp) -> Timestamp {
    ban.until.map_or(now, |until| until.min(now))
}

/// Refuses somebody whom a ban keeps out of a group: with the ban, when they ask themselves.
pub(super) async fn require_not_banned(
    work: &dyn UnitOfWork,
    id: GroupId,
    user: UserId,
    actor: UserId,
    now: Timestamp,
) -> Result<(), GroupError> {
    let bans = work.bans_of(user, Some(id)).await?;
    match bans.into_iter().find(|ban| ban.is_active(now)) {
        None => Ok(()),
        Some(ban) if user == actor => Err(GroupError::Banned(Box::new(ban))),
        Some(_) => Err(GroupError::BannedThere(user)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn ban(until: Option<i64>) -> Ban {
        Ban {
            id: BanId::from_uuid(Uuid::nil()),
            user: UserId::from_uuid(Uuid::nil()),
            group: Some(GroupId::from_uuid(Uuid::nil())),
            reason: BanReason::parse("spam").unwrap(),
            issued_by: None,
            issued_at: Timestamp::from_millis(0),
            until: until.map(Timestamp::from_millis),
            lifted_at: None,
        }
    }

    #[test]
    fn a_ban_that_is_replaced_was_over_at_its_own_end_or_is_over_now() {
        let now = Timestamp::from_millis(10);
        assert_eq!(ended_at(&ban(Some(5)), now), Timestamp::from_millis(5));
        assert_eq!(ended_at(&ban(Some(50)), now), now);
        assert_eq!(ended_at(&ban(None), now), now);
    }
}
