//! Who is in a group, and what they may do there.

use std::sync::Arc;

use parlor_domain::{GroupId, UserId};
use parlor_wire::{Member as GroupMember, MemberRole, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RoleRequest {
    /// The role they have from now on.
    role: MemberRole,
    /// Whether you, an owner who makes them an owner, become a moderator in the same moment.
    hand_over: Option<bool>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct MuteRequest {
    /// When they may write again, in RFC 3339.
    until: Time,
}

#[derive(ApiResponse)]
enum AddedResponse {
    /// They came in just now.
    #[oai(status = 201)]
    Created(Json<GroupMember>),
    /// They were in already.
    #[oai(status = 200)]
    Ok(Json<GroupMember>),
}

#[derive(ApiResponse)]
enum RemovedResponse {
    /// They are out.
    #[oai(status = 204)]
    Done,
}

pub struct MembersApi;

#[OpenApi(prefix_path = "/groups", tag = Tag::Groups)]
impl MembersApi {
    /// Who is in a group, by username
    #[oai(path = "/:id/members", method = "get", operation_id = "listMembers")]
    async fn members(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<GroupMember>>> {
        let size = page_size(limit.0)?;
        let id = GroupId::from_uuid(id.0);
        let page = services.groups.members(&member.actor, id, after.0.as_deref(), size).await?;
        let viewer = services.viewer(&member.actor).await?;
        Ok(Json(Listing::render(page, |member| GroupMember::render(member, &services.sight(&viewer)))))
    }

    /// Join a group, or bring somebody in
    #[oai(path = "/:id/members/:user", method = "put", operation_id = "addMember")]
    async fn add(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        user: Path<Uuid>,
    ) -> Result<AddedResponse> {
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        let (added, is_new) = services.groups.add(&member.actor, group, user).await?;
        let viewer = services.viewer(&member.actor).await?;
        let body = Json(GroupMember::render(&added, &services.sight(&viewer)));
        Ok(if is_new { AddedResponse::Created(body) } else { AddedResponse::Ok(body) })
    }

    /// Leave a group, or remove somebody
    #[oai(path = "/:id/members/:user", method = "delete", operation_id = "removeMember")]
    async fn remove(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        user: Path<Uuid>,
    ) -> Result<RemovedResponse> {
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        services.groups.remove(&member.actor, group, user).await?;
        Ok(RemovedResponse::Done)
    }

    /// Give a member another role
    ///
    /// Owners make anybody anything. Moderators make moderators of members. Everybody may take a
    /// lower role themselves, but the last owner.
    #[oai(path = "/:id/members/:user", method = "patch", operation_id = "setRole")]
    async fn set_role(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        user: Path<Uuid>,
        form: Json<RoleRequest>,
    ) -> Result<Json<GroupMember>> {
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        let hand_over = form.hand_over == Some(true);
        let set = services.groups.set_role(&member.actor, group, user, form.role.into(), hand_over).await?;
        let viewer = services.viewer(&member.actor).await?;
        Ok(Json(GroupMember::render(&set, &services.sight(&viewer))))
    }

    /// Keep a member from writing for a time
    ///
    /// They go on reading. It ends by itself.
    #[oai(path = "/:id/members/:user/mute", method = "put", operation_id = "muteMember")]
    async fn mute(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        user: Path<Uuid>,
        form: Json<MuteRequest>,
    ) -> Result<Json<GroupMember>> {
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        let muted = services.groups.mute(&member.actor, group, user, form.until.0).await?;
        let viewer = services.viewer(&member.actor).await?;
        Ok(Json(GroupMember::render(&muted, &services.sight(&viewer))))
    }

    /// Let a member write again
    #[oai(path = "/:id/members/:user/mute", method = "delete", operation_id = "unmuteMember")]
    async fn unmute(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        user: Path<Uuid>,
    ) -> Result<Json<GroupMember>> {
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        let unmuted = services.groups.unmute(&member.actor, group, user).await?;
        let viewer = services.viewer(&member.actor).await?;
        Ok(Json(GroupMember::render(&unmuted, &services.sight(&viewer))))
    }
}
