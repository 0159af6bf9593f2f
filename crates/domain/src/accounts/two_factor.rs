use std::net::IpAddr;

use thiserror::Error;

use super::{Accounts, Authenticated, SignInError};
use crate::{
    AuditAction, Doer, Errand, RecoveryCode, Repositories, Role, StoreError, TokenHash, Totp, UnitOfWork,
    User, UserId,
};

/// How somebody stands with two-factor sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TotpState {
    /// Whether signing in asks for a code.
    pub enabled: bool,
    /// Whether they are an admin only with it.
    pub required: bool,
}

/// Why a second factor was not accepted.
#[derive(Debug, Error)]
pub enum FactorError {
    /// It is not the right one, or was used before.
    #[error("the code is wrong, or was used before; wait for the next one")]
    Wrong,
    /// There were too many wrong codes, or the secret was sealed with a key that is gone.
    #[error(
        "codes of your app are no longer taken; give one of your recovery codes, or ask an admin to remove \
         two-factor sign-in"
    )]
    Unusable,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why somebody's two-factor sign-in was not changed.
#[derive(Debug, Error)]
pub enum TotpError {
    /// They have to give their password first.
    #[error("give your password once more")]
    Unconfirmed,
    /// They sign in at an identity provider only, which would be no way in any more.
    #[error("choose a password first: a code is asked for together with it")]
    PasswordFirst,
    /// There is one already.
    #[error("two-factor sign-in is on already; turn it off first")]
    AlreadyEnabled,
    /// Setting it up was not begun.
    #[error("two-factor sign-in is not being set up; begin anew")]
    NotBegun,
    /// There is none to turn off.
    #[error("two-factor sign-in is not on")]
    NotEnabled,
    /// The app does not have the secret.
    #[error("this is not the code that your app shows now")]
    WrongCode,
    /// What they prove themselves with is not accepted.
    #[error(transparent)]
    Factor(#[from] FactorError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What somebody proves themselves with besides their password. It is used up by what they do with it.
pub(super) enum Factor {
    /// The code of this step.
    Step(u64),
    /// One of the account's recovery codes.
    RecoveryCode(TokenHash),
}

impl Accounts {
    /// How somebody stands with two-factor sign-in.
    pub async fn totp_state(&self, user: UserId) -> Result<TotpState, StoreError> {
        let enabled = confirmed_totp(&*self.store, user).await?.is_some();
        let is_admin = self.store.user(user).await?.is_some_and(|user| user.is_admin());
        Ok(TotpState { enabled, required: is_admin && self.store.admins_need_totp().await? })
    }

    /// Begins to set up two-factor sign-in: the address from which an app takes the secret, told once.
    /// Nothing changes yet. They must have given their password lately.
    pub async fn begin_totp(&self, who: &Authenticated) -> Result<String, TotpError> {
        if !self.is_confirmed(who.session).await? {
            return Err(TotpError::Unconfirmed);
        }
        let id = who.actor.user;
        let mut work = self.store.begin().await?;
        work.lock_user(id).await?;
        let user = work.user(id).await?.ok_or(TotpError::NotBegun)?;
        if confirmed_totp(&*work, id).await?.is_some() {
            return Err(TotpError::AlreadyEnabled);
        }
        if work.password(id).await?.is_none_or(|stored| stored.hash.is_none()) {
            return Err(TotpError::PasswordFirst);
        }
        let new = self.tokens.new_totp(id, &self.policy.server_name, user.username.as_str());
        work.put_totp(id, &Totp::begun(new.secret)).await?;
        work.commit().await?;
        Ok(new.uri)
    }

    /// Ends setting it up with a code that the app shows. Signing in asks for one from now on.
    pub async fn enable_totp(
        &self,
        who: &Authenticated,
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<(), TotpError> {
        let id = who.actor.user;
        let mut work = self.store.begin().await?;
        work.lock_user(id).await?;
        let begun = work.totp(id).await?.ok_or(TotpError::NotBegun)?;
        if begun.confirmed {
            return Err(TotpError::AlreadyEnabled);
        }
        let step = self.tokens.totp_step(id, &begun.secret, code, self.clock.now());
        let last_step = step.map_err(|_| TotpError::NotBegun)?.ok_or(TotpError::WrongCode)?;
        work.put_totp(id, &Totp { confirmed: true, last_step, ..begun }).await?;
        let doer = Doer { user: Some(id), address };
        self.note(&mut *work, doer, AuditAction::TotpEnabled, id).await?;
        self.notify_by_mail(&mut *work, id, Errand::TotpEnabled).await?;
        work.commit().await?;
        self.forget_user(id);
        Ok(())
    }

    /// Lets somebody sign in with their password alone again. They must have given it lately, and prove
    /// the second factor a last time.
    pub async fn disable_totp(
        &self,
        who: &Authenticated,
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<(), TotpError> {
        if !self.is_confirmed(who.session).await? {
            return Err(TotpError::Unconfirmed);
        }
        let id = who.actor.user;
        let totp = confirmed_totp(&*self.store, id).await?.ok_or(TotpError::NotEnabled)?;
        let factor = self.check_factor(id, &totp, code).await?;
        let mut work = self.store.begin().await?;
        work.lock_user(id).await?;
        self.use_factor(&mut *work, id, factor).await?;
        work.delete_totp(id).await?;
        let doer = Doer { user: Some(id), address };
        self.note(&mut *work, doer, AuditAction::TotpDisabled, id).await?;
        self.notify_by_mail(&mut *work, id, Errand::TotpDisabled).await?;
        work.commit().await?;
        self.forget_user(id);
        Ok(())
    }

    /// Takes somebody's second factor away for them; whether they had one, or were setting one up.
    pub(crate) async fn take_totp(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
    ) -> Result<bool, StoreError> {
        work.lock_user(user).await?;
        let was_on = confirmed_totp(&*work, user).await?.is_some();
        if was_on {
            self.notify_by_mail(work, user, Errand::TotpDisabled).await?;
        }
        Ok(work.delete_totp(user).await? && was_on)
    }

    /// The second factor with which somebody signs in whose first one was right; nothing where none is
    /// asked for. It is not used up yet.
    pub(super) async fn second_factor(
        &self,
        user: UserId,
        typed: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<Option<Factor>, SignInError> {
        let Some(totp) = confirmed_totp(&*self.store, user).await? else { return Ok(None) };
        let typed = typed.filter(|typed| !typed.trim().is_empty());
        let checked = self.check_factor(user, &totp, typed.ok_or(SignInError::TotpRequired)?).await;
        if matches!(checked, Err(FactorError::Wrong)) {
            self.note_failure(Some(user), address).await?;
        }
        Ok(Some(checked?))
    }

    /// What somebody typed, if it proves them. A wrong code is counted.
    async fn check_factor(&self, user: UserId, totp: &Totp, typed: &str) -> Result<Factor, FactorError> {
        if let Some(code) = RecoveryCode::parse(typed) {
            let code = self.tokens.hash(code.as_str());
            let is_theirs = self.store.has_recovery_code(user, &code).await?;
            return if is_theirs { Ok(Factor::RecoveryCode(code)) } else { Err(FactorError::Wrong) };
        }
        if totp.is_exhausted() {
            return Err(FactorError::Unusable);
        }
        let step = self.tokens.totp_step(user, &totp.secret, typed, self.clock.now());
        match step.map_err(|_| FactorError::Unusable)? {
            Some(step) if totp.takes(step) => Ok(Factor::Step(step)),
            _ => {
                self.count_wrong_code(user).await?;
                Err(FactorError::Wrong)
            }
        }
    }

    /// Nothing is written during maintenance; nobody signs in meanwhile either.
    async fn count_wrong_code(&self, user: UserId) -> Result<(), StoreError> {
        let mut work = match self.store.begin().await {
            Err(StoreError::ReadOnly(_)) => return Ok(()),
            begun => begun?,
        };
        work.lock_user(user).await?;
        if let Some(totp) = confirmed_totp(&*work, user).await? {
            let failures = totp.failures.saturating_add(1);
            work.put_totp(user, &Totp { failures, ..totp }).await?;
        }
        work.commit().await
    }

    /// Uses a second factor up, for somebody whom nobody else changes meanwhile.
    pub(super) async fn use_factor(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        factor: Factor,
    ) -> Result<(), FactorError> {
        let totp = confirmed_totp(&*work, user).await?.ok_or(FactorError::Wrong)?;
        let last_step = match factor {
            Factor::Step(step) => totp.takes(step).then_some(step),
            Factor::RecoveryCode(code) => {
                work.use_recovery_code(user, &code).await?.then_some(totp.last_step)
            }
        };
        // Otherwise somebody else was quicker.
        let last_step = last_step.ok_or(FactorError::Wrong)?;
        Ok(work.put_totp(user, &Totp { last_step, failures: 0, ..totp }).await?)
    }
}

/// The second factor with which somebody signs in.
pub(super) async fn confirmed_totp<R: Repositories + ?Sized>(
    store: &R,
    user: UserId,
) -> Result<Option<Totp>, StoreError> {
    Ok(store.totp(user).await?.filter(|totp| totp.confirmed))
}

/// The role that somebody acts in: an admin without a second factor is a user where admins need one.
pub(crate) async fn acting_role<R: Repositories + ?Sized>(
    store: &R,
    user: &User,
) -> Result<Role, StoreError> {
    if user.role == Role::User || !store.admins_need_totp().await? {
        return Ok(user.role);
    }
    Ok(if confirmed_totp(store, user.id).await?.is_some() { user.role } else { Role::User })
}
