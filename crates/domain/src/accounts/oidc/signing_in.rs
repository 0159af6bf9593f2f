use std::sync::Arc;

use super::usernames::usernames;
use super::{OidcError, OidcReturn};
use crate::accounts::admission::Admission;
use crate::accounts::registering::{Accepted, Maker, Newcomer};
use crate::accounts::two_factor::Factor;
use crate::accounts::{Accounts, NewSecrets, RegisterError, Registration, SignInError, SignedIn};
use crate::{
    AuditAction, AuditChange, AuditTarget, DisplayName, Doer, Event, LinkedIdentity, Login, NewSession,
    OidcAttempt, OidcProfile, OidcPurpose, OidcSignUp, Repositories, Role, StoreError, UniqueKey, UnitOfWork,
    User, UserId, Username,
};

/// Somebody whom the provider vouches for, and who is not signed in yet.
#[derive(Debug)]
pub struct OidcArrival(Arrival);

#[derive(Debug)]
enum Arrival {
    /// Somebody without an account, who may have one.
    New(OidcProfile, Option<String>),
    /// Somebody with an account, whose browser is noted to be back until a second factor is given.
    Known { owner: UserId, admin: Option<bool>, attempt: OidcAttempt, totp: Option<String> },
}

impl OidcArrival {
    /// Whether an account will be made.
    pub fn is_new(&self) -> bool {
        matches!(self.0, Arrival::New(..))
    }

    /// Whose second factor is presented, when one is.
    pub fn proves_again(&self) -> Option<UserId> {
        match &self.0 {
            Arrival::Known { owner, totp: Some(_), .. } => Some(*owner),
            _ => None,
        }
    }
}

impl Accounts {
    /// Takes the provider's word on who somebody is whose browser is back. Those who have no account,
    /// and may have none, are refused.
    pub async fn arrive_by_oidc(
        &self,
        back: &OidcReturn,
        invite: Option<String>,
    ) -> Result<OidcArrival, OidcError> {
        let attempt = self.take_attempt(back).await?;
        let totp = back.totp.clone();
        match attempt.purpose {
            OidcPurpose::SignIn => {}
            // The provider vouched for them before.
            OidcPurpose::SecondFactor(owner) => {
                return Ok(OidcArrival(Arrival::Known { owner, admin: None, attempt, totp }));
            }
            OidcPurpose::Link(..) | OidcPurpose::Confirm(..) => return Err(OidcError::Strayed),
        }
        let profile = self.redeem(back).await?;
        if let Some(owner) = self.store.identity_owner(&profile.identity).await? {
            return Ok(OidcArrival(Arrival::Known { owner, admin: profile.admin, attempt, totp }));
        }
        let form = form(&profile, invite.clone());
        self.admit_newcomer(&*self.store, &form, &profile).await.map_err(OidcError::Register)?;
        if self.is_taken(&profile).await? && profile.email_verified {
            return Err(OidcError::AccountExists);
        }
        Ok(OidcArrival(Arrival::New(profile, invite)))
    }

    /// Signs somebody in whom the provider vouches for; makes the account first when there is none.
    pub async fn enter_by_oidc(
        &self,
        arrival: OidcArrival,
        session: &NewSession,
    ) -> Result<SignedIn, OidcError> {
        let doer = Doer { user: None, address: session.device.address };
        let (owner, admin, factor) = match arrival.0 {
            Arrival::New(profile, invite) => {
                (self.sign_up(&profile, invite, doer).await?.id, profile.admin, None)
            }
            Arrival::Known { owner, admin, attempt, totp } => {
                self.follow_claim(owner, admin, doer).await?;
                if let Some(ban) = self.active_ban(owner).await? {
                    return Err(OidcError::Banned(Box::new(ban)));
                }
                (owner, None, self.factor(owner, attempt, totp.as_deref(), doer).await?)
            }
        };
        self.follow_claim(owner, admin, doer).await?;
        let issuer = &self.oidc()?.policy.issuer;
        let mut work = self.store.begin().await?;
        work.lock_user(owner).await?;
        let user = work.user(owner).await?.filter(User::is_active).ok_or(OidcError::Strayed)?;
        if work.identity_of(owner, issuer).await?.is_none() {
            // They unlinked it meanwhile.
            return Err(OidcError::Strayed);
        }
        if let Some(factor) = factor {
            let proved = self.use_factor(&mut *work, owner, factor).await;
            proved.map_err(|error| OidcError::SecondFactor(error.into()))?;
        }
        let (session, credentials) =
            self.insert_session(&mut *work, owner, session, AuditAction::SignedInByProvider).await?;
        work.commit().await?;
        Ok(SignedIn { user, session, credentials, secrets: NewSecrets::default() })
    }

    /// The second factor of somebody who has one. While it is owed the browser may come back with it.
    async fn factor(
        &self,
        owner: UserId,
        attempt: OidcAttempt,
        typed: Option<&str>,
        doer: Doer,
    ) -> Result<Option<Factor>, OidcError> {
        let error = match self.second_factor(owner, typed, doer.address).await {
            Ok(factor) => return Ok(factor),
            Err(SignInError::Store(error)) => return Err(error.into()),
            Err(error) => error,
        };
        let owed = OidcAttempt { purpose: OidcPurpose::SecondFactor(owner), ..attempt };
        let mut work = self.store.begin().await?;
        work.insert_oidc_attempt(&owed, self.clock.now()).await?;
        work.commit().await?;
        Err(OidcError::SecondFactor(error))
    }

    /// Makes an account for somebody whom the provider vouches for.
    async fn sign_up(
        &self,
        profile: &OidcProfile,
        invite: Option<String>,
        doer: Doer,
    ) -> Result<User, OidcError> {
        let email = if self.is_taken(profile).await? { None } else { profile.email.clone() };
        let form = form(profile, invite);
        for username in usernames(profile) {
            if self.store.user_by_login(&Login::Username(username.clone())).await?.is_some() {
                continue;
            }
            let name = name(profile, &username);
            let accepted = Accepted::without_password(username, name, email.clone());
            let maker = Maker::Provider(Newcomer { form: &form, profile });
            match self.create(accepted, maker, doer).await {
                Ok((user, _)) => return Ok(user),
                // Somebody took it just now.
                Err(RegisterError::UsernameTaken) => {}
                Err(RegisterError::EmailTaken) => return Err(OidcError::AccountExists),
                Err(error) => return Err(OidcError::Register(error)),
            }
        }
        Err(OidcError::Register(RegisterError::UsernameTaken))
    }

    /// Whether another account has the address that the provider tells.
    async fn is_taken(&self, profile: &OidcProfile) -> Result<bool, StoreError> {
        match &profile.email {
            Some(email) => Ok(self.store.user_by_login(&Login::Email(email.clone())).await?.is_some()),
            None => Ok(false),
        }
    }

    /// Whether somebody who comes from the provider may have an account, and as what.
    pub(in crate::accounts) async fn admit_newcomer<R: Repositories + ?Sized>(
        &self,
        store: &R,
        form: &Registration,
        profile: &OidcProfile,
    ) -> Result<Admission, RegisterError> {
        match self.oidc.as_ref().map(|oidc| oidc.policy.sign_up) {
            Some(OidcSignUp::Policy) => self.admit(store, form, profile.email.as_ref()).await,
            Some(OidcSignUp::Always) => Ok(Admission { role: Role::User, invite: None }),
            Some(OidcSignUp::Never) | None => Err(RegisterError::Closed),
        }
    }

    /// Links a new account with whom it was made for.
    pub(in crate::accounts) async fn link_newcomer(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        profile: &OidcProfile,
    ) -> Result<(), StoreError> {
        let (identity, label) = (profile.identity.clone(), profile.label());
        let linked = LinkedIdentity { identity, user, label, linked_at: self.clock.now() };
        match work.insert_identity(&linked).await {
            // The same person in the same moment, from another tab: the next try finds the account.
            Err(StoreError::Conflict(UniqueKey::Other)) => {
                Err(StoreError::Clash("the identity was linked just now".into()))
            }
            inserted => inserted,
        }
    }

    /// Makes somebody an admin, or a user, as the provider says. The last one who can look after the
    /// server stays what they are.
    async fn follow_claim(&self, owner: UserId, admin: Option<bool>, doer: Doer) -> Result<(), StoreError> {
        let Some(admin) = admin else { return Ok(()) };
        let role = if admin { Role::Admin } else { Role::User };
        let mut work = self.store.begin().await?;
        work.lock_admins().await?;
        work.lock_user(owner).await?;
        let Some(before) = work.user(owner).await?.filter(|user| user.is_active() && user.role != role)
        else {
            return Ok(());
        };
        let after = User { role, ..before.clone() };
        work.update_user(&after).await?;
        if work.count_acting_admins(self.clock.now()).await? == 0 {
            return Ok(());
        }
        let change = AuditChange::of_text("role", Some(before.role.word()), Some(role.word()));
        let (target, changes) = (Some(AuditTarget::User(owner)), change.into_iter().collect());
        self.scribe.note(&mut *work, doer, AuditAction::RoleChanged, target, changes).await?;
        work.emit(Event::UserChanged(Arc::new(after)));
        work.commit().await?;
        self.forget_user(owner);
        Ok(())
    }
}

/// What somebody would have filled in.
fn form(profile: &OidcProfile, invite: Option<String>) -> Registration {
    let email = profile.email.as_ref().map(ToString::to_string);
    Registration { email, invite, ..Registration::default() }
}

/// The name people see: what the provider says, as far as it is one.
fn name(profile: &OidcProfile, username: &Username) -> DisplayName {
    let told = profile.name.as_deref().or(profile.username.as_deref()).unwrap_or_default();
    let told: String = told.chars().take(64).collect();
    DisplayName::parse(&told).unwrap_or_else(|_| DisplayName::from_stored(username.to_string()))
}
