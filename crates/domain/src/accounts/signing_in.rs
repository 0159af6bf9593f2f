use std::net::IpAddr;

use thiserror::Error;

use super::{Accounts, Credentials, FactorError, NewSecrets, SignedIn, Tokens};
use crate::{
    AuditAction, AuditTarget, Ban, Doer, Errand, Grant, HashError, InvalidText, Login, NewSession, Password,
    RefreshToken, Role, Session, SessionId, SessionKind, StoreError, StoredPassword, UnitOfWork, User,
    UserId, Verdict,
};

/// What somebody presents to sign in, as they typed it.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// A username, a user id or an e-mail address.
    pub login: String,
    /// The password.
    pub password: String,
    /// The password they want from now on, in place of a temporary one.
    pub new_password: Option<String>,
    /// The code that their app shows, or one of the account's recovery codes, where it is asked for.
    pub totp: Option<String>,
    /// The role they mean to act in; must be the account's.
    pub role: Option<Role>,
    /// How they want to be signed in.
    pub session: NewSession,
}

/// Why somebody was not signed in.
#[derive(Debug, Error)]
pub enum SignInError {
    /// No such account, or another password: nobody learns which.
    #[error("the login or the password is wrong")]
    WrongCredentials,
    /// Shut out; told only to one who knew the password.
    #[error("the account is banned")]
    Banned(Box<Ban>),
    /// The account has another role than the one asked for.
    #[error("the account does not have this role")]
    WrongRole,
    /// The password is the right one, and the account has a second factor.
    #[error("give the code that your app shows, too")]
    TotpRequired,
    /// The password is the right one, and the second factor is not accepted.
    #[error(transparent)]
    Totp(#[from] FactorError),
    /// The password is the right one and somebody else's choice: it does not sign in before its owner
    /// chose another.
    #[error("choose a new password")]
    NewPasswordRequired,
    /// The password was a temporary one, and nobody chose another in time.
    #[error("the temporary password is over")]
    PasswordOver,
    /// The new password is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// Too many passwords are being checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Signs somebody in.
    pub async fn sign_in(&self, attempt: &SignIn) -> Result<SignedIn, SignInError> {
        let password = Password::presented(&attempt.password).map_err(|_| SignInError::WrongCredentials)?;
        let (user, stored) = self.check_password(attempt, &password).await?;
        if let Some(ban) = self.active_ban(user.id).await? {
            return Err(SignInError::Banned(Box::new(ban)));
        }
        let address = attempt.session.device.address;
        let factor = self.second_factor(user.id, attempt.totp.as_deref(), address).await?;
        if attempt.role.is_some_and(|role| role != user.role) {
            return Err(SignInError::WrongRole);
        }
        let new = self.replacement(attempt, &user, &stored).await?;
        let mut work = self.store.begin().await?;
        work.lock_user(user.id).await?;
        if work.password(user.id).await?.as_ref() != Some(&stored) {
            // Somebody changed it meanwhile, and what was checked is the password no more.
            return Err(SignInError::WrongCredentials);
        }
        if let Some(factor) = factor {
            self.use_factor(&mut *work, user.id, factor).await?;
        }
        if let Some(new) = &new {
            work.set_password(user.id, new).await?;
            let doer = Doer { user: Some(user.id), address };
            self.note(&mut *work, doer, AuditAction::PasswordChanged, user.id).await?;
            self.notify_by_mail(&mut *work, user.id, Errand::PasswordChanged).await?;
        }
        let (session, credentials) =
            self.insert_session(&mut *work, user.id, &attempt.session, AuditAction::SignedIn).await?;
        work.commit().await?;
        Ok(SignedIn { user, session, credentials, secrets: NewSecrets::default() })
    }

    /// The account that this login and password belong to, with the password as it is stored. Takes as
    /// long for an account that does not exist as for one that does.
    async fn check_password(
        &self,
        attempt: &SignIn,
        password: &Password,
    ) -> Result<(User, StoredPassword), SignInError> {
        let found = match Login::parse(&attempt.login) {
            Some(login) => self.store.user_by_login(&login).await?,
            None => None,
        };
        let hash = found.as_ref().map(|(_, stored)| &stored.hash).filter(|hash| !hash.is_none());
        let verdict = self.hasher.verify(password, hash).await?;
        if verdict == Verdict::Mismatch {
            // Written down for every login, so that this takes as long for one that nobody has.
            self.note_failure(found.as_ref().map(|(user, _)| user.id), attempt.session.device.address)
                .await?;
        }
        let (user, old) = found
            .filter(|(user, _)| verdict != Verdict::Mismatch && !user.bot)
            .ok_or(SignInError::WrongCredentials)?;
        let stored = match verdict {
            Verdict::MatchOutdated => self.rehash(user.id, old, password).await?,
            Verdict::Match | Verdict::Mismatch => old,
        };
        Ok((user, stored))
    }

    /// Writes down that somebody gave a wrong password. Nothing is written during maintenance, and
    /// what they are told is the same.
    pub(super) async fn note_failure(
        &self,
        user: Option<UserId>,
        address: Option<IpAddr>,
    ) -> Result<(), SignInError> {
        let mut work = match self.store.begin().await {
            Err(StoreError::ReadOnly(_)) => return Ok(()),
            begun => begun?,
        };
        let doer = Doer { user: None, address };
        let target = user.map(AuditTarget::User);
        self.scribe.note(&mut *work, doer, AuditAction::SignInFailed, target, Vec::new()).await?;
        Ok(work.commit().await?)
    }

    async fn rehash(
        &self,
        user: UserId,
        old: StoredPassword,
        password: &Password,
    ) -> Result<StoredPassword, SignInError> {
        let hash = self.hasher.hash(password).await?;
        let mut work = self.store.begin().await?;
        work.lock_user(user).await?;
        // Whoever changed it meanwhile knows better.
        if work.password(user).await?.as_ref() != Some(&old) {
            return Ok(old);
        }
        let new = StoredPassword { hash, ..old };
        work.set_password(user, &new).await?;
        work.commit().await?;
        Ok(new)
    }

    /// The ban of the whole server that is in force against this person, the longest one.
    pub(crate) async fn active_ban(&self, user: UserId) -> Result<Option<Ban>, StoreError> {
        let now = self.clock.now();
        let bans = self.store.bans_of(user, None).await?;
        let active = bans.into_iter().filter(|ban| ban.is_active(now));
        Ok(active.max_by_key(|ban| ban.until.map_or(i64::MAX, crate::Timestamp::as_millis)))
    }

    pub(super) async fn insert_session(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        new: &NewSession,
        action: AuditAction,
    ) -> Result<(SessionId, Credentials), StoreError> {
        let now = self.clock.now();
        let id = SessionId::from_uuid(self.ids.next_id());
        let (secret, hash) = self.tokens.secret();
        let NewSession { kind, remember, device } = new.clone();
        let session = Session {
            id,
            user,
            kind,
            secret: (kind == SessionKind::Cookie).then_some(hash),
            grant: Grant::Everything,
            remember,
            created_at: now,
            last_used_at: now,
            confirmed_at: now,
            device,
        };
        work.insert_session(&session).await?;
        if kind == SessionKind::Token {
            let token = RefreshToken { hash, session: id, issued_at: now, successor: None, revoked: false };
            work.insert_refresh_token(&token).await?;
        }
        let doer = Doer { user: Some(user), address: session.device.address };
        self.note(work, doer, action, user).await?;
        Ok((id, self.credentials(&session, secret)))
    }

    /// What proves a session whose cookie or refresh token is this secret.
    pub(super) fn credentials(&self, session: &Session, secret: String) -> Credentials {
        match session.kind {
            SessionKind::Cookie => Credentials::Cookie(secret),
            SessionKind::Token => Credentials::Tokens(Tokens {
                access: self.tokens.access_token(session.user, session.id, self.clock.now()),
                refresh: secret,
            }),
        }
    }
}
