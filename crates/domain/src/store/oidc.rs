use async_trait::async_trait;

use super::Result;
#[cfg(doc)]
use crate::StoreError;
use crate::{Identity, LinkedIdentity, OidcAttempt, Timestamp, TokenHash, UserId};

/// Who people are at identity providers, and browsers that are on their way there.
#[async_trait]
pub trait OidcRepository: Send + Sync {
    /// Whose account this identity signs in to.
    async fn identity_owner(&self, identity: &Identity) -> Result<Option<UserId>>;

    /// Who this user is at a provider.
    async fn identity_of(&self, user: UserId, issuer: &str) -> Result<Option<LinkedIdentity>>;

    /// Links an identity with an account. MUST answer [`StoreError::Conflict`] when it is linked, or the
    /// account has another one of the same provider.
    async fn insert_identity(&mut self, linked: &LinkedIdentity) -> Result<()>;

    /// Takes away who a user is at a provider; whether they were anybody.
    async fn delete_identity(&mut self, user: UserId, issuer: &str) -> Result<bool>;

    /// Notes that a browser is on its way, and forgets those that have not come back in time.
    async fn insert_oidc_attempt(&mut self, attempt: &OidcAttempt, now: Timestamp) -> Result<()>;

    /// Takes away what is noted of a browser that came back in time. Of many who do at once, one MUST
    /// get it.
    async fn take_oidc_attempt(&mut self, browser: &TokenHash, now: Timestamp)
    -> Result<Option<OidcAttempt>>;
}
