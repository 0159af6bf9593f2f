//! Signing in at an identity provider, by OpenID Connect.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::{Email, SessionId, Timestamp, TokenHash, UserId};

/// Who somebody is at a provider. Nothing else names them for good: handles and addresses are given
/// to somebody else one day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// The person there.
    pub subject: String,
}

/// An identity that signs in to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedIdentity {
    /// The identity.
    pub identity: Identity,
    /// Whose account it is.
    pub user: UserId,
    /// What the provider called the person then, for the person to recognize.
    pub label: String,
    /// When they were linked.
    pub linked_at: Timestamp,
}

/// What a provider says of somebody who signed in there just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProfile {
    /// Who it is.
    pub identity: Identity,
    /// The handle they prefer.
    pub username: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<Email>,
    /// Whether the provider vouches for the address.
    pub email_verified: bool,
    /// When they last proved there who they are.
    pub authenticated_at: Option<Timestamp>,
    /// Whether they are to look after this server; `None` where the provider is not asked that.
    pub admin: Option<bool>,
}

impl OidcProfile {
    /// The most characters of a label.
    const LABEL: usize = 200;

    /// What the person recognizes themselves by.
    pub(crate) fn label(&self) -> String {
        let email = self.email.as_ref().map(Email::as_str);
        let label = email.or(self.username.as_deref()).unwrap_or(&self.identity.subject);
        label.chars().filter(|c| !c.is_control()).take(Self::LABEL).collect()
    }
}

/// What a browser goes to a provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OidcPurpose {
    /// To sign in.
    SignIn,
    /// To link who they are there with the account that they are signed in to.
    Link(UserId, SessionId),
    /// To prove once more who they are, in place of a password.
    Confirm(UserId, SessionId),
    /// To sign in as this person, for which a second factor is still owed.
    SecondFactor(UserId),
}

/// A browser is on its way to a provider and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OidcAttempt {
    /// The hash of the secret that the browser keeps meanwhile.
    pub browser: TokenHash,
    /// What for.
    pub purpose: OidcPurpose,
    /// Until when it may come back.
    pub until: Timestamp,
}

impl OidcAttempt {
    /// How long a browser may be away.
    pub const LIFE: Duration = Duration::from_mins(10);

    /// When it left.
    pub(crate) fn begun(&self) -> Timestamp {
        self.until.minus(Self::LIFE)
    }
}

/// What binds a provider's answer to the browser that asked. All three follow from the browser's
/// secret, so that nothing of it is stored, and none tells the secret or another one.
#[derive(Clone, PartialEq, Eq)]
pub struct OidcHandshake {
    /// Comes back beside the code.
    pub state: String,
    /// Comes back within the signed token.
    pub nonce: String,
    /// Proves that who exchanges the code is who asked for it (PKCE).
    pub verifier: String,
}

impl fmt::Debug for OidcHandshake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OidcHandshake(…)")
    }
}

/// Why a provider was of no help.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OidcFailure {
    /// It does not answer, or with nonsense; the same may work later.
    #[error("the identity provider does not answer: {0}")]
    Unavailable(String),
    /// It does not let this sign-in pass, or what it says cannot be trusted.
    #[error("what the identity provider says is not accepted: {0}")]
    Refused(String),
}

/// A provider of identities.
#[async_trait]
pub trait OidcProvider: Send + Sync {
    /// The address to send a browser to. When it is `fresh` the provider is to ask the person who they
    /// are even if it knows.
    async fn authorize_url(&self, handshake: &OidcHandshake, fresh: bool) -> Result<String, OidcFailure>;

    /// Exchanges a code for what the provider says of the person. MUST refuse what is not signed by the
    /// provider, not for this server, not for this handshake, or over at `now`; MUST answer within half
    /// a minute.
    async fn redeem(
        &self,
        code: &str,
        handshake: &OidcHandshake,
        now: Timestamp,
    ) -> Result<OidcProfile, OidcFailure>;
}

/// Which people without an account get one when they come from the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OidcSignUp {
    /// Those who may register.
    Policy,
    /// All.
    Always,
    /// None.
    Never,
}

/// The rules for those who come from the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcPolicy {
    /// What people call the provider.
    pub name: String,
    /// The provider.
    pub issuer: String,
    /// Who gets an account.
    pub sign_up: OidcSignUp,
    /// Where the addresses of those end who may come; everybody may when it is empty.
    pub email_domains: Vec<String>,
}

impl OidcPolicy {
    /// Whether somebody may come at all.
    pub(crate) fn admits(&self, profile: &OidcProfile) -> bool {
        let email = profile.email.as_ref().filter(|_| profile.email_verified);
        let domain = email.and_then(|email| email.as_str().rsplit_once('@')).map(|(_, domain)| domain);
        self.email_domains.is_empty()
            || domain.is_some_and(|domain| {
                self.email_domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(email: &str, email_verified: bool) -> OidcProfile {
        OidcProfile {
            identity: Identity { issuer: "https://id.example".into(), subject: "1".into() },
            username: None,
            name: None,
            email: Email::parse(email).ok(),
            email_verified,
            authenticated_at: None,
            admin: None,
        }
    }

    #[test]
    fn only_a_proved_address_of_an_allowed_domain_lets_somebody_in() {
        let policy = |domains: &[&str]| OidcPolicy {
            name: String::new(),
            issuer: String::new(),
            sign_up: OidcSignUp::Always,
            email_domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        };
        let closed = policy(&["example.org", "Example.NET"]);
        for (email, verified, admitted) in [
            ("ana@example.org", true, true),
            ("ana@example.net", true, true),
            ("ana@example.org", false, false),
            ("ana@evil-example.org", true, false),
            ("ana@example.org.evil.com", true, false),
            ("nothing", true, false),
        ] {
            assert_eq!(closed.admits(&profile(email, verified)), admitted, "{email} {verified}");
        }
        assert!(policy(&[]).admits(&profile("nothing", false)));
    }
}
