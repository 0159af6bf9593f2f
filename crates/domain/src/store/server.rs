use async_trait::async_trait;
use uuid::Uuid;

use super::Result;
use crate::{RegistrationPolicy, Timestamp};

/// What the server remembers about itself.
#[async_trait]
pub trait ServerRepository: Send + Sync {
    /// The database's own id, made with it and changed when it is restored from a backup: clients
    /// whose cursors come from another epoch start anew.
    async fn epoch(&self) -> Result<Uuid>;

    /// What people get to read while the server is in maintenance; `None` when it is not.
    async fn maintenance(&self) -> Result<Option<String>>;

    /// Who may make an account, as an admin chose; `None` when nobody did.
    async fn registration(&self) -> Result<Option<RegistrationPolicy>>;

    /// Whether an admin who has no second factor is one.
    async fn admins_need_totp(&self) -> Result<bool>;

    /// Sets whether an admin who has no second factor is one.
    async fn set_admins_need_totp(&mut self, needed: bool) -> Result<()>;

    /// The fingerprint of the key that the nodes agreed on; `None` before they did.
    async fn agreed_signing_key(&self) -> Result<Option<Vec<u8>>>;

    /// What time it is by the database's clock, which is the same for all nodes.
    async fn now(&self) -> Result<Timestamp>;

    /// Whether the store answers at all.
    async fn ping(&self) -> Result<()>;

    /// Sets who may make an account.
    async fn set_registration(&mut self, policy: RegistrationPolicy) -> Result<()>;

    /// The fingerprint of the key that every node signs with: the one that was stored first, which
    /// is `own` when there was none.
    async fn signing_key(&mut self, own: &[u8; 32]) -> Result<Vec<u8>>;
}
