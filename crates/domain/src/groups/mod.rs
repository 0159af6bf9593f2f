mod banning;
mod changing;
mod clearing;
mod deleting;
mod error;
mod freezing;
mod invite_links;
mod managed;
mod management;
mod roles;
mod slow_mode;

pub(crate) use changing::write_change;
pub(crate) use clearing::begin_clearing;
pub(crate) use deleting::retire;
pub(crate) use management::{append, join_lobby, take_out};

pub use invite_links::{Invitation, InviteLink, InviteLinks};
pub use slow_mode::SlowMode;

pub use changing::GroupChange;
pub use error::GroupError;
pub use freezing::Freeze;
pub use managed::{ManagedGroup, ManagedGroupFilter, ManagedGroupOrder};
pub use management::{Groups, GroupsPolicy};

use crate::{GroupDescription, GroupId, GroupName, PictureId, Timestamp, User, UserId};

/// Who may find and join a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Listed for everybody; everybody may join.
    Public,
    /// Known to its members only; one gets in by invitation.
    Private,
}

/// What a member may do in a conversation. Later ones may do all that earlier ones may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemberRole {
    /// May read and write.
    Member,
    /// May invite, remove and change the group.
    Moderator,
    /// May do everything.
    Owner,
}

/// A conversation of many, with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The group's id, which is also its conversation's.
    pub id: GroupId,
    /// The name.
    pub name: GroupName,
    /// What it is for.
    pub description: GroupDescription,
    /// Who may find and join it.
    pub visibility: Visibility,
    /// True for the one group everybody is in and nobody leaves.
    pub lobby: bool,
    /// True while only moderators and owners may write.
    pub read_only: bool,
    /// How long members wait between two messages.
    pub slow_mode: SlowMode,
    /// When it was archived; `None` while it is in use.
    pub archived_at: Option<Timestamp>,
    /// What keeps everybody from writing, when an admin froze it.
    pub freeze: Option<Freeze>,
    /// The picture of it; `None` when there is none.
    pub picture: Option<PictureId>,
    /// How many people are in it.
    pub member_count: u64,
    /// Who made it; `None` for the lobby, which the server makes.
    pub created_by: Option<UserId>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A group to be made, with its conversation.
#[derive(Debug, Clone)]
pub struct NewGroup {
    /// The id.
    pub id: GroupId,
    /// The name.
    pub name: GroupName,
    /// What it is for.
    pub description: GroupDescription,
    /// Who may find and join it.
    pub visibility: Visibility,
    /// Whether it is the lobby.
    pub lobby: bool,
    /// Who makes it.
    pub created_by: Option<UserId>,
    /// When.
    pub created_at: Timestamp,
}

/// A person's place in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user: User,
    /// What they may do there.
    pub role: MemberRole,
    /// When they joined.
    pub joined_at: Timestamp,
    /// When they may write again, if somebody muted them; that may lie behind.
    pub muted_until: Option<Timestamp>,
}

/// Which public groups a list is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// Part of the name or the description, in any case.
    pub search: Option<String>,
    /// Whether archived ones are listed, and no others, instead of those in use.
    pub archived: bool,
}

/// A public group, as somebody browsing sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupListing {
    /// The group.
    pub group: Group,
    /// Whether the one who looks is in it.
    pub joined: bool,
}
