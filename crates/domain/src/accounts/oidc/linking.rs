use std::net::IpAddr;
use std::time::Duration;

use super::{OidcError, OidcReturn};
use crate::accounts::{Accounts, Authenticated, Renewed};
use crate::{AuditAction, Doer, LinkedIdentity, OidcPurpose, StoreError, UniqueKey, UserId};

/// How far the provider's clock may be behind this one.
const LEEWAY: Duration = Duration::from_mins(1);

/// With what somebody may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInMethods {
    /// Whether they have a password of their own.
    pub has_password: bool,
    /// Who they are at the provider, when that is linked.
    pub identity: Option<LinkedIdentity>,
}

impl Accounts {
    /// With what somebody may sign in.
    pub async fn sign_in_methods(&self, user: UserId) -> Result<SignInMethods, StoreError> {
        let password = self.store.password(user).await?;
        let identity = match &self.oidc {
            Some(oidc) => self.store.identity_of(user, &oidc.policy.issuer).await?,
            None => None,
        };
        Ok(SignInMethods { has_password: password.is_some_and(|stored| stored.is_own()), identity })
    }

    /// Links an account with who its owner is at the provider, from where they are back.
    pub async fn link_oidc(
        &self,
        who: &Authenticated,
        back: &OidcReturn,
        address: Option<IpAddr>,
    ) -> Result<LinkedIdentity, OidcError> {
        let user = who.actor.user;
        let mine = OidcPurpose::Link(user, who.session);
        let (_, profile) = self.come_back(back, |purpose| *purpose == mine).await?;
        let label = profile.label();
        let linked = LinkedIdentity { identity: profile.identity, user, label, linked_at: self.clock.now() };
        let mut work = self.store.begin().await?;
        work.lock_user(user).await?;
        match work.identity_owner(&linked.identity).await? {
            Some(owner) if owner != user => return Err(OidcError::LinkedElsewhere),
            _ if work.identity_of(user, &linked.identity.issuer).await?.is_some() => {
                return Err(OidcError::AlreadyLinked);
            }
            _ => {}
        }
        match work.insert_identity(&linked).await {
            // Another account was quicker.
            Err(StoreError::Conflict(UniqueKey::Other)) => return Err(OidcError::LinkedElsewhere),
            inserted => inserted?,
        }
        let doer = Doer { user: Some(user), address };
        self.note(&mut *work, doer, AuditAction::IdentityLinked, user).await?;
        work.commit().await?;
        Ok(linked)
    }

    /// Takes the link away. They must have given their password lately, and have one.
    pub async fn unlink_oidc(&self, who: &Authenticated, address: Option<IpAddr>) -> Result<(), OidcError> {
        let issuer = &self.oidc()?.policy.issuer;
        let user = who.actor.user;
        if !self.is_confirmed(who.session).await? {
            return Err(OidcError::Unconfirmed);
        }
        let mut work = self.store.begin().await?;
        work.lock_user(user).await?;
        if !work.password(user).await?.is_some_and(|stored| stored.is_own()) {
            return Err(OidcError::PasswordFirst);
        }
        if !work.delete_identity(user, issuer).await? {
            return Err(OidcError::NotLinked);
        }
        let doer = Doer { user: Some(user), address };
        self.note(&mut *work, doer, AuditAction::IdentityUnlinked, user).await?;
        Ok(work.commit().await?)
    }

    /// Takes the provider's word, given just now, in place of a password, so that somebody may do what
    /// is dangerous for a while. Answers what proves the session from now on.
    pub async fn confirm_by_oidc(
        &self,
        who: &Authenticated,
        back: &OidcReturn,
    ) -> Result<Renewed, OidcError> {
        let mine = OidcPurpose::Confirm(who.actor.user, who.session);
        let (attempt, profile) = self.come_back(back, |purpose| *purpose == mine).await?;
        if self.store.identity_owner(&profile.identity).await? != Some(who.actor.user) {
            return Err(OidcError::AnotherPerson);
        }
        if profile.authenticated_at.is_none_or(|at| at.plus(LEEWAY) < attempt.begun()) {
            return Err(OidcError::NotFresh);
        }
        let mut work = self.store.begin().await?;
        let renewed = self.renew(&mut *work, who.session, self.clock.now()).await?;
        work.commit().await?;
        self.forget(who.session);
        Ok(renewed)
    }
}
