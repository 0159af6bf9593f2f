//! Groups.

use std::sync::Arc;

use parlor_domain::{
    GroupChange, GroupDescription, GroupFilter, GroupId, GroupListing, GroupName, InvalidText, SlowMode,
    UserId,
};
use parlor_wire::{Group, Visibility};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct CreateRequest {
    /// The name, 1 to 128 characters.
    name: String,
    /// What it is for, up to 1,000 characters.
    description: Option<String>,
    /// Who may find and join it.
    visibility: Visibility,
    /// Who else is in it from the start.
    members: Option<Vec<Uuid>>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ChangeRequest {
    /// A new name.
    name: Option<String>,
    /// A new description.
    description: Option<String>,
    /// Who may find and join it from now on.
    visibility: Option<Visibility>,
    /// Whether only moderators and owners may write from now on.
    read_only: Option<bool>,
    /// How many seconds members wait between two messages from now on, up to 21,600; 0 for none.
    slow_mode_seconds: Option<u32>,
    /// Whether it is archived from now on, which is for owners: nobody writes, and it is listed apart.
    archived: Option<bool>,
}

/// A public group, as somebody browsing sees it.
#[derive(Debug, Serialize, Object)]
struct PublicGroup {
    /// The group.
    #[oai(flatten)]
    #[serde(flatten)]
    group: Group,
    /// Whether you are in it.
    joined: bool,
}

impl From<&GroupListing> for PublicGroup {
    fn from(listing: &GroupListing) -> Self {
        Self { group: (&listing.group).into(), joined: listing.joined }
    }
}

#[derive(ApiResponse)]
enum CreatedResponse {
    /// The group was made.
    #[oai(status = 201)]
    Created(Json<Group>),
}

#[derive(ApiResponse)]
enum ClearedResponse {
    /// The messages are erased bit by bit from now on.
    #[oai(status = 202)]
    Begun,
}

#[derive(ApiResponse)]
enum DeletedResponse {
    /// It is gone for everybody.
    #[oai(status = 204)]
    Done,
}

pub struct GroupsApi;

#[OpenApi(prefix_path = "/groups", tag = Tag::Groups)]
impl GroupsApi {
    /// Make a group
    ///
    /// You own it.
    #[oai(path = "/", method = "post", operation_id = "createGroup")]
    async fn create(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<CreateRequest>,
    ) -> Result<CreatedResponse> {
        let mut problems = Vec::new();
        let name = InvalidText::gather(&mut problems, GroupName::parse(&form.name));
        let description = InvalidText::gather(
            &mut problems,
            GroupDescription::parse(form.description.as_deref().unwrap_or_default()),
        );
        let (Some(name), Some(description)) = (name, description) else { return Err(problems.into()) };
        let people: Vec<UserId> = form.members.iter().flatten().copied().map(UserId::from_uuid).collect();
        let visibility = domain_visibility(form.visibility);
        services.limits.group(member.actor.user)?;
        let made = services.groups.create(&member.actor, name, description, visibility, &people).await;
        Ok(CreatedResponse::Created(Json((&made?).into())))
    }

    /// Public groups by name
    #[oai(path = "/", method = "get", operation_id = "listGroups")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// Part of the name or the description, in any case.
        search: Query<Option<String>>,
        /// Whether to list the archived ones instead of those in use.
        archived: Query<Option<bool>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<PublicGroup>>> {
        let filter = GroupFilter { search: search.0, archived: archived.0 == Some(true) };
        let size = page_size(limit.0)?;
        let page = services.groups.list(&member.actor, &filter, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |listing| listing.into())))
    }

    /// A group that is public or that you are in
    #[oai(path = "/:id", method = "get", operation_id = "getGroup")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Group>> {
        let group = services.groups.one(&member.actor, GroupId::from_uuid(id.0)).await?;
        Ok(Json((&group).into()))
    }

    /// Change a group
    ///
    /// For owners and moderators. What is missing stays as it is.
    #[oai(path = "/:id", method = "patch", operation_id = "changeGroup")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<ChangeRequest>,
    ) -> Result<Json<Group>> {
        let mut problems = Vec::new();
        let change = GroupChange {
            name: form
                .name
                .as_deref()
                .and_then(|name| InvalidText::gather(&mut problems, GroupName::parse(name))),
            description: form
                .description
                .as_deref()
                .and_then(|text| InvalidText::gather(&mut problems, GroupDescription::parse(text))),
            visibility: form.visibility.map(domain_visibility),
            read_only: form.read_only,
            slow_mode: form.slow_mode_seconds.and_then(SlowMode::new),
            archived: form.archived,
        };
        let too_slow = form.slow_mode_seconds.is_some() && change.slow_mode.is_none();
        if too_slow || !problems.is_empty() {
            let problem = Problem::from(problems);
            let most = format!("Must be at most {} seconds.", SlowMode::MAX_SECONDS);
            return Err(if too_slow {
                problem.with_field("slow_mode_seconds", "too_long", most)
            } else {
                problem
            });
        }
        let group = services.groups.change(&member.actor, GroupId::from_uuid(id.0), change).await?;
        Ok(Json((&group).into()))
    }

    /// Delete a group
    ///
    /// For owners. It is gone for everybody at once, with all that was written there; nothing brings
    /// it back. The lobby stays.
    #[oai(path = "/:id", method = "delete", operation_id = "deleteGroup")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        id: Path<Uuid>,
    ) -> Result<DeletedResponse> {
        services.groups.delete(&member.actor, Some(client.0), GroupId::from_uuid(id.0)).await?;
        Ok(DeletedResponse::Done)
    }

    /// Clear what was written in a group until now, for everybody
    ///
    /// For moderators and owners; in the lobby for admins. It is erased bit by bit, and the log tells
    /// of each message. Nothing brings it back.
    #[oai(path = "/:id/messages", method = "delete", operation_id = "clearGroup")]
    async fn clear(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        id: Path<Uuid>,
    ) -> Result<ClearedResponse> {
        services.groups.clear(&member.actor, Some(client.0), GroupId::from_uuid(id.0)).await?;
        Ok(ClearedResponse::Begun)
    }
}

/// The domain's word for it.
pub fn domain_visibility(visibility: Visibility) -> parlor_domain::Visibility {
    match visibility {
        Visibility::Public => parlor_domain::Visibility::Public,
        Visibility::Private => parlor_domain::Visibility::Private,
    }
}
