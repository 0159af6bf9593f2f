use async_trait::async_trait;

use super::Result;
use crate::{Ban, BanId, GroupId, Timestamp, UserId};

/// Bans.
#[async_trait]
pub trait BanRepository: Send + Sync {
    /// The bans of this person that were not lifted, of the server (`None`) or of a group; those
    /// that ended by themselves are among them.
    async fn bans_of(&self, user: UserId, group: Option<GroupId>) -> Result<Vec<Ban>>;

    /// Adds a ban.
    async fn insert_ban(&mut self, ban: &Ban) -> Result<()>;

    /// Notes when a ban was lifted.
    async fn lift_ban(&mut self, id: BanId, at: Timestamp) -> Result<()>;
}
