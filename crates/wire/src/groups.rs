use parlor_domain as domain;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{PresenceSource, Time, User};

/// Who may find and join a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Listed for everybody; everybody may join.
    Public,
    /// Known to its members only; one gets in by invitation.
    Private,
}

/// What a member may do in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    /// May do everything, handing over and deleting included.
    Owner,
    /// May invite, remove and change the group.
    Moderator,
    /// May read and write.
    Member,
}

/// A group: a conversation of many, with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Group {
    /// The group's id, which is also its conversation's.
    pub id: Uuid,
    /// The name, 1 to 128 characters.
    pub name: String,
    /// What it is for, up to 1,000 characters.
    pub description: String,
    /// Who may find and join it.
    pub visibility: Visibility,
    /// True for the one group everybody is in and nobody leaves.
    pub lobby: bool,
    /// True while only moderators and owners may write.
    pub read_only: bool,
    /// How many seconds members wait between two messages; 0 when they need not.
    pub slow_mode_seconds: u32,
    /// When it was archived, so that nobody writes; null while it is in use.
    pub archived_at: Option<Time>,
    /// When an admin froze it, so that nobody writes until that is lifted; null otherwise.
    pub frozen_at: Option<Time>,
    /// The picture of it, as `v` of `GET /groups/{id}/picture`; null when there is none.
    pub picture: Option<Uuid>,
    /// How many people are in it.
    pub member_count: u64,
    /// Who made it; null for the lobby.
    pub created_by: Option<Uuid>,
    /// When it was made.
    pub created_at: Time,
}

/// A person's place in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Member {
    /// The person.
    pub user: User,
    /// What they may do there.
    pub role: MemberRole,
    /// When they joined.
    pub joined_at: Time,
    /// Until when they only read, if somebody muted them; one that lies behind has ended.
    pub muted_until: Option<Time>,
}

impl From<domain::Visibility> for Visibility {
    fn from(visibility: domain::Visibility) -> Self {
        match visibility {
            domain::Visibility::Public => Self::Public,
            domain::Visibility::Private => Self::Private,
        }
    }
}

impl From<domain::MemberRole> for MemberRole {
    fn from(role: domain::MemberRole) -> Self {
        match role {
            domain::MemberRole::Owner => Self::Owner,
            domain::MemberRole::Moderator => Self::Moderator,
            domain::MemberRole::Member => Self::Member,
        }
    }
}

impl From<MemberRole> for domain::MemberRole {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Owner => Self::Owner,
            MemberRole::Moderator => Self::Moderator,
            MemberRole::Member => Self::Member,
        }
    }
}

impl From<&domain::Group> for Group {
    fn from(group: &domain::Group) -> Self {
        Self {
            id: group.id.as_uuid(),
            name: group.name.to_string(),
            description: group.description.to_string(),
            visibility: group.visibility.into(),
            lobby: group.lobby,
            read_only: group.read_only,
            slow_mode_seconds: group.slow_mode.seconds(),
            archived_at: group.archived_at.map(Into::into),
            frozen_at: group.freeze.as_ref().map(|freeze| freeze.at.into()),
            picture: group.picture.map(domain::PictureId::as_uuid),
            member_count: group.member_count,
            created_by: group.created_by.map(domain::UserId::as_uuid),
            created_at: group.created_at.into(),
        }
    }
}

impl Member {
    /// The member as others see them; `presence` knows whether they are at hand.
    pub fn render(member: &domain::Member, presence: &dyn PresenceSource) -> Self {
        Self {
            user: User::render(&member.user, presence),
            role: member.role.into(),
            joined_at: member.joined_at.into(),
            muted_until: member.muted_until.map(Into::into),
        }
    }
}
