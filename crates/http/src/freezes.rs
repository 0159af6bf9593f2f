//! Why nobody writes in a group.

use std::sync::Arc;

use parlor_domain::GroupId;
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// An admin keeps everybody from writing in a group.
#[derive(Debug, Serialize, Object)]
struct Freeze {
    /// Why; it may be empty.
    reason: String,
    /// Since when.
    at: Time,
}

pub struct FreezeApi;

#[OpenApi(prefix_path = "/groups", tag = Tag::Groups)]
impl FreezeApi {
    /// Why a group is frozen
    ///
    /// For moderators and owners.
    #[oai(path = "/:id/freeze", method = "get", operation_id = "getFreeze")]
    async fn one(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Freeze>> {
        let freeze = services.groups.freeze_of(&member.actor, GroupId::from_uuid(id.0)).await?;
        Ok(Json(Freeze { reason: freeze.reason.to_string(), at: freeze.at.into() }))
    }
}
