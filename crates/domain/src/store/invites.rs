use async_trait::async_trait;

use super::Result;
use crate::{Invite, InviteId, InviteUse, Page, PageSize, Timestamp, TokenHash, UserId};

/// Invitations to the server. Only hashes of their tokens are kept.
#[async_trait]
pub trait InviteRepository: Send + Sync {
    /// The invitation with this token, good or not.
    async fn invite_by_token(&self, token: &TokenHash) -> Result<Option<Invite>>;

    /// Invitations from the newest on, or those that are older than `after`.
    async fn invites(&self, after: Option<InviteId>, size: PageSize) -> Result<Page<Invite>>;

    /// Who used these invitations, the latest first; of each the latest `most`.
    async fn invite_uses(&self, invites: &[InviteId], most: u32) -> Result<Vec<InviteUse>>;

    /// Adds an invitation.
    async fn insert_invite(&mut self, invite: &Invite, token: &TokenHash) -> Result<()>;

    /// Keeps others from using the invitation until the end of the unit of work.
    async fn lock_invite(&mut self, invite: InviteId) -> Result<()>;

    /// Counts one more use. MUST be called after [`InviteRepository::lock_invite`], and once the user
    /// is there.
    async fn use_invite(&mut self, invite: InviteId, user: UserId, now: Timestamp) -> Result<()>;

    /// Notes that the invitation was taken back; false when there is none, or it was before.
    async fn revoke_invite(&mut self, invite: InviteId, now: Timestamp) -> Result<bool>;
}
