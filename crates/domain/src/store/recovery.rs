use async_trait::async_trait;

use super::Result;
use crate::{Timestamp, TokenHash, UserId};

/// Codes that give an account back.
#[async_trait]
pub trait RecoveryRepository: Send + Sync {
    /// Whether this user has this recovery code.
    async fn has_recovery_code(&self, user: UserId, code: &TokenHash) -> Result<bool>;

    /// How many recovery codes this user has.
    async fn count_recovery_codes(&self, user: UserId) -> Result<u64>;

    /// Gives a user these recovery codes in place of those they had.
    async fn replace_recovery_codes(&mut self, user: UserId, codes: &[TokenHash]) -> Result<()>;

    /// Whose account this link gives back, while it has not ended.
    async fn recovery_link(&self, link: &TokenHash, now: Timestamp) -> Result<Option<UserId>>;

    /// Gives a user this link, until a moment, in place of any they had.
    async fn replace_recovery_link(&mut self, user: UserId, link: &TokenHash, until: Timestamp)
    -> Result<()>;

    /// Takes away the link that a user has; whether it was this one.
    async fn use_recovery_link(&mut self, user: UserId, link: &TokenHash) -> Result<bool>;

    /// Uses a recovery code up; whether the user had it.
    async fn use_recovery_code(&mut self, user: UserId, code: &TokenHash) -> Result<bool>;
}
