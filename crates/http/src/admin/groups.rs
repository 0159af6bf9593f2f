//! Groups, as admins see and look after them.

use std::sync::Arc;

use parlor_domain::{
    GroupChange, GroupId, GroupName, InvalidText, ManagedGroup, ManagedGroupFilter, ManagedGroupOrder, UserId,
};
use parlor_wire::{Group, Member as GroupMember, Time, Visibility};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Admin;
use crate::groups::domain_visibility;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, Default, Enum)]
#[oai(rename = "ManagedGroupOrder", rename_all = "snake_case")]
enum Order {
    /// The name, in any case.
    #[default]
    Name,
    /// When it was made.
    Created,
    /// When something happened there last.
    Active,
    /// How many people are in it.
    Members,
    /// How many messages were posted there.
    Messages,
}

/// A group as admins see it: nothing of what is written there.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "ManagedGroup")]
pub(super) struct ManagedGroupView {
    /// The group.
    #[oai(flatten)]
    #[serde(flatten)]
    group: Group,
    /// Who owns it, and has been in it longest of those who do; null when nobody does.
    owner: Option<Uuid>,
    /// How many own it.
    owners: u64,
    /// How many messages were ever posted there, deleted ones too; counted a few seconds afterwards.
    messages: u64,
    /// When something happened there last.
    active_at: Time,
    /// Why it is frozen, as those who lead it read it; null when it is not.
    freeze_reason: Option<String>,
}

impl From<&ManagedGroup> for ManagedGroupView {
    fn from(ManagedGroup { group, owner, owners, messages, active_at }: &ManagedGroup) -> Self {
        Self {
            group: group.into(),
            owner: owner.map(UserId::as_uuid),
            owners: *owners,
            messages: *messages,
            active_at: (*active_at).into(),
            freeze_reason: group.freeze.as_ref().map(|freeze| freeze.reason.to_string()),
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ManagedGroupRequest {
    /// A new name, 1 to 128 characters.
    name: Option<String>,
    /// Who may find and join it from now on.
    visibility: Option<Visibility>,
    /// Whether it is archived from now on: nobody writes, and it is listed apart.
    archived: Option<bool>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct GroupOwnerRequest {
    /// The member who owns it from now on.
    user: Uuid,
}

#[derive(ApiResponse)]
enum GroupGoneResponse {
    /// It is gone for everybody.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum ClearingResponse {
    /// The messages are erased bit by bit from now on.
    #[oai(status = 202)]
    Begun,
}

pub struct ManagedGroupsApi;

#[OpenApi(prefix_path = "/admin/groups", tag = Tag::Administration)]
impl ManagedGroupsApi {
    /// All groups, private ones too
    ///
    /// Without deleted ones. Admins see that they are there and who is in them, and nothing of what is
    /// written there.
    #[oai(path = "/", method = "get", operation_id = "listManagedGroups")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// Part of the name or the description, in any case.
        search: Query<Option<String>>,
        /// Only those that these may find and join.
        visibility: Query<Option<Visibility>>,
        /// Only archived ones, or only those in use.
        archived: Query<Option<bool>>,
        /// Only frozen ones, or only those in which people may write.
        frozen: Query<Option<bool>>,
        /// Only those that nobody owns, but for the lobby, or only those that somebody does.
        ownerless: Query<Option<bool>>,
        /// What it is sorted by; `name` when nothing is said.
        order: Query<Option<Order>>,
        /// Whether the last comes first.
        descending: Query<Option<bool>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<ManagedGroupView>>> {
        let filter = ManagedGroupFilter {
            search: search.0,
            visibility: visibility.0.map(domain_visibility),
            archived: archived.0,
            frozen: frozen.0,
            ownerless: ownerless.0,
            order: match order.0.unwrap_or_default() {
                Order::Name => ManagedGroupOrder::Name,
                Order::Created => ManagedGroupOrder::Created,
                Order::Active => ManagedGroupOrder::Active,
                Order::Members => ManagedGroupOrder::Members,
                Order::Messages => ManagedGroupOrder::Messages,
            },
            descending: descending.0.unwrap_or(false),
        };
        let size = page_size(limit.0)?;
        let page = services.administration.groups(&admin.by, &filter, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |group| group.into())))
    }

    /// One group
    #[oai(path = "/:group", method = "get", operation_id = "getManagedGroup")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
    ) -> Result<Json<ManagedGroupView>> {
        let found = services.administration.group(&admin.by, GroupId::from_uuid(group.0)).await?;
        Ok(Json((&found).into()))
    }

    /// Rename, show, hide, archive or bring back a group
    ///
    /// What is missing stays as it is. Its members see who did it.
    #[oai(path = "/:group", method = "patch", operation_id = "changeManagedGroup")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
        form: Json<ManagedGroupRequest>,
    ) -> Result<Json<ManagedGroupView>> {
        let mut problems = Vec::new();
        let name = form.name.as_deref();
        let change = GroupChange {
            name: name.and_then(|name| InvalidText::gather(&mut problems, GroupName::parse(name))),
            visibility: form.visibility.map(domain_visibility),
            archived: form.archived,
            ..GroupChange::default()
        };
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let id = GroupId::from_uuid(group.0);
        let changed = services.administration.change_group(&admin.by, id, change).await?;
        Ok(Json((&changed).into()))
    }

    /// Delete a group
    ///
    /// It is gone for everybody at once, with all that was written there; nothing brings it back. Give
    /// your password first. The lobby stays.
    #[oai(path = "/:group", method = "delete", operation_id = "deleteManagedGroup")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
    ) -> Result<GroupGoneResponse> {
        services.administration.delete_group(&admin.by, GroupId::from_uuid(group.0)).await?;
        Ok(GroupGoneResponse::Done)
    }

    /// Clear what was written in a group until now, for everybody
    ///
    /// It is erased bit by bit, and the log tells of each message. Nothing brings it back. Give your
    /// password first.
    #[oai(path = "/:group/messages", method = "delete", operation_id = "clearManagedGroup")]
    async fn clear(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
    ) -> Result<ClearingResponse> {
        services.administration.clear_group(&admin.by, GroupId::from_uuid(group.0)).await?;
        Ok(ClearingResponse::Begun)
    }

    /// Hand a group over to one of its members
    ///
    /// From now on they own it alone; whoever owned it before becomes a moderator.
    #[oai(path = "/:group/owner", method = "put", operation_id = "setGroupOwner")]
    async fn set_owner(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
        form: Json<GroupOwnerRequest>,
    ) -> Result<Json<ManagedGroupView>> {
        let (id, user) = (GroupId::from_uuid(group.0), UserId::from_uuid(form.user));
        let changed = services.administration.set_owner(&admin.by, id, user).await?;
        Ok(Json((&changed).into()))
    }

    /// Who is in a group, by username
    #[oai(path = "/:group/members", method = "get", operation_id = "listManagedMembers")]
    async fn members(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<GroupMember>>> {
        let (id, size) = (GroupId::from_uuid(group.0), page_size(limit.0)?);
        let page = services.administration.group_members(&admin.by, id, after.0.as_deref(), size).await?;
        let viewer = services.viewer(&admin.actor).await?;
        Ok(Json(Listing::render(page, |member| GroupMember::render(member, &services.sight(&viewer)))))
    }

    /// Take somebody out of a group
    ///
    /// Nobody is taken out of the lobby, and the last owner only after it was handed over.
    #[oai(path = "/:group/members/:user", method = "delete", operation_id = "removeManagedMember")]
    async fn remove(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
        user: Path<Uuid>,
    ) -> Result<Json<ManagedGroupView>> {
        let (id, user) = (GroupId::from_uuid(group.0), UserId::from_uuid(user.0));
        let changed = services.administration.remove_from_group(&admin.by, id, user).await?;
        Ok(Json((&changed).into()))
    }
}
