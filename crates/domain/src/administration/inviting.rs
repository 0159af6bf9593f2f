use super::{AdminError, Administration, Administrator};
use crate::{
    AuditAction, AuditChange, AuditValue, Invite, InviteError, InviteId, InviteUse, NewInvite, Page,
    PageSize, RegistrationPolicy, Role,
};

/// An invitation and who made accounts with it, the latest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedInvite {
    /// The invitation.
    pub invite: Invite,
    /// The latest of those who used it, [`Invite::USES_TOLD`] at most.
    pub used_by: Vec<InviteUse>,
    /// Whether an account may be made with it now.
    pub is_good: bool,
}

impl Administration {
    /// Makes an invitation, and its token, which nobody learns again. Another admin is invited only
    /// by one who gave their password lately.
    pub async fn invite(&self, by: &Administrator, new: &NewInvite) -> Result<(Invite, String), AdminError> {
        by.authorize()?;
        let id = InviteId::from_uuid(self.ids.next_id());
        let invite = new.invite(id, by.doer().user, self.clock.now())?;
        if invite.role == Role::Admin {
            self.confirmed(by).await?;
        }
        let mut work = self.begin(by).await?;
        let (token, hash) = self.accounts.secret();
        work.insert_invite(&invite, &hash).await?;
        let changes = invite.described();
        self.scribe.note(&mut *work, by.doer(), AuditAction::InviteCreated, None, changes).await?;
        work.commit().await?;
        Ok((invite, token))
    }

    /// All invitations, the newest first.
    pub async fn invites(
        &self,
        by: &Administrator,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ListedInvite>, AdminError> {
        by.authorize()?;
        let now = self.clock.now();
        let found = self.store.invites(after.and_then(|text| text.parse().ok()), size).await?;
        let ids: Vec<InviteId> = found.items.iter().map(|invite| invite.id).collect();
        let uses = self.store.invite_uses(&ids, Invite::USES_TOLD).await?;
        let listed = found.items.into_iter().map(|invite| ListedInvite {
            used_by: uses.iter().filter(|one| one.invite == invite.id).cloned().collect(),
            is_good: invite.is_good(now),
            invite,
        });
        Ok(Page { items: listed.collect(), next: found.next })
    }

    /// Takes an invitation back. Who made an account with it stays.
    pub async fn revoke_invite(&self, by: &Administrator, id: InviteId) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        if !work.revoke_invite(id, self.clock.now()).await? {
            return Err(InviteError::NoSuchInvite.into());
        }
        let before = Some(AuditValue::Text(id.to_string()));
        let changes = vec![AuditChange { field: "invite".to_owned(), before, after: None }];
        self.scribe.note(&mut *work, by.doer(), AuditAction::InviteRevoked, None, changes).await?;
        Ok(work.commit().await?)
    }

    /// Lets other people make accounts from now on, on every node.
    pub async fn set_registration(
        &self,
        by: &Administrator,
        policy: RegistrationPolicy,
    ) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        let before = self.accounts.registration_by(&*work).await?;
        work.set_registration(policy).await?;
        let changes = AuditChange::of_text("registration", Some(before.word()), Some(policy.word()));
        let changes = changes.into_iter().collect();
        self.scribe.note(&mut *work, by.doer(), AuditAction::SettingsChanged, None, changes).await?;
        Ok(work.commit().await?)
    }

    /// Sets whether an admin who has no second factor is one, on every node. Whoever demands it has one.
    pub async fn set_admins_need_totp(&self, by: &Administrator, needed: bool) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        if needed && let Administrator::Person(who, _) = by {
            let own = work.totp(who.actor.user).await?.filter(|totp| totp.confirmed);
            own.ok_or(AdminError::TotpFirst)?;
        }
        let shown = |needed| Some(if needed { "yes" } else { "no" });
        let before = work.admins_need_totp().await?;
        work.set_admins_need_totp(needed).await?;
        let changes = AuditChange::of_text("admins_need_totp", shown(before), shown(needed));
        let changes = changes.into_iter().collect();
        self.scribe.note(&mut *work, by.doer(), AuditAction::SettingsChanged, None, changes).await?;
        work.commit().await?;
        self.accounts.doubt_all();
        Ok(())
    }
}
