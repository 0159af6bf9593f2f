use std::net::IpAddr;

use thiserror::Error;

use super::passwords::end_sessions;
use super::{Accounts, Authenticated};
use crate::{
    AuditAction, Doer, Errand, HashError, InvalidText, Login, PasswordHash, RecoveryCode, SessionEnd,
    StoreError, Timestamp, TokenHash, UnitOfWork, User, UserId,
};

/// What somebody presents who lost their password, as they typed it.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// A username, a user id or an e-mail address.
    pub login: String,
    /// One of the codes they were given.
    pub code: String,
    /// The password they want from now on.
    pub new_password: String,
    /// Where they are.
    pub address: Option<IpAddr>,
}

/// Why somebody did not get their account back, or no new codes.
#[derive(Debug, Error)]
pub enum RecoveryError {
    /// No such account, or no such code, or a used one: nobody learns which.
    #[error("the login or the recovery code is wrong, or the code was used before")]
    Failed,
    /// The new password is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// They have to give their password first.
    #[error("give your password once more")]
    Unconfirmed,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Gives an account a new password for one of its codes, which is used up by that. All its
    /// sessions end; nobody is signed in.
    pub async fn recover(&self, recovery: &Recovery) -> Result<User, RecoveryError> {
        let password = self.new_password(&recovery.new_password)?;
        let found = match Login::parse(&recovery.login) {
            Some(login) => self.store.user_by_login(&login).await?.map(|(user, _)| user),
            None => None,
        };
        let code = RecoveryCode::parse(&recovery.code).ok_or(RecoveryError::Failed)?;
        let code = self.tokens.hash(code.as_str());
        let user = found.ok_or(RecoveryError::Failed)?;
        if !self.store.has_recovery_code(user.id, &code).await? {
            return Err(RecoveryError::Failed);
        }
        // Only now, or it would tell what the account's names are.
        let password = self.new_password_of(Some(&user), password.reveal())?;
        let hash = self.hasher.hash(&password).await?;
        let mut work = self.store.begin().await?;
        work.lock_user(user.id).await?;
        if !work.use_recovery_code(user.id, &code).await? {
            return Err(RecoveryError::Failed);
        }
        self.set_lost_password(work, user.id, &hash, recovery.address).await?;
        Ok(user)
    }

    /// Gives an account a new password for a link that its owner was handed, which is used up by
    /// that. All its sessions end; nobody is signed in.
    pub async fn recover_by_link(
        &self,
        link: &str,
        new_password: &str,
        address: Option<IpAddr>,
    ) -> Result<User, RecoveryError> {
        let password = self.new_password(new_password)?;
        let link = self.tokens.hash(link);
        let owner = self.store.recovery_link(&link, self.clock.now()).await?;
        let owner = owner.ok_or(RecoveryError::Failed)?;
        let hash = self.hasher.hash(&password).await?;
        let mut work = self.store.begin().await?;
        work.lock_user(owner).await?;
        let user = work.user(owner).await?.filter(User::is_active).ok_or(RecoveryError::Failed)?;
        if !work.use_recovery_link(owner, &link).await? {
            return Err(RecoveryError::Failed);
        }
        self.set_lost_password(work, owner, &hash, address).await?;
        Ok(user)
    }

    /// Ends what was begun with the proof that somebody owns an account.
    async fn set_lost_password(
        &self,
        mut work: Box<dyn UnitOfWork>,
        user: UserId,
        hash: &PasswordHash,
        address: Option<IpAddr>,
    ) -> Result<(), RecoveryError> {
        work.set_password(user, &hash.clone().into()).await?;
        let ended = end_sessions(&mut *work, user, SessionEnd::SignedOut, |_| false).await?;
        let doer = Doer { user: Some(user), address };
        self.note(&mut *work, doer, AuditAction::PasswordRecovered, user).await?;
        self.notify_by_mail(&mut *work, user, Errand::PasswordRecovered).await?;
        work.commit().await?;
        self.forget_all(ended);
        Ok(())
    }

    /// A new link that gives this account back, until a moment, in place of any before.
    pub(crate) async fn give_recovery_link(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        until: Timestamp,
    ) -> Result<String, StoreError> {
        let (secret, hash) = self.tokens.secret();
        work.replace_recovery_link(user, &hash, until).await?;
        Ok(secret)
    }

    /// How many codes somebody has left.
    pub async fn count_recovery_codes(&self, user: UserId) -> Result<u64, StoreError> {
        self.store.count_recovery_codes(user).await
    }

    /// Gives somebody new codes; those before are worth nothing any more. They must have given their
    /// password lately.
    pub async fn renew_recovery_codes(
        &self,
        who: &Authenticated,
        address: Option<IpAddr>,
    ) -> Result<Vec<RecoveryCode>, RecoveryError> {
        if !self.is_confirmed(who.session).await? {
            return Err(RecoveryError::Unconfirmed);
        }
        let mut work = self.store.begin().await?;
        work.lock_user(who.actor.user).await?;
        let codes = self.give_recovery_codes(&mut *work, who.actor.user).await?;
        let doer = Doer { user: Some(who.actor.user), address };
        self.note(&mut *work, doer, AuditAction::RecoveryCodesRenewed, who.actor.user).await?;
        work.commit().await?;
        Ok(codes)
    }

    pub(super) async fn give_recovery_codes(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
    ) -> Result<Vec<RecoveryCode>, StoreError> {
        let codes: Vec<_> = (0..RecoveryCode::COUNT).map(|_| self.tokens.recovery_code()).collect();
        let hashes: Vec<TokenHash> = codes.iter().map(|code| self.tokens.hash(code.as_str())).collect();
        work.replace_recovery_codes(user, &hashes).await?;
        Ok(codes)
    }
}
