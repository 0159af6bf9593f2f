use std::sync::Arc;

use super::banning::require_not_banned;
use super::changing::{GroupChange, write_change};
use super::{Group, GroupError, GroupFilter, GroupListing, Member, MemberRole, NewGroup, Visibility};
use crate::administration::Scribe;
use crate::notifications::tell_of_entries;
use crate::{
    Action, Actor, Clock, ConversationId, Denied, Entry, EntryKind, Event, GroupDescription, GroupId,
    GroupName, IdSource, Membership, NewConversation, Page, PageSize, Standing, Store, StoreError, Timestamp,
    UnitOfWork, UserId, authorize,
};

/// How large groups may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupsPolicy {
    /// The most members of a group; the lobby has no bound.
    pub max_members: u64,
    /// How many notifications are kept of each person; beyond that the oldest go.
    pub notifications_kept: u32,
}

/// Making groups, and who is in them.
pub struct Groups {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn IdSource>,
    pub(super) scribe: Scribe,
    pub(super) policy: GroupsPolicy,
}

impl Groups {
    /// Groups kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        policy: GroupsPolicy,
    ) -> Self {
        let scribe = Scribe::new(clock.clone(), ids.clone());
        Self { store, clock, ids, scribe, policy }
    }

    /// Makes a group of the actor, who owns it, and these people.
    pub async fn create(
        &self,
        actor: &Actor,
        name: GroupName,
        description: GroupDescription,
        visibility: Visibility,
        people: &[UserId],
    ) -> Result<Group, GroupError> {
        let id = GroupId::from_uuid(self.ids.next_id());
        let now = self.clock.now();
        let mut others: Vec<UserId> = people.iter().copied().filter(|user| *user != actor.user).collect();
        others.sort_unstable();
        others.dedup();
        if others.len() as u64 >= self.policy.max_members {
            return Err(GroupError::Full { max: self.policy.max_members });
        }

        let mut work = self.store.begin().await?;
        let maker = work.user(actor.user).await?.ok_or(Denied::NotFound)?;
        if let Some(mute) = maker.active_mute(now) {
            return Err(Denied::Muted(mute.until).into());
        }
        require_people(&*work, &others).await?;
        require_unblocked(&*work, actor, &others).await?;
        work.insert_conversation(&NewConversation { id: id.into(), direct: None, created_at: now }).await?;
        let created_by = Some(actor.user);
        work.insert_group(&NewGroup {
            id,
            name,
            description,
            visibility,
            lobby: false,
            created_by,
            created_at: now,
        })
        .await?;
        let mut members = vec![Membership::new(id.into(), actor.user, MemberRole::Owner, 0, now)];
        members
            .extend(others.iter().map(|user| Membership::new(id.into(), *user, MemberRole::Member, 0, now)));
        work.insert_members(&members).await?;
        let joins = members.iter().map(|member| EntryKind::Join(member.user)).collect();
        let entries = append(&mut *work, id.into(), Some(actor.user), joins, now).await?;
        tell_of_entries(&mut *work, &entries, self.policy.notifications_kept).await?;
        let group = work.group(id).await?.ok_or(Denied::NotFound)?;
        work.commit().await?;
        Ok(group)
    }

    /// Public groups, as the actor sees them.
    pub async fn list(
        &self,
        actor: &Actor,
        filter: &GroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<GroupListing>, StoreError> {
        self.store.list_groups(actor.user, filter, after, size).await
    }

    /// A group that is public or that the actor is in.
    pub async fn one(&self, actor: &Actor, id: GroupId) -> Result<Group, GroupError> {
        self.require(actor, id, Action::Discover).await?;
        Ok(self.store.group(id).await?.ok_or(Denied::NotFound)?)
    }

    /// Who is in a group, by username.
    pub async fn members(
        &self,
        actor: &Actor,
        id: GroupId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Member>, GroupError> {
        self.require(actor, id, Action::Read).await?;
        Ok(self.store.list_members(id, after, size).await?)
    }

    /// Changes a group. A new name, description or visibility is an entry of the log.
    pub async fn change(&self, actor: &Actor, id: GroupId, change: GroupChange) -> Result<Group, GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        for action in change.actions() {
            authorize(actor, action, &standing, now)?;
        }
        let before = work.group(id).await?.ok_or(Denied::NotFound)?;
        let after = write_change(&mut *work, &before, change, Some(actor.user), now).await?;
        work.commit().await?;
        Ok(after)
    }

    /// Brings somebody in: the actor themselves (join) or somebody else (invite). Answers the
    /// member, and whether they came in just now.
    pub async fn add(&self, actor: &Actor, id: GroupId, user: UserId) -> Result<(Member, bool), GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        // Being in already is fine, but only for one who may know of the group.
        authorize(actor, Action::Discover, &standing, now)?;
        if let Some(member) = work.member(id, user).await? {
            return Ok((member, false));
        }
        let action = if user == actor.user { Action::Join } else { Action::Invite };
        if action == Action::Join {
            require_not_banned(&*work, id, user, user, now).await?;
        }
        authorize(actor, action, &standing, now)?;
        require_people(&*work, &[user]).await?;
        require_unblocked(&*work, actor, &[user]).await?;
        let member = admit(&mut *work, id, user, actor.user, self.policy, now).await?;
        work.commit().await?;
        Ok((member, true))
    }

    /// Takes somebody out: the actor themselves (leave) or somebody else (remove).
    pub async fn remove(&self, actor: &Actor, id: GroupId, user: UserId) -> Result<(), GroupError> {
        let now = self.clock.now();
        let mut work = self.begin_with(id).await?;
        let standing = standing(&*work, actor, id).await?;
        authorize(actor, Action::Discover, &standing, now)?;
        let member = work.member(id, user).await?.ok_or(Denied::NotFound)?;
        let (action, kind) = if user == actor.user {
            (Action::Leave, EntryKind::Leave(user))
        } else {
            (Action::Remove(member.role), EntryKind::Removal(user))
        };
        authorize(actor, action, &standing, now)?;
        take_out(&mut *work, id, &member, kind, Some(actor.user), now).await?;
        work.commit().await?;
        Ok(())
    }

    /// A unit of work that has the group to itself, so that what it decides stays right until it
    /// commits: of two owners who leave at once the second one sees that they are the last.
    pub(super) async fn begin_with(&self, id: GroupId) -> Result<Box<dyn UnitOfWork>, StoreError> {
        let mut work = self.store.begin().await?;
        work.lock_conversations(&[id.into()]).await?;
        Ok(work)
    }

    pub(super) async fn require(&self, actor: &Actor, id: GroupId, action: Action) -> Result<(), GroupError> {
        let standing = self.store.standing(id.into(), actor.user).await?;
        let standing = standing.filter(|standing| standing.group.is_some()).ok_or(Denied::NotFound)?;
        Ok(authorize(actor, action, &standing, self.clock.now())?)
    }
}

/// Refuses people who blocked the actor.
async fn require_unblocked(
    work: &dyn UnitOfWork,
    actor: &Actor,
    people: &[UserId],
) -> Result<(), GroupError> {
    if people.is_empty() || people == [actor.user] {
        return Ok(());
    }
    let blocked_by = work.viewer(actor.user).await?.blocked_by;
    let refused = people.iter().find(|user| blocked_by.contains(user));
    refused.map_or(Ok(()), |user| Err(GroupError::NotToBeAdded(*user)))
}

/// Makes somebody a member, unless they are banned there or the group is full.
pub(super) async fn admit(
    work: &mut dyn UnitOfWork,
    id: GroupId,
    user: UserId,
    actor: UserId,
    policy: GroupsPolicy,
    now: Timestamp,
) -> Result<Member, GroupError> {
    require_not_banned(work, id, user, actor, now).await?;
    if work.standing(id.into(), user).await?.is_some_and(|newcomer| newcomer.is_banned(now)) {
        return Err(Denied::Forbidden.into());
    }
    let entries = append(work, id.into(), Some(actor), vec![EntryKind::Join(user)], now).await?;
    let group = work.group(id).await?.ok_or(Denied::NotFound)?;
    if group.member_count >= policy.max_members {
        return Err(GroupError::Full { max: policy.max_members });
    }
    let seq = end_of(&entries);
    work.insert_members(&[Membership::new(id.into(), user, MemberRole::Member, seq, now)]).await?;
    tell_of_entries(work, &entries, policy.notifications_kept).await?;
    Ok(work.member(id, user).await?.ok_or(Denied::NotFound)?)
}

/// Takes a member out, which `kind` says in the log. The last owner stays while others do.
pub(crate) async fn take_out(
    work: &mut dyn UnitOfWork,
    id: GroupId,
    member: &Member,
    kind: EntryKind,
    actor: Option<UserId>,
    now: Timestamp,
) -> Result<(), GroupError> {
    append(work, id.into(), actor, vec![kind], now).await?;
    let group = work.group(id).await?.ok_or(Denied::NotFound)?;
    let last_owner =
        member.role == MemberRole::Owner && work.count_members(id, MemberRole::Owner).await? == 1;
    if last_owner && group.member_count > 1 {
        return Err(GroupError::LastOwner);
    }
    work.delete_member(id.into(), member.user.id).await?;
    Ok(())
}

/// Makes the lobby's newcomer a member, in the unit of work that makes their account.
pub(crate) async fn join_lobby(
    work: &mut dyn UnitOfWork,
    user: UserId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(lobby) = work.lobby().await? else { return Ok(()) };
    let entries = append(work, lobby.id.into(), Some(user), vec![EntryKind::Join(user)], now).await?;
    let seq = end_of(&entries);
    work.insert_members(&[Membership::new(lobby.id.into(), user, MemberRole::Member, seq, now)]).await
}

/// How the actor stands to a group; a conversation that is not a group's is none.
pub(super) async fn standing(
    work: &dyn UnitOfWork,
    actor: &Actor,
    id: GroupId,
) -> Result<Standing, GroupError> {
    let standing = work.standing(id.into(), actor.user).await?;
    Ok(standing.filter(|standing| standing.group.is_some()).ok_or(Denied::NotFound)?)
}

pub(super) async fn require_people(work: &dyn UnitOfWork, people: &[UserId]) -> Result<(), GroupError> {
    let found = work.users(people).await?;
    let missing = people.iter().find(|id| !found.iter().any(|user| user.id == **id && user.is_active()));
    missing.map_or(Ok(()), |id| Err(GroupError::NoSuchUser(*id)))
}

/// The place of the last of these entries.
pub(super) fn end_of(entries: &[Arc<Entry>]) -> u64 {
    entries.last().map_or(0, |entry| entry.seq)
}

/// Appends what `actor` did to a conversation's log, and answers the entries.
pub(crate) async fn append(
    work: &mut dyn UnitOfWork,
    conversation: ConversationId,
    actor: Option<UserId>,
    kinds: Vec<EntryKind>,
    now: Timestamp,
) -> Result<Vec<Arc<Entry>>, StoreError> {
    let count = u32::try_from(kinds.len()).unwrap_or(u32::MAX);
    let taken = work.take_seqs(&[(conversation, count)], now).await?;
    let last = taken.first().map_or(u64::from(count), |(_, last)| *last);
    let first = last + 1 - u64::from(count);
    let entries: Vec<Entry> = (first..)
        .zip(kinds)
        .map(|(seq, kind)| Entry { conversation, seq, actor, created_at: now, kind })
        .collect();
    work.append(&entries).await?;
    let entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
    for entry in &entries {
        work.emit(Event::EntryAppended(Arc::clone(entry)));
    }
    Ok(entries)
}
