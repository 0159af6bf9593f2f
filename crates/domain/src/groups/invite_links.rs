use std::sync::Arc;

use super::management::{admit, standing};
use super::{Group, GroupError, GroupsPolicy};
use crate::accounts::acting_role;
use crate::{
    Action, Actor, Clock, Denied, GroupId, IdSource, InviteLinkId, Store, Timestamp, TokenHash, TokenIssuer,
    User, UserId, authorize,
};

/// A link that brings whoever opens it into a group, for as long as its maker may bring people in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteLink {
    /// The id.
    pub id: InviteLinkId,
    /// The group it leads to.
    pub group: GroupId,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` when it does not end by itself.
    pub expires_at: Option<Timestamp>,
    /// How many people may come in through it; `None` for any number.
    pub max_uses: Option<u32>,
    /// How many have come in through it.
    pub uses: u32,
    /// The hash of its secret.
    pub secret: TokenHash,
}

impl InviteLink {
    /// The most uses that may be set.
    pub const MAX_USES: u32 = 10_000;

    /// The most links of one group at the same time.
    pub const MAX_PER_GROUP: usize = 50;

    /// Whether it brings anybody in at `now`.
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end) && self.max_uses.is_none_or(|most| self.uses < most)
    }
}

/// A group as somebody sees it who was given a link to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The group.
    pub group: Group,
    /// Whether they are in it.
    pub joined: bool,
}

/// Links that lead into groups.
pub struct InviteLinks {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    tokens: Arc<dyn TokenIssuer>,
    policy: GroupsPolicy,
}

impl InviteLinks {
    /// Links kept in `store`, with secrets from `tokens`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        tokens: Arc<dyn TokenIssuer>,
        policy: GroupsPolicy,
    ) -> Self {
        Self { store, clock, ids, tokens, policy }
    }

    /// Makes a link to a group, and its secret, which nobody learns again.
    pub async fn create(
        &self,
        actor: &Actor,
        group: GroupId,
        expires_at: Option<Timestamp>,
        max_uses: Option<u32>,
    ) -> Result<(InviteLink, String), GroupError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        work.lock_conversations(&[group.into()]).await?;
        authorize(actor, Action::Invite, &standing(&*work, actor, group).await?, now)?;
        if expires_at.is_some_and(|end| end <= now) {
            return Err(GroupError::LinkEndsInThePast);
        }
        if max_uses.is_some_and(|most| !(1..=InviteLink::MAX_USES).contains(&most)) {
            return Err(GroupError::BadNumberOfUses);
        }
        for ended in work.invite_links(group).await?.iter().filter(|link| !link.is_good(now)) {
            work.delete_invite_link(ended.id).await?;
        }
        if work.invite_links(group).await?.len() >= InviteLink::MAX_PER_GROUP {
            return Err(GroupError::TooManyLinks);
        }
        let (text, secret) = self.tokens.secret();
        let id = InviteLinkId::from_uuid(self.ids.next_id());
        let link = InviteLink {
            id,
            group,
            created_by: actor.user,
            created_at: now,
            expires_at,
            max_uses,
            uses: 0,
            secret,
        };
        work.insert_invite_link(&link).await?;
        work.commit().await?;
        Ok((link, text))
    }

    /// The links to a group that are good, the newest first: all of them for those who manage the
    /// group, one's own for those who only may bring people in.
    pub async fn list(&self, actor: &Actor, group: GroupId) -> Result<Vec<InviteLink>, GroupError> {
        let now = self.clock.now();
        let standing = self.store.standing(group.into(), actor.user).await?;
        let standing = standing.filter(|standing| standing.group.is_some()).ok_or(Denied::NotFound)?;
        authorize(actor, Action::Invite, &standing, now)?;
        let manages = authorize(actor, Action::Change, &standing, now).is_ok();
        let mut links = self.store.invite_links(group).await?;
        links.retain(|link| link.is_good(now) && (manages || link.created_by == actor.user));
        Ok(links)
    }

    /// Takes a link back: one's own, or any for those who manage the group.
    pub async fn revoke(&self, actor: &Actor, group: GroupId, id: InviteLinkId) -> Result<(), GroupError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let standing = standing(&*work, actor, group).await?;
        authorize(actor, Action::Discover, &standing, now)?;
        let links = work.invite_links(group).await?;
        let link = links.iter().find(|link| link.id == id);
        if link.is_none_or(|link| link.created_by != actor.user) {
            authorize(actor, Action::Change, &standing, now)?;
        }
        let link = link.ok_or(GroupError::NoSuchLink)?;
        work.delete_invite_link(link.id).await?;
        work.commit().await?;
        Ok(())
    }

    /// What a link leads to.
    pub async fn look_up(&self, actor: &Actor, secret: &str) -> Result<Invitation, GroupError> {
        let link = self.store.invite_link(&self.tokens.hash(secret)).await?;
        let link = link.filter(|link| link.is_good(self.clock.now())).ok_or(GroupError::NoSuchLink)?;
        let group = self.store.group(link.group).await?.ok_or(GroupError::NoSuchLink)?;
        let bans = self.store.bans_of(actor.user, Some(link.group)).await?;
        if let Some(ban) = bans.into_iter().find(|ban| ban.is_active(self.clock.now())) {
            return Err(GroupError::Banned(Box::new(ban)));
        }
        let joined = self.store.member(link.group, actor.user).await?.is_some();
        Ok(Invitation { group, joined })
    }

    /// Brings the actor into the group that a link leads to; the group, and whether they came in
    /// just now. Unknown, used up, ended and revoked links are told apart for nobody.
    pub async fn redeem(&self, actor: &Actor, secret: &str) -> Result<(Group, bool), GroupError> {
        let now = self.clock.now();
        let hash = self.tokens.hash(secret);
        let group = self.store.invite_link(&hash).await?.ok_or(GroupError::NoSuchLink)?.group;
        let mut work = self.store.begin().await?;
        // The lock makes sure that the last use is taken once.
        work.lock_conversations(&[group.into()]).await?;
        let link = work.invite_link(&hash).await?;
        let link = link.filter(|link| link.is_good(now)).ok_or(GroupError::NoSuchLink)?;
        if work.member(group, actor.user).await?.is_some() {
            return Ok((work.group(group).await?.ok_or(GroupError::NoSuchLink)?, false));
        }
        let maker = work.user(link.created_by).await?.filter(User::is_active);
        let maker = maker.ok_or(GroupError::NoSuchLink)?;
        let maker = Actor { user: maker.id, role: acting_role(&*work, &maker).await? };
        let makers_standing = standing(&*work, &maker, group).await?;
        match authorize(&maker, Action::Invite, &makers_standing, now) {
            Err(Denied::Archived) => return Err(Denied::Archived.into()),
            Err(_) => return Err(GroupError::NoSuchLink),
            Ok(()) => {}
        }
        admit(&mut *work, group, actor.user, actor.user, self.policy, now).await?;
        work.count_use(link.id).await?;
        let group = work.group(group).await?.ok_or(GroupError::NoSuchLink)?;
        work.commit().await?;
        Ok((group, true))
    }
}
