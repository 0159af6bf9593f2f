use thiserror::Error;

use super::admission::Admission;
use super::{Accounts, NewSecrets, RegistrationPolicy, SignedIn, TEMPORARY_FOR, optional_email};
use crate::groups::join_lobby;
use crate::{
    AuditAction, AuditChange, AuditTarget, DisplayName, Doer, Email, Event, HashError, InvalidText, Login,
    Named, NewSession, NewUser, OidcProfile, Password, PasswordHash, Role, StoreError, StoredPassword,
    TextProblem, UniqueKey, UnitOfWork, User, UserCode, UserId, Username,
};
use std::sync::Arc;

/// What somebody fills in to get an account, as they typed it.
#[derive(Debug, Clone, Default)]
pub struct Registration {
    /// The handle.
    pub username: String,
    /// The name people see.
    pub name: String,
    /// The password; when blank, the server makes one.
    pub password: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// The role they ask for.
    pub role: Option<Role>,
    /// The token of the invitation they were given.
    pub invite: Option<String>,
}

/// Why no account was made.
#[derive(Debug, Error)]
pub enum RegisterError {
    /// Fields are not acceptable; all problems at once.
    #[error("some fields are not acceptable")]
    Invalid(Vec<InvalidText>),
    /// One does not become an admin by asking for it.
    #[error("an admin account needs an admin's invitation")]
    AdminInviteRequired,
    /// Whoever makes an account here was invited.
    #[error("registration needs an invitation; ask an admin for one")]
    InviteRequired,
    /// There is no such invitation, or it cannot be used any more.
    #[error("this invitation is not, or no longer, valid")]
    InvalidInvite,
    /// The invitation is for an account with another address.
    #[error("this invitation is for another e-mail address")]
    InviteForAnotherAddress,
    /// Admins make accounts here.
    #[error("registration is closed; ask an admin for an account")]
    Closed,
    /// Somebody has this username.
    #[error("this username is taken")]
    UsernameTaken,
    /// Somebody has this address.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// Too many passwords are being hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// The store could not do it.
    #[error(transparent)]
    Store(StoreError),
}

/// Why the first admin was not made.
#[derive(Debug, Error)]
pub enum SetupError {
    /// Somebody runs this server already.
    #[error("this server has an admin already")]
    AlreadySetUp,
    /// The account could not be made.
    #[error(transparent)]
    Register(#[from] RegisterError),
}

impl SetupError {
    /// Why the first admin's account was not made.
    fn of_first_admin(error: RegisterError) -> Self {
        match error {
            RegisterError::AdminInviteRequired => Self::AlreadySetUp,
            other => other.into(),
        }
    }
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::Username) => Self::UsernameTaken,
            StoreError::Conflict(UniqueKey::Email) => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

/// A registration whose every field is acceptable.
pub(crate) struct Accepted {
    username: Username,
    name: DisplayName,
    email: Option<Email>,
    /// None for one who signs in at the provider.
    password: Option<Password>,
    generated: bool,
}

impl Accepted {
    /// An account for somebody who signs in at the provider.
    pub(super) fn without_password(username: Username, name: DisplayName, email: Option<Email>) -> Self {
        Self { username, name, email, password: None, generated: false }
    }
}

/// Somebody without an account whom the provider vouches for.
#[derive(Clone, Copy)]
pub(crate) struct Newcomer<'a> {
    pub(super) form: &'a Registration,
    pub(super) profile: &'a OidcProfile,
}

/// On whose word an account is made.
#[derive(Clone, Copy)]
pub(crate) enum Maker<'a> {
    /// Somebody asks for it.
    Themselves(&'a Registration),
    /// The provider at which they signed in.
    Provider(Newcomer<'a>),
    /// Whoever starts the server for the first time, who may choose who else makes accounts.
    FirstStart(Option<RegistrationPolicy>),
    /// Whoever looks after the server, for somebody with this role.
    Administrator(Role),
    /// Whoever looks after the server, for a program.
    ForBot,
}

impl Maker<'_> {
    /// Whether the password is known to somebody else, too, so that its owner has to choose another.
    /// The machine's operator makes accounts for programs and for themselves, and is nobody else.
    fn leaves_a_temporary_password(self, doer: Doer) -> bool {
        matches!(self, Self::Administrator(_)) && doer.user.is_some()
    }
}

impl Accounts {
    /// Makes an account for somebody who asks for one, and signs them in.
    pub async fn register(
        &self,
        registration: &Registration,
        session: &NewSession,
    ) -> Result<SignedIn, RegisterError> {
        let accepted = self.accept(registration)?;
        let maker = Maker::Themselves(registration);
        self.create_and_sign_in(accepted, maker, session).await
    }

    /// Whether somebody may have the account that they ask for, as far as that can be told without
    /// making it.
    pub async fn check_registration(&self, registration: &Registration) -> Result<(), RegisterError> {
        // Who may have no account at all is told so first.
        let email = optional_email(registration.email.as_deref()).ok().flatten();
        self.admit(&*self.store, registration, email.as_ref()).await?;
        let Accepted { username, email, .. } = self.accept(registration)?;
        if self.store.user_by_login(&Login::Username(username)).await?.is_some() {
            return Err(RegisterError::UsernameTaken);
        }
        if let Some(email) = email
            && self.store.user_by_login(&Login::Email(email)).await?.is_some()
        {
            return Err(RegisterError::EmailTaken);
        }
        Ok(())
    }

    /// Makes the first admin, who is USR000001 on a fresh server, and signs them in. Of many who
    /// try at once one succeeds, and lets those make accounts whom they chose.
    pub async fn set_up(
        &self,
        registration: &Registration,
        session: &NewSession,
        policy: Option<RegistrationPolicy>,
    ) -> Result<SignedIn, SetupError> {
        let accepted = self.accept_first_admin(registration).await?;
        let maker = Maker::FirstStart(policy);
        self.create_and_sign_in(accepted, maker, session).await.map_err(SetupError::of_first_admin)
    }

    /// Makes the first admin, without signing in; answers what is told once.
    pub async fn create_first_admin(
        &self,
        registration: &Registration,
    ) -> Result<(User, NewSecrets), SetupError> {
        let accepted = self.accept_first_admin(registration).await?;
        let made = self.create(accepted, Maker::FirstStart(None), Doer::default()).await;
        made.map_err(SetupError::of_first_admin)
    }

    async fn accept_first_admin(&self, registration: &Registration) -> Result<Accepted, SetupError> {
        if !self.needs_setup().await.map_err(RegisterError::Store)? {
            return Err(SetupError::AlreadySetUp);
        }
        Ok(self.accept(registration)?)
    }

    /// Makes an admin on the word of whoever operates the machine.
    pub async fn create_admin(
        &self,
        registration: &Registration,
    ) -> Result<(User, NewSecrets), RegisterError> {
        let accepted = self.accept(registration)?;
        self.create(accepted, Maker::Administrator(Role::Admin), Doer::default()).await
    }

    pub(crate) fn accept(&self, registration: &Registration) -> Result<Accepted, RegisterError> {
        let mut problems = Vec::new();
        let chosen = registration.password.as_deref().filter(|text| !text.trim().is_empty());
        let generated = chosen.is_none();
        let username = InvalidText::gather(&mut problems, parse_username(&registration.username));
        let name = InvalidText::gather(&mut problems, DisplayName::parse(&registration.name));
        let email = InvalidText::gather(&mut problems, optional_email(registration.email.as_deref()));
        let password = InvalidText::gather(
            &mut problems,
            match chosen {
                Some(text) => self.choose(text, username.as_ref(), email.as_ref().and_then(Option::as_ref)),
                None => Ok(self.tokens.password()),
            },
        );
        match (username, name, email, password) {
            (Some(username), Some(name), Some(email), Some(password)) => {
                Ok(Accepted { username, name, email, password: Some(password), generated })
            }
            _ => Err(RegisterError::Invalid(problems)),
        }
    }

    /// Makes an account; answers it with what is told once.
    pub(crate) async fn create(
        &self,
        accepted: Accepted,
        maker: Maker<'_>,
        doer: Doer,
    ) -> Result<(User, NewSecrets), RegisterError> {
        let (work, user, secrets) = self.begin_account(accepted, maker, doer).await?;
        work.commit().await?;
        Ok((user, secrets))
    }

    /// Makes an account and signs its owner in, both or neither: what is told once is told with the
    /// session.
    async fn create_and_sign_in(
        &self,
        accepted: Accepted,
        maker: Maker<'_>,
        session: &NewSession,
    ) -> Result<SignedIn, RegisterError> {
        let doer = Doer { user: None, address: session.device.address };
        let (mut work, user, secrets) = self.begin_account(accepted, maker, doer).await?;
        let (session, credentials) =
            self.insert_session(&mut *work, user.id, session, AuditAction::SignedIn).await?;
        work.commit().await?;
        Ok(SignedIn { user, session, credentials, secrets })
    }

    async fn begin_account(
        &self,
        accepted: Accepted,
        maker: Maker<'_>,
        doer: Doer,
    ) -> Result<(Box<dyn UnitOfWork>, User, NewSecrets), RegisterError> {
        let Accepted { username, name, email, password: chosen, generated } = accepted;
        // Hashing is slow on purpose; it is done before the writer's turn is taken.
        let hash = match &chosen {
            Some(chosen) => self.hasher.hash(chosen).await?,
            None => PasswordHash::none(),
        };
        let now = self.clock.now();
        let temporary_until = maker.leaves_a_temporary_password(doer).then(|| now.plus(TEMPORARY_FOR));
        let password = StoredPassword { hash, temporary_until };
        let id = UserId::from_uuid(self.ids.next_id());
        let mut work = self.store.begin().await?;
        let Admission { role, invite } = match maker {
            Maker::Themselves(registration) => {
                self.take_invite(&mut *work, registration).await?;
                self.admit(&*work, registration, email.as_ref()).await?
            }
            Maker::Provider(Newcomer { form, profile }) => {
                self.take_invite(&mut *work, form).await?;
                self.admit_newcomer(&*work, form, profile).await?
            }
            Maker::FirstStart(_) => Admission { role: Role::Admin, invite: None },
            Maker::Administrator(role) => Admission { role, invite: None },
            Maker::ForBot => Admission { role: Role::User, invite: None },
        };
        let bot = matches!(maker, Maker::ForBot);
        let email_verified = email.is_some()
            && matches!(maker, Maker::Provider(Newcomer { profile, .. }) if profile.email_verified);
        let user =
            NewUser { id, username, name, email, email_verified, role, bot, password, created_at: now };
        let user = work.insert_user(&user).await?;
        // Asked after the insert: it locks the counter of users, so that one of two admins who are
        // made at once sees the other.
        if let Maker::FirstStart(policy) = maker {
            if work.count_admins().await? > 1 {
                return Err(RegisterError::AdminInviteRequired);
            }
            if let Some(policy) = policy {
                work.set_registration(policy).await?;
            }
        }
        if let Some(invite) = &invite {
            work.use_invite(invite.id, user.id, now).await?;
        }
        join_lobby(&mut *work, user.id, now).await?;
        let recovery_codes = if let Maker::Provider(Newcomer { profile, .. }) = maker {
            // Who loses their way there gets back in there, and who is shut out there is out.
            self.link_newcomer(&mut *work, user.id, profile).await?;
            Vec::new()
        } else {
            self.give_recovery_codes(&mut *work, user.id).await?
        };
        self.ask_for_proof(&mut *work, &user).await?;
        let invite = invite.map(|invite| invite.id.to_string());
        let changes = [
            AuditChange::of_text("role", None, Some(if bot { "bot" } else { role.word() })),
            AuditChange::of_text("invite", None, invite.as_deref()),
        ];
        let changes = changes.into_iter().flatten().collect();
        let target = Some(AuditTarget::User(user.id));
        self.scribe.note(&mut *work, doer, AuditAction::UserCreated, target, changes).await?;
        work.emit(Event::UserChanged(Arc::new(user.clone())));
        Ok((work, user, NewSecrets { password: chosen.filter(|_| generated), recovery_codes }))
    }
}

/// A username that is not of the form of a user id, so that a login never means two people, and
/// not what mentions everybody.
pub(super) fn parse_username(input: &str) -> Result<Username, InvalidText> {
    let username = Username::parse(input)?;
    if username.as_str() == Named::ALL {
        let problem = TextProblem::Characters { allowed: "another name: @all mentions everybody" };
        return Err(InvalidText { field: "username", problem });
    }
    if UserCode::parse(username.as_str()).is_some() {
        let problem = TextProblem::Characters { allowed: "another form than a user ID like USR000001" };
        return Err(InvalidText { field: "username", problem });
    }
    Ok(username)
}
