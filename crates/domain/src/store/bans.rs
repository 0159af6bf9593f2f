use async_trait::async_trait;

use super::Result;
use crate::{Ban, BanFilter, BanId, GroupId, Timestamp, UserId};

/// Bans.
#[async_trait]
pub trait BanRepository: Send + Sync {
    /// The bans of this person that were not lifted, of the server (`None`) or of a group; those
    /// that ended by themselves are among them.
    async fn bans_of(&self, user: UserId, group: Option<GroupId>) -> Result<Vec<Ban>>;

    /// The ban with this id.
    async fn ban(&self, id: BanId) -> Result<Option<Ban>>;

    /// Bans that the filter leaves at `now`, the latest first, from behind the ban `after`.
    async fn list_bans(
        &self,
        filter: &BanFilter,
        now: Timestamp,
        after: Option<BanId>,
        limit: u32,
    ) -> Result<Vec<Ban>>;

    /// Bans that ended by themselves and were not noted as lifted yet.
    async fn ended_bans(&self, now: Timestamp, limit: u32) -> Result<Vec<Ban>>;

    /// Adds a ban.
    async fn insert_ban(&mut self, ban: &Ban) -> Result<()>;

    /// Notes when a ban was lifted.
    async fn lift_ban(&mut self, id: BanId, at: Timestamp) -> Result<()>;
}
