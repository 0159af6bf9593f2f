use async_trait::async_trait;

use super::Result;
use crate::{
    ConversationId, Group, GroupFilter, GroupId, GroupListing, InviteLink, InviteLinkId, ManagedGroup,
    ManagedGroupFilter, Member, MemberRole, NewGroup, Page, PageSize, Timestamp, TokenHash, UserId,
};

/// Groups.
#[async_trait]
pub trait GroupRepository: Send + Sync {
    /// The group with this id.
    async fn group(&self, id: GroupId) -> Result<Option<Group>>;

    /// The lobby; `None` before it was made.
    async fn lobby(&self) -> Result<Option<Group>>;

    /// Public groups by name, as `viewer` sees them: those in use, or the archived ones. `after` is opaque, made by the store.
    /// `search` MUST match parts of name and description in any case, `%` and `_` literally.
    async fn list_groups(
        &self,
        viewer: UserId,
        filter: &GroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<GroupListing>>;

    /// Groups of every kind but deleted ones, as admins see them, in the filter's order, from behind
    /// the place `after`. `search` as with [`GroupRepository::list_groups`].
    async fn list_managed_groups(
        &self,
        filter: &ManagedGroupFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ManagedGroup>>;

    /// One of them; `None` when there is no such group or it was deleted.
    async fn managed_group(&self, id: GroupId) -> Result<Option<ManagedGroup>>;

    /// Those who own a group, who came first first.
    async fn owners(&self, group: GroupId) -> Result<Vec<UserId>>;

    /// One member; `None` when this person is not in the group.
    async fn member(&self, group: GroupId, user: UserId) -> Result<Option<Member>>;

    /// Members by username, from behind the username `after`.
    async fn list_members(&self, group: GroupId, after: Option<&str>, size: PageSize)
    -> Result<Page<Member>>;

    /// How many members have this role.
    async fn count_members(&self, group: GroupId, role: MemberRole) -> Result<u64>;

    /// Notes that these people posted in these groups, which are in slow mode, in one statement. It
    /// MUST stay when they leave and come back.
    async fn note_posts(&mut self, posts: &[(ConversationId, UserId)], at: Timestamp) -> Result<()>;

    /// Makes a group for a conversation that was made in the same unit of work. It has no members.
    async fn insert_group(&mut self, group: &NewGroup) -> Result<()>;

    /// Gives a member another role.
    async fn set_role(&mut self, group: GroupId, user: UserId, role: MemberRole) -> Result<()>;

    /// Notes until when this person may not write, or with `None` that they may. It MUST stay when
    /// they leave and come back.
    async fn set_mute(&mut self, group: GroupId, user: UserId, until: Option<Timestamp>) -> Result<()>;

    /// Writes name, description, visibility, whether it is read-only, slow mode, when it was archived
    /// and which picture it has.
    async fn update_group(&mut self, group: &Group) -> Result<()>;

    /// Takes everybody, every link and the picture out of a group, makes it private and notes when it
    /// was deleted, so that nobody finds it any more. What was written there stays until it is erased.
    async fn delete_group(&mut self, group: GroupId, at: Timestamp) -> Result<()>;

    /// The links to a group, those that ended too, the newest first.
    async fn invite_links(&self, group: GroupId) -> Result<Vec<InviteLink>>;

    /// The link with this secret.
    async fn invite_link(&self, secret: &TokenHash) -> Result<Option<InviteLink>>;

    /// Adds a link.
    async fn insert_invite_link(&mut self, link: &InviteLink) -> Result<()>;

    /// Counts that somebody came in through a link.
    async fn count_use(&mut self, link: InviteLinkId) -> Result<()>;

    /// Takes a link away. An unknown one does no harm.
    async fn delete_invite_link(&mut self, link: InviteLinkId) -> Result<()>;

    /// Groups that were deleted and that are still there, with when, the first deleted first.
    async fn deleted_groups(&self, limit: u32) -> Result<Vec<(GroupId, Timestamp)>>;
}
