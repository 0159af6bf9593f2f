//! Signing in at an identity provider.

mod linking;
mod signing_in;
mod usernames;

use std::fmt::Write;
use std::sync::Arc;

use thiserror::Error;

pub use linking::SignInMethods;
pub use signing_in::OidcArrival;

use super::{Accounts, Authenticated, PasswordError, RegisterError, SignInError};
use crate::{
    Ban, OidcAttempt, OidcFailure, OidcHandshake, OidcPolicy, OidcProfile, OidcProvider, OidcPurpose,
    StoreError, TokenHash,
};

/// The provider, and the rules for those who come from it.
pub(super) struct Oidc {
    provider: Arc<dyn OidcProvider>,
    policy: OidcPolicy,
}

/// A browser leaves for the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcDeparture {
    /// Where to.
    pub url: String,
    /// What the browser keeps until it is back.
    pub secret: String,
}

/// A browser is back from the provider.
#[derive(Debug, Clone)]
pub struct OidcReturn {
    /// What it kept meanwhile; blank when it kept nothing.
    pub secret: String,
    /// What came back with it, as the provider wrote it into the address.
    pub state: String,
    /// What the provider gave it.
    pub code: String,
    /// What somebody typed who was asked for a second factor, with the same state.
    pub totp: Option<String>,
}

/// Why somebody could not be signed in by a provider, linked, or confirmed.
#[derive(Debug, Error)]
pub enum OidcError {
    /// There is no provider.
    #[error("this server knows no identity provider")]
    Off,
    /// The provider was of no help.
    #[error(transparent)]
    Provider(#[from] OidcFailure),
    /// This browser did not begin it, it was begun for something else, it took too long, or it has
    /// ended already.
    #[error("this was begun in another browser, too long ago, or is done already; begin anew")]
    Strayed,
    /// Their address is none of those that may come.
    #[error("this server takes people with other e-mail addresses only")]
    EmailNotAllowed,
    /// Another account has the address that the provider vouches for. It may be the same person; only
    /// its password tells.
    #[error("an account with this e-mail address is there already; sign in to it and link the two there")]
    AccountExists,
    /// They may have no account.
    #[error(transparent)]
    Register(RegisterError),
    /// Shut out.
    #[error("the account is banned")]
    Banned(Box<Ban>),
    /// The provider vouches for them, and the account has a second factor, which is asked for or was not
    /// the right one. The same return may come again with it.
    #[error(transparent)]
    SecondFactor(SignInError),
    /// The identity is another account's.
    #[error("another account here is linked with this one of the provider")]
    LinkedElsewhere,
    /// The account has an identity there.
    #[error("your account is linked already; unlink it first")]
    AlreadyLinked,
    /// The account has no identity there.
    #[error("your account is not linked with the identity provider")]
    NotLinked,
    /// Without it nobody could sign in any more.
    #[error("choose a password first, or you could not sign in any more")]
    PasswordFirst,
    /// They signed in at the provider as somebody else.
    #[error("at the identity provider you are somebody else than here")]
    AnotherPerson,
    /// The provider did not say that it asked them just now.
    #[error("the identity provider did not ask who you are; try again")]
    NotFresh,
    /// They have to prove who they are first.
    #[error("give your password once more")]
    Unconfirmed,
    /// The session has ended.
    #[error("the session has ended")]
    SignedOut,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PasswordError> for OidcError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Store(error) => Self::Store(error),
            // Nothing else comes of giving a session other secrets.
            _ => Self::SignedOut,
        }
    }
}

impl Accounts {
    /// Lets people sign in at a provider, too.
    #[must_use]
    pub fn with_oidc(self, provider: Arc<dyn OidcProvider>, policy: OidcPolicy) -> Self {
        Self { oidc: Some(Oidc { provider, policy }), ..self }
    }

    /// What people call the provider, when there is one.
    pub fn oidc_name(&self) -> Option<&str> {
        self.oidc.as_ref().map(|oidc| oidc.policy.name.as_str())
    }

    fn oidc(&self) -> Result<&Oidc, OidcError> {
        self.oidc.as_ref().ok_or(OidcError::Off)
    }

    /// Begins to sign somebody in at the provider.
    pub async fn begin_oidc(&self) -> Result<OidcDeparture, OidcError> {
        self.depart(OidcPurpose::SignIn).await
    }

    /// Begins to link an account with who its owner is at the provider. They must have given their
    /// password lately.
    pub async fn begin_oidc_link(&self, who: &Authenticated) -> Result<OidcDeparture, OidcError> {
        let issuer = &self.oidc()?.policy.issuer;
        if !self.is_confirmed(who.session).await? {
            return Err(OidcError::Unconfirmed);
        }
        if self.store.identity_of(who.actor.user, issuer).await?.is_some() {
            return Err(OidcError::AlreadyLinked);
        }
        self.depart(OidcPurpose::Link(who.actor.user, who.session)).await
    }

    /// Begins to prove at the provider once more who somebody is, in place of a password.
    pub async fn begin_oidc_confirmation(&self, who: &Authenticated) -> Result<OidcDeparture, OidcError> {
        let issuer = &self.oidc()?.policy.issuer;
        if self.store.identity_of(who.actor.user, issuer).await?.is_none() {
            return Err(OidcError::NotLinked);
        }
        self.depart(OidcPurpose::Confirm(who.actor.user, who.session)).await
    }

    async fn depart(&self, purpose: OidcPurpose) -> Result<OidcDeparture, OidcError> {
        let oidc = self.oidc()?;
        let (secret, browser) = self.tokens.secret();
        let fresh = matches!(purpose, OidcPurpose::Confirm(..));
        let url = oidc.provider.authorize_url(&self.handshake(&secret), fresh).await?;
        let now = self.clock.now();
        let attempt = OidcAttempt { browser, purpose, until: now.plus(OidcAttempt::LIFE) };
        let mut work = self.store.begin().await?;
        work.insert_oidc_attempt(&attempt, now).await?;
        work.commit().await?;
        Ok(OidcDeparture { url, secret })
    }

    /// What the provider says of somebody whose browser is back. It comes back once, whatever comes of
    /// it.
    async fn come_back(
        &self,
        back: &OidcReturn,
        is_expected: impl Fn(&OidcPurpose) -> bool + Send,
    ) -> Result<(OidcAttempt, OidcProfile), OidcError> {
        let attempt = self.take_attempt(back).await?;
        if !is_expected(&attempt.purpose) {
            return Err(OidcError::Strayed);
        }
        Ok((attempt, self.redeem(back).await?))
    }

    /// What is noted of a browser that is back, once.
    async fn take_attempt(&self, back: &OidcReturn) -> Result<OidcAttempt, OidcError> {
        self.oidc()?;
        if back.state != self.handshake(&back.secret).state {
            return Err(OidcError::Strayed);
        }
        let mut work = self.store.begin().await?;
        let browser = self.tokens.hash(&back.secret);
        let attempt = work.take_oidc_attempt(&browser, self.clock.now()).await?;
        work.commit().await?;
        attempt.ok_or(OidcError::Strayed)
    }

    async fn redeem(&self, back: &OidcReturn) -> Result<OidcProfile, OidcError> {
        let oidc = self.oidc()?;
        let handshake = self.handshake(&back.secret);
        let profile = oidc.provider.redeem(&back.code, &handshake, self.clock.now()).await?;
        if oidc.policy.admits(&profile) { Ok(profile) } else { Err(OidcError::EmailNotAllowed) }
    }

    /// What follows from the secret that a browser keeps.
    fn handshake(&self, secret: &str) -> OidcHandshake {
        let derive = |purpose: &str| digits(&self.tokens.hash(&format!("oidc {purpose} {secret}")));
        OidcHandshake { state: derive("state"), nonce: derive("nonce"), verifier: derive("verifier") }
    }
}

fn digits(hash: &TokenHash) -> String {
    hash.as_bytes().iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
