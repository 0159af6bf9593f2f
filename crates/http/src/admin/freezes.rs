//! Groups in which nobody writes for a while.

use std::sync::Arc;

use parlor_domain::{BanReason, GroupId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

use super::groups::ManagedGroupView;
use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct FreezeRequest {
    /// Why, up to 500 characters. Those who lead the group read it.
    reason: String,
}

pub struct FreezesApi;

#[OpenApi(prefix_path = "/admin/groups", tag = Tag::Administration)]
impl FreezesApi {
    /// Freeze a group
    ///
    /// Nobody writes there until an admin lifts it, admins included, and what was written is neither
    /// cleared nor archived nor deleted by those who lead the group; they are told why, everybody that
    /// it is so. One that is frozen gets the new reason.
    #[oai(path = "/:group/freeze", method = "put", operation_id = "freezeGroup")]
    async fn freeze(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
        form: Json<FreezeRequest>,
    ) -> Result<Json<ManagedGroupView>> {
        let reason = BanReason::parse(&form.reason)?;
        let id = GroupId::from_uuid(group.0);
        let frozen = services.administration.freeze(&admin.by, id, reason).await?;
        Ok(Json((&frozen).into()))
    }

    /// Let people write in a frozen group again
    #[oai(path = "/:group/freeze", method = "delete", operation_id = "unfreezeGroup")]
    async fn unfreeze(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        group: Path<Uuid>,
    ) -> Result<Json<ManagedGroupView>> {
        let unfrozen = services.administration.unfreeze(&admin.by, GroupId::from_uuid(group.0)).await?;
        Ok(Json((&unfrozen).into()))
    }
}
