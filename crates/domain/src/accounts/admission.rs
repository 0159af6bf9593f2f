use super::{Accounts, RegisterError, Registration};
use crate::{Email, Invite, InviteError, Repositories, Role, StoreError, TokenHash, UnitOfWork};

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegistrationPolicy {
    /// Everybody who reaches the server.
    Open,
    /// Whoever was invited.
    Invite,
    /// Nobody by themselves, invited or not; admins make accounts.
    Closed,
}

impl RegistrationPolicy {
    /// Its name in the API.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }
}

/// What somebody who registers gets.
pub(super) struct Admission {
    pub(super) role: Role,
    /// What they came in through.
    pub(super) invite: Option<Invite>,
}

impl Registration {
    /// The token of the invitation, when there is one.
    fn invite_token(&self) -> Option<&str> {
        self.invite.as_deref().map(str::trim).filter(|token| !token.is_empty())
    }
}

impl Accounts {
    /// Who may make an account at present: what admins chose, or else the setting that the server
    /// started with. Every node reads it where it is stored.
    pub async fn registration(&self) -> Result<RegistrationPolicy, StoreError> {
        self.registration_by(&*self.store).await
    }

    /// What an invitation's token is good for, to one who has it.
    pub async fn look_up_invite(&self, token: &str) -> Result<Invite, InviteError> {
        let found = self.store.invite_by_token(&self.tokens.hash(token)).await?;
        found.filter(|invite| invite.is_good(self.clock.now())).ok_or(InviteError::NoSuchInvite)
    }

    /// A new secret and its hash.
    pub(crate) fn secret(&self) -> (String, TokenHash) {
        self.tokens.secret()
    }

    pub(crate) async fn registration_by<R: Repositories + ?Sized>(
        &self,
        store: &R,
    ) -> Result<RegistrationPolicy, StoreError> {
        Ok(store.registration().await?.unwrap_or(self.policy.registration))
    }

    /// Keeps others from using the invitation that somebody presents until their account is made.
    pub(super) async fn take_invite(
        &self,
        work: &mut dyn UnitOfWork,
        registration: &Registration,
    ) -> Result<(), StoreError> {
        if let Some(token) = registration.invite_token()
            && let Some(invite) = work.invite_by_token(&self.tokens.hash(token)).await?
        {
            work.lock_invite(invite.id).await?;
        }
        Ok(())
    }

    /// Whether somebody may have the account that they ask for, and as what.
    pub(super) async fn admit<R: Repositories + ?Sized>(
        &self,
        store: &R,
        registration: &Registration,
        email: Option<&Email>,
    ) -> Result<Admission, RegisterError> {
        let policy = self.registration_by(store).await?;
        let wants_admin = registration.role == Some(Role::Admin);
        let Some(token) = registration.invite_token() else {
            return match policy {
                _ if wants_admin => Err(RegisterError::AdminInviteRequired),
                RegistrationPolicy::Closed => Err(RegisterError::Closed),
                RegistrationPolicy::Invite => Err(RegisterError::InviteRequired),
                RegistrationPolicy::Open => Ok(Admission { role: Role::User, invite: None }),
            };
        };
        if policy == RegistrationPolicy::Closed {
            return Err(RegisterError::Closed);
        }
        let invite = store.invite_by_token(&self.tokens.hash(token)).await?;
        let invite =
            invite.filter(|invite| invite.is_good(self.clock.now())).ok_or(RegisterError::InvalidInvite)?;
        if wants_admin && invite.role != Role::Admin {
            return Err(RegisterError::AdminInviteRequired);
        }
        if invite.email.as_ref().is_some_and(|bound| Some(bound) != email) {
            return Err(RegisterError::InviteForAnotherAddress);
        }
        Ok(Admission { role: registration.role.unwrap_or(invite.role), invite: Some(invite) })
    }
}
