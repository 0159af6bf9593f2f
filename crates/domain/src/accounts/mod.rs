//! Who people are, and how they prove it.

mod admission;
mod api_tokens;
mod authenticating;
mod exporting;
mod mailing;
mod oidc;
mod passwords;
mod profile;
mod recovering;
mod refreshing;
mod registering;
mod sessions;
mod signing_in;
mod temporary;
mod two_factor;

use std::sync::{Arc, Mutex};

pub use admission::RegistrationPolicy;
pub use api_tokens::{ApiTokenError, NewApiToken};
pub use authenticating::{Authenticated, Credentials};
pub use mailing::MailError;
pub use oidc::{OidcArrival, OidcDeparture, OidcError, OidcReturn, SignInMethods};
pub use passwords::{PasswordError, Renewed};
pub use profile::{AccountError, ProfileChange, StatusChange};
pub use recovering::{Recovery, RecoveryError};
pub use refreshing::{RefreshError, Refreshed};
pub use registering::{RegisterError, Registration, SetupError};
pub use signing_in::{SignIn, SignInError};
pub use two_factor::{FactorError, TotpError, TotpState};

use authenticating::SessionCache;
use oidc::Oidc;
pub(crate) use passwords::end_sessions;
pub(crate) use registering::Maker;
pub(crate) use temporary::TEMPORARY_FOR;
pub(crate) use two_factor::acting_role;

use crate::administration::Scribe;
use crate::{
    AuditAction, AuditTarget, Clock, Doer, Email, IdSource, Password, PasswordHasher, RecoveryCode,
    SessionId, SessionPolicy, Store, StoreError, TokenIssuer, UnitOfWork, User, UserId,
};

/// The rules of this server's accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountsPolicy {
    /// What people call the server; no password is made of it.
    pub server_name: String,
    /// Who may make an account until an admin chooses.
    pub registration: RegistrationPolicy,
    /// The fewest characters of a password.
    pub password_min_characters: usize,
    /// How long sessions live.
    pub sessions: SessionPolicy,
    /// Whether the server can send e-mail.
    pub sends_mail: bool,
}

/// A signed pass that ends by itself soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The pass.
    pub token: String,
    /// How many seconds it is good for.
    pub expires_in: u32,
}

/// What an API client proves itself with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Presented with each request.
    pub access: AccessToken,
    /// Exchanged for a new pair when the access token is over.
    pub refresh: String,
}

/// Somebody is signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The new session.
    pub session: SessionId,
    /// What proves it.
    pub credentials: Credentials,
    /// What is told this once.
    pub secrets: NewSecrets,
}

/// What somebody with a new account is told once, and what nobody learns again.
#[derive(Debug, Default)]
pub struct NewSecrets {
    /// The password that the server made, when none was chosen.
    pub password: Option<Password>,
    /// The codes that give the account back when the password is lost; none at a mere sign-in.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// Registration, sign-in, sessions and one's own account.
pub struct Accounts {
    store: Arc<dyn Store>,
    hasher: Arc<dyn PasswordHasher>,
    tokens: Arc<dyn TokenIssuer>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    policy: AccountsPolicy,
    scribe: Scribe,
    oidc: Option<Oidc>,
    /// Sessions looked up lately, so that a request costs no query. Kept for seconds only, and
    /// forgotten at once when the session, its user or a ban changes on this node.
    cache: Mutex<SessionCache>,
}

impl Accounts {
    /// Accounts kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        hasher: Arc<dyn PasswordHasher>,
        tokens: Arc<dyn TokenIssuer>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        policy: AccountsPolicy,
    ) -> Self {
        let scribe = Scribe::new(clock.clone(), ids.clone());
        Self { store, hasher, tokens, clock, ids, policy, scribe, oidc: None, cache: Mutex::default() }
    }

    /// The rules these accounts follow.
    pub fn policy(&self) -> &AccountsPolicy {
        &self.policy
    }

    /// Writes down what somebody did with an account.
    async fn note(
        &self,
        work: &mut dyn UnitOfWork,
        doer: Doer,
        action: AuditAction,
        user: UserId,
    ) -> Result<(), StoreError> {
        self.scribe.note(work, doer, action, Some(AuditTarget::User(user)), Vec::new()).await
    }

    /// Whether nobody runs the server yet.
    pub async fn needs_setup(&self) -> Result<bool, StoreError> {
        Ok(self.store.count_admins().await? == 0)
    }
}

/// An address that may be left out; blank counts as left out.
fn optional_email(input: Option<&str>) -> Result<Option<Email>, crate::InvalidText> {
    input.filter(|text| !text.trim().is_empty()).map(Email::parse).transpose()
}
