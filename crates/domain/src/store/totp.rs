use async_trait::async_trait;

use super::Result;
use crate::{Totp, UserId};

/// Second factors.
#[async_trait]
pub trait TotpRepository: Send + Sync {
    /// The second factor of this user, one that is not confirmed yet too.
    async fn totp(&self, user: UserId) -> Result<Option<Totp>>;

    /// Gives a user this second factor in place of the one they had.
    async fn put_totp(&mut self, user: UserId, totp: &Totp) -> Result<()>;

    /// Takes a user's second factor away; whether there was one.
    async fn delete_totp(&mut self, user: UserId) -> Result<bool>;
}
