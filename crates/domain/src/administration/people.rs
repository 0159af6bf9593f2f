use std::sync::Arc;
use std::time::Duration;

use super::{AdminError, Administration, Administrator};
use crate::accounts::{Maker, TEMPORARY_FOR, end_sessions};
use crate::{
    AccountError, AuditAction, AuditChange, AuditTarget, AuditValue, Ban, Event, Login, NewSecrets, Page,
    PageSize, Password, ProfileChange, RegisterError, Registration, Role, Session, SessionEnd, SessionId,
    StoredPassword, Timestamp, UnitOfWork, User, UserId,
};

/// How long a link that an admin made is good for.
const LINK_FOR: Duration = Duration::from_hours(24);

/// What gives somebody their account back, told once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetLink {
    /// The secret part of the link.
    pub secret: String,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// A password that gets somebody in to choose another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemporaryPassword {
    /// The password that the server made, when none was chosen; told once.
    pub made: Option<Password>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// An account as admins see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The person.
    pub user: User,
    /// In how many places they are signed in.
    pub sessions: u64,
    /// Whether they sign in with a second factor.
    pub totp: bool,
    /// The ban that keeps them out of the server now, the one that ends last.
    pub ban: Option<Ban>,
    /// Whether messages of theirs are still being erased.
    pub erasing: bool,
}

/// Whether somebody can use their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountStanding {
    /// They can.
    Active,
    /// A ban keeps them out.
    Banned,
    /// It was deleted.
    Deleted,
}

/// What a list of accounts is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AccountOrder {
    /// The handle.
    #[default]
    Username,
    /// When the account was made.
    Created,
    /// When the person was last connected; who never was comes first.
    LastSeen,
}

/// Which accounts a list is about, and how it is sorted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Part of the username, the name, the user id or the address, in any case.
    pub search: Option<String>,
    /// Only people with this role.
    pub role: Option<Role>,
    /// Only bots, or only people.
    pub bot: Option<bool>,
    /// Only accounts of which this is true.
    pub standing: Option<AccountStanding>,
    /// Only those who are among these people, or, with false, only those who are not.
    pub among: Option<(Vec<UserId>, bool)>,
    /// What it is sorted by.
    pub order: AccountOrder,
    /// The largest first.
    pub descending: bool,
}

impl Administration {
    /// Accounts, deleted ones too.
    pub async fn accounts(
        &self,
        by: &Administrator,
        filter: &AccountFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Account>, AdminError> {
        by.authorize()?;
        Ok(self.store.list_accounts(filter, self.clock.now(), after, size).await?)
    }

    /// One account, a deleted one too.
    pub async fn account(&self, by: &Administrator, id: UserId) -> Result<Account, AdminError> {
        by.authorize()?;
        let user = self.store.user(id).await?.ok_or(AdminError::NoSuchUser)?;
        self.seen(user).await
    }

    async fn seen(&self, user: User) -> Result<Account, AdminError> {
        let sessions = self.accounts.sessions_of(user.id).await?.len() as u64;
        let ban = self.accounts.active_ban(user.id).await?;
        let erasing = self.store.is_erasing(user.id).await?;
        let totp = self.store.totp(user.id).await?.is_some_and(|totp| totp.confirmed);
        Ok(Account { user, sessions, totp, ban, erasing })
    }

    /// Where somebody is signed in, the session used last first.
    pub async fn sessions(&self, by: &Administrator, id: UserId) -> Result<Vec<Session>, AdminError> {
        by.authorize()?;
        self.store.user(id).await?.ok_or(AdminError::NoSuchUser)?;
        Ok(self.accounts.sessions_of(id).await?)
    }

    /// Makes an account for somebody. Another admin is made only by one who gave their password
    /// lately.
    pub async fn create_account(
        &self,
        by: &Administrator,
        registration: &Registration,
    ) -> Result<(User, NewSecrets), AdminError> {
        let role = registration.role.unwrap_or(Role::User);
        if role == Role::Admin {
            self.confirmed(by).await?;
        }
        // The hashing that follows takes too long to hold the writer's turn.
        drop(self.begin(by).await?);
        let accepted = self.accounts.accept(registration).map_err(AdminError::Register)?;
        self.accounts
            .create(accepted, Maker::Administrator(role), by.doer())
            .await
            .map_err(AdminError::Register)
    }

    /// Changes what others see of somebody, or their address.
    pub async fn change_account(
        &self,
        by: &Administrator,
        id: UserId,
        change: &ProfileChange,
    ) -> Result<Account, AdminError> {
        let mut work = self.begin(by).await?;
        let before = active_user(&mut *work, id).await?;
        let mut after = before.clone();
        change.apply(&mut after).map_err(|error| match error {
            AccountError::Invalid(problems) => AdminError::Register(RegisterError::Invalid(problems)),
            AccountError::Store(error) => error.into(),
            AccountError::EmailTaken | AccountError::EndsInThePast | AccountError::NotFound => {
                AdminError::NoSuchUser
            }
        })?;
        let address = |user: &User| user.email.as_ref().map(ToString::to_string);
        let changes = [
            AuditChange::of_text("name", Some(before.name.as_str()), Some(after.name.as_str())),
            AuditChange::of_text("about", Some(before.about.as_str()), Some(after.about.as_str())),
            AuditChange::of_text("email", address(&before).as_deref(), address(&after).as_deref()),
        ];
        let changes = changes.into_iter().flatten().collect();
        work.update_user(&after).await?;
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::UserChanged, target, changes).await?;
        work.emit(Event::UserChanged(Arc::new(after.clone())));
        work.commit().await?;
        self.seen(after).await
    }

    /// Gives somebody another role on the server. It counts at once, wherever they are signed in.
    pub async fn set_role(&self, by: &Administrator, id: UserId, role: Role) -> Result<Account, AdminError> {
        self.confirmed(by).await?;
        let mut work = self.begin(by).await?;
        let before = active_person(&mut *work, id).await?;
        let after = User { role, ..before.clone() };
        work.update_user(&after).await?;
        self.keep_an_admin(&*work).await?;
        let changes = AuditChange::of_text("role", Some(before.role.word()), Some(role.word()));
        let (target, changes) = (Some(AuditTarget::User(id)), changes.into_iter().collect());
        self.scribe.note(&mut *work, by.doer(), AuditAction::RoleChanged, target, changes).await?;
        work.emit(Event::UserChanged(Arc::new(after.clone())));
        work.commit().await?;
        self.accounts.forget_user(id);
        self.seen(after).await
    }

    /// The person whom a login names: a username, a user id or an address.
    pub async fn find(&self, by: &Administrator, login: &str) -> Result<UserId, AdminError> {
        by.authorize()?;
        let login = Login::parse(login).ok_or(AdminError::NoSuchUser)?;
        let found = self.store.user_by_login(&login).await?;
        found.map(|(user, _)| user.id).ok_or(AdminError::NoSuchUser)
    }

    /// Makes a link with which somebody gets their account back, to be handed to them. It works
    /// once, for a day, and in place of any before; the account is as it was until then.
    pub async fn reset_link(&self, by: &Administrator, id: UserId) -> Result<ResetLink, AdminError> {
        self.confirmed(by).await?;
        let mut work = self.begin(by).await?;
        active_person(&mut *work, id).await?;
        let expires_at = self.clock.now().plus(LINK_FOR);
        let secret = self.accounts.give_recovery_link(&mut *work, id, expires_at).await?;
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::ResetLinkMade, target, Vec::new()).await?;
        work.commit().await?;
        Ok(ResetLink { secret, expires_at })
    }

    /// Gives somebody a password with which they choose another at their next sign-in, in place of the
    /// one they had; without `chosen` one is made. It is good for a day. All their sessions end.
    pub async fn set_temporary_password(
        &self,
        by: &Administrator,
        id: UserId,
        chosen: Option<&str>,
    ) -> Result<TemporaryPassword, AdminError> {
        self.confirmed(by).await?;
        if by.is(id) {
            return Err(AdminError::Yourself);
        }
        let user = self.store.user(id).await?.filter(User::is_active).ok_or(AdminError::NoSuchUser)?;
        // Hashing takes too long to hold the writer's turn.
        let (hash, made) =
            self.accounts.hash_for_somebody(&user, chosen).await.map_err(AdminError::Register)?;
        let mut work = self.begin(by).await?;
        active_person(&mut *work, id).await?;
        let expires_at = self.clock.now().plus(TEMPORARY_FOR);
        work.set_password(id, &StoredPassword { hash, temporary_until: Some(expires_at) }).await?;
        let ended = end_sessions(&mut *work, id, SessionEnd::SignedOut, |_| false).await?;
        let target = Some(AuditTarget::User(id));
        let action = AuditAction::TemporaryPasswordSet;
        self.scribe.note(&mut *work, by.doer(), action, target, Vec::new()).await?;
        work.commit().await?;
        self.accounts.forget_all(ended);
        Ok(TemporaryPassword { made, expires_at })
    }

    /// Signs somebody out on one device.
    pub async fn end_session(
        &self,
        by: &Administrator,
        id: UserId,
        session: SessionId,
    ) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        active_user(&mut *work, id).await?;
        let found = work.session(session).await?;
        let theirs = found.filter(|session| session.user == id && !session.grant.is_token());
        let device = theirs.ok_or(AdminError::NoSuchSession)?.device;
        work.delete_sessions(&[session]).await?;
        work.emit(Event::SessionEnded { session, user: id, reason: SessionEnd::SignedOut });
        let changes = AuditChange::of_text("session", Some(&device.user_agent), None).into_iter().collect();
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::SessionEnded, target, changes).await?;
        work.commit().await?;
        self.accounts.forget(session);
        Ok(())
    }

    /// Takes the second factor away from somebody who lost it.
    pub async fn remove_totp(&self, by: &Administrator, id: UserId) -> Result<(), AdminError> {
        self.confirmed(by).await?;
        if by.is(id) {
            return Err(AdminError::Yourself);
        }
        let mut work = self.begin(by).await?;
        active_user(&mut *work, id).await?;
        if !self.accounts.take_totp(&mut *work, id).await? {
            return Err(AdminError::NoTotp);
        }
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::TotpRemoved, target, Vec::new()).await?;
        work.commit().await?;
        self.accounts.forget_user(id);
        Ok(())
    }

    /// Signs somebody out everywhere; in how many places they were signed in.
    pub async fn end_sessions(&self, by: &Administrator, id: UserId) -> Result<u64, AdminError> {
        let mut work = self.begin(by).await?;
        active_user(&mut *work, id).await?;
        let ended = end_sessions(&mut *work, id, SessionEnd::SignedOut, |_| false).await?;
        let count = ended.len() as u64;
        let before = Some(AuditValue::Text(count.to_string()));
        let changes = vec![AuditChange { field: "sessions".to_owned(), before, after: None }];
        let target = Some(AuditTarget::User(id));
        self.scribe.note(&mut *work, by.doer(), AuditAction::SessionsEnded, target, changes).await?;
        work.commit().await?;
        self.accounts.forget_all(ended);
        Ok(count)
    }
}

/// Somebody with an account, whom nobody else changes meanwhile.
pub(super) async fn active_user(work: &mut dyn UnitOfWork, id: UserId) -> Result<User, AdminError> {
    work.lock_user(id).await?;
    work.user(id).await?.filter(User::is_active).ok_or(AdminError::NoSuchUser)
}

/// The same, when it is no bot.
async fn active_person(work: &mut dyn UnitOfWork, id: UserId) -> Result<User, AdminError> {
    let user = active_user(work, id).await?;
    if user.bot { Err(AdminError::IsBot) } else { Ok(user) }
}
