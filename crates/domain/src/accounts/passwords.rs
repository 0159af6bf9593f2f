use std::net::IpAddr;

use thiserror::Error;

use super::{Accounts, Authenticated, Credentials};
use crate::{
    AuditAction, Doer, Email, Errand, Event, HashError, InvalidText, Password, RefreshToken, Session,
    SessionEnd, SessionId, SessionKind, StoreError, StoredPassword, Timestamp, UnitOfWork, User, UserId,
    Username, Verdict,
};

/// A session that has other secrets from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewed {
    /// What proves it.
    pub credentials: Credentials,
    /// Whether it outlives the browser.
    pub remember: bool,
}

/// Why a password was not accepted or not changed.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// It is not the account's.
    #[error("this is not your password")]
    Wrong,
    /// There is none yet, and choosing the first one takes another proof of who one is.
    #[error("prove once more who you are")]
    Unconfirmed,
    /// The new one is not acceptable.
    #[error(transparent)]
    Invalid(#[from] InvalidText),
    /// The session has ended.
    #[error("the session has ended")]
    SignedOut,
    /// Too many passwords are being checked.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Takes somebody's password once more, so that they may do what is dangerous for a while.
    /// Answers what proves the session from now on.
    pub async fn confirm(&self, who: &Authenticated, password: &str) -> Result<Renewed, PasswordError> {
        self.check_own_password(who.actor.user, password).await?;
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let renewed = self.renew(&mut *work, who.session, now).await?;
        work.commit().await?;
        self.forget(who.session);
        Ok(renewed)
    }

    /// Whether somebody gave their password lately in this session.
    pub async fn is_confirmed(&self, session: SessionId) -> Result<bool, StoreError> {
        let now = self.clock.now();
        Ok(self.store.session(session).await?.is_some_and(|session| session.is_confirmed(now)))
    }

    /// The password that somebody wants from now on, if it is acceptable for anybody.
    pub fn new_password(&self, text: &str) -> Result<Password, InvalidText> {
        self.new_password_of(None, text)
    }

    /// The same, if it is acceptable for this person.
    pub(super) fn new_password_of(&self, user: Option<&User>, text: &str) -> Result<Password, InvalidText> {
        self.choose(text, user.map(|user| &user.username), user.and_then(|user| user.email.as_ref()))
            .map_err(|problem| InvalidText { field: "new_password", ..problem })
    }

    /// A password that somebody with this handle and address chose, if it is acceptable.
    pub(super) fn choose(
        &self,
        text: &str,
        username: Option<&Username>,
        email: Option<&Email>,
    ) -> Result<Password, InvalidText> {
        let address = email.map(Email::as_str);
        let mailbox = address.and_then(|address| address.split('@').next());
        let names =
            [Some(self.policy.server_name.as_str()), username.map(Username::as_str), address, mailbox];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        Password::chosen(text, self.policy.password_min_characters, &names)
    }

    /// Changes one's own password, or chooses one where there is none, which takes a proof of who one is.
    /// This session goes on, with other secrets; all others end.
    pub async fn change_password(
        &self,
        who: &Authenticated,
        old: Option<&str>,
        new: &str,
        address: Option<IpAddr>,
    ) -> Result<Renewed, PasswordError> {
        let user = who.actor.user;
        let person = self.store.user(user).await?;
        let new = self.new_password_of(person.as_ref(), new)?;
        let checked = match old {
            Some(old) => self.check_own_password(user, old).await?,
            None => self.no_password(who).await?,
        };
        let hash = self.hasher.hash(&new).await?;
        let mut work = self.store.begin().await?;
        work.lock_user(user).await?;
        if work.password(user).await?.as_ref() != Some(&checked) {
            // Somebody else was quicker, and this is the old one no more.
            return Err(PasswordError::Wrong);
        }
        work.set_password(user, &hash.into()).await?;
        let renewed = self.renew(&mut *work, who.session, self.clock.now()).await?;
        let ended =
            end_sessions(&mut *work, user, SessionEnd::SignedOut, |one| one.id == who.session).await?;
        let doer = Doer { user: Some(user), address };
        self.note(&mut *work, doer, AuditAction::PasswordChanged, user).await?;
        self.notify_by_mail(&mut *work, user, Errand::PasswordChanged).await?;
        work.commit().await?;
        self.forget_all(ended.into_iter().chain([who.session]));
        Ok(renewed)
    }

    /// Somebody's password as it is stored, when this is it.
    async fn check_own_password(
        &self,
        user: UserId,
        password: &str,
    ) -> Result<StoredPassword, PasswordError> {
        let password = Password::presented(password).map_err(|_| PasswordError::Wrong)?;
        let stored = self.store.password(user).await?.ok_or(PasswordError::SignedOut)?;
        let hash = Some(&stored.hash).filter(|hash| !hash.is_none());
        match self.hasher.verify(&password, hash).await? {
            Verdict::Mismatch => Err(PasswordError::Wrong),
            Verdict::Match | Verdict::MatchOutdated => Ok(stored),
        }
    }

    /// What stands in the place of a password of their own for somebody who has none, and proved lately
    /// who they are.
    async fn no_password(&self, who: &Authenticated) -> Result<StoredPassword, PasswordError> {
        let stored = self.store.password(who.actor.user).await?.ok_or(PasswordError::SignedOut)?;
        match () {
            () if stored.is_own() => Err(PasswordError::Wrong),
            () if !self.is_confirmed(who.session).await? => Err(PasswordError::Unconfirmed),
            () => Ok(stored),
        }
    }

    /// Gives a session other secrets, in the moment in which its owner gave their password.
    pub(super) async fn renew(
        &self,
        work: &mut dyn UnitOfWork,
        id: SessionId,
        now: Timestamp,
    ) -> Result<Renewed, PasswordError> {
        let found = work.session(id).await?.filter(|session| !session.grant.is_token());
        let session = found.ok_or(PasswordError::SignedOut)?;
        let (secret, hash) = self.tokens.secret();
        let secret_hash = (session.kind == SessionKind::Cookie).then_some(hash);
        let session = Session { secret: secret_hash, confirmed_at: now, ..session };
        work.renew_session(&session).await?;
        if session.kind == SessionKind::Token {
            let token = RefreshToken { hash, session: id, issued_at: now, successor: None, revoked: false };
            work.insert_refresh_token(&token).await?;
        }
        Ok(Renewed { credentials: self.credentials(&session, secret), remember: session.remember })
    }
}

/// Ends all sessions of somebody but one; which ones.
pub(crate) async fn end_sessions(
    work: &mut dyn UnitOfWork,
    user: UserId,
    reason: SessionEnd,
    stays: impl Fn(&Session) -> bool,
) -> Result<Vec<SessionId>, StoreError> {
    let theirs = work.sessions_of(user).await?;
    let ended: Vec<_> = theirs.iter().filter(|session| !stays(session)).map(|session| session.id).collect();
    work.delete_sessions(&ended).await?;
    for session in &ended {
        work.emit(Event::SessionEnded { session: *session, user, reason });
    }
    Ok(ended)
}
