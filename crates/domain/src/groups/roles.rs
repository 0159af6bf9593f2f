use super::management::{append, standing};
use super::{GroupError, Groups, Member, MemberRole};
use crate::notifications::tell_of_entries;
use crate::{Action, Actor, Denied, EntryKind, GroupId, Standing, Timestamp, UnitOfWork, UserId, authorize};

/// A member whom the unit of work has to itself, with the whole group.
struct Held {
    work: Box<dyn UnitOfWork>,
    standing: Standing,
    member: Member,
    now: Timestamp,
}

impl Groups {
    /// Gives a member another role. With `hand_over` the actor, an owner, becomes a moderator in the
    /// same moment, so that a group goes into other hands without ever having none.
    pub async fn set_role(
        &self,
        actor: &Actor,
        id: GroupId,
        user: UserId,
        role: MemberRole,
        hand_over: bool,
    ) -> Result<Member, GroupError> {
        let mut held = self.hold_member(actor, id, user).await?;
        let before = held.member.role;
        let steps_down = user == actor.user && role <= before;
        let action = if steps_down { Action::StepDown } else { Action::SetRole(before, role) };
        authorize(actor, action, &held.standing, held.now)?;
        let owns = held.standing.role == Some(MemberRole::Owner);
        if hand_over && (!owns || role != MemberRole::Owner || user == actor.user) {
            return Err(GroupError::NothingToHandOver);
        }
        let mut changes = vec![(user, before, role)];
        if hand_over {
            changes.push((actor.user, MemberRole::Owner, MemberRole::Moderator));
        }
        changes.retain(|(_, before, after)| before != after);
        for (user, before, after) in &changes {
            // The lobby belongs to the admins and needs no owner.
            let is_lobby = held.standing.group.is_some_and(|group| group.lobby);
            if *before == MemberRole::Owner
                && !is_lobby
                && held.work.count_members(id, MemberRole::Owner).await? == 1
            {
                return Err(GroupError::LastOwner);
            }
            held.work.set_role(id, *user, *after).await?;
        }
        let kinds = changes.into_iter().map(|(user, _, after)| EntryKind::Role(user, after)).collect();
        self.finish(held, actor, id, kinds).await
    }

    /// Keeps a member from writing until a moment; they go on reading. It ends by itself.
    pub async fn mute(
        &self,
        actor: &Actor,
        id: GroupId,
        user: UserId,
        until: Timestamp,
    ) -> Result<Member, GroupError> {
        let mut held = self.hold_member(actor, id, user).await?;
        authorize(actor, Action::Mute(held.member.role), &held.standing, held.now)?;
        if until <= held.now {
            return Err(GroupError::EndsInThePast);
        }
        let mut kinds = Vec::new();
        if held.member.muted_until != Some(until) {
            held.work.set_mute(id, user, Some(until)).await?;
            kinds.push(EntryKind::Mute(user, until));
        }
        self.finish(held, actor, id, kinds).await
    }

    /// Lets a member write again before it ends by itself.
    pub async fn unmute(&self, actor: &Actor, id: GroupId, user: UserId) -> Result<Member, GroupError> {
        let mut held = self.hold_member(actor, id, user).await?;
        authorize(actor, Action::Mute(held.member.role), &held.standing, held.now)?;
        let mut kinds = Vec::new();
        if held.member.muted_until.is_some_and(|until| held.now < until) {
            held.work.set_mute(id, user, None).await?;
            kinds.push(EntryKind::Unmute(user));
        }
        self.finish(held, actor, id, kinds).await
    }

    async fn hold_member(&self, actor: &Actor, id: GroupId, user: UserId) -> Result<Held, GroupError> {
        let now = self.clock.now();
        let work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Discover, &standing, now)?;
        let member = work.member(id, user).await?.ok_or(Denied::NotFound)?;
        Ok(Held { work, standing, member, now })
    }

    /// Writes what was done, if anything was, and answers the member as they are then.
    async fn finish(
        &self,
        mut held: Held,
        actor: &Actor,
        id: GroupId,
        kinds: Vec<EntryKind>,
    ) -> Result<Member, GroupError> {
        if kinds.is_empty() {
            return Ok(held.member);
        }
        let entries = append(&mut *held.work, id.into(), Some(actor.user), kinds, held.now).await?;
        tell_of_entries(&mut *held.work, &entries, self.policy.notifications_kept).await?;
        let member = held.work.member(id, held.member.user.id).await?.ok_or(Denied::NotFound)?;
        held.work.commit().await?;
        Ok(member)
    }
}
