//! Who may not write on the whole server.

use std::sync::Arc;

use parlor_domain::{BanReason, ServerMute, User, UserId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag, term};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ServerMuteRequest {
    /// Why, up to 500 characters. The person reads it where they would write.
    reason: String,
    /// When it ends by itself, in RFC 3339; say this or `minutes`.
    until: Option<Time>,
    /// How many minutes it lasts, instead of `until`.
    minutes: Option<u32>,
}

/// Somebody may not write on the whole server.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "ServerMute")]
pub(super) struct MuteView {
    /// Who may not write.
    user: Uuid,
    /// Why.
    reason: String,
    /// Who muted them; null for whoever operates the machine.
    by: Option<Uuid>,
    /// Since when.
    issued_at: Time,
    /// When it ends by itself.
    until: Time,
}

impl MuteView {
    /// As the API shows it.
    pub(super) fn render(user: UserId, mute: &ServerMute) -> Self {
        Self {
            user: user.as_uuid(),
            reason: mute.reason.to_string(),
            by: mute.issued_by.map(UserId::as_uuid),
            issued_at: mute.issued_at.into(),
            until: mute.until.into(),
        }
    }

    fn of(user: &User) -> Option<Self> {
        user.mute.as_ref().map(|mute| Self::render(user.id, mute))
    }
}

#[derive(ApiResponse)]
enum UnmutedResponse {
    /// They may write again.
    #[oai(status = 204)]
    Done,
}

pub struct MutesApi;

#[OpenApi(prefix_path = "/admin", tag = Tag::Administration)]
impl MutesApi {
    /// Who may not write on the whole server now, the latest account first
    #[oai(path = "/mutes", method = "get", operation_id = "listMutes")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<MuteView>>> {
        let (after, size) = (after.0.map(UserId::from_uuid), page_size(limit.0)?);
        let page = services.administration.muted(&admin.by, after, size).await?;
        let next = page.next;
        let items = page.items.iter().filter_map(MuteView::of).collect();
        Ok(Json(Listing { items, next }))
    }

    /// Keep somebody from writing on the whole server for a time
    ///
    /// They go on reading, and neither post, edit, react, pin nor change or make groups, in direct
    /// conversations as in groups. They see it at once where they would write, with the reason. It
    /// takes the place of any mute that they have, and ends by itself.
    #[oai(path = "/users/:user/mute", method = "put", operation_id = "muteUser")]
    async fn mute(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        form: Json<ServerMuteRequest>,
    ) -> Result<Json<MuteView>> {
        let reason = BanReason::parse(&form.reason)?;
        let until = term::end(&services, form.until.as_ref(), form.minutes)?.ok_or_else(|| {
            Problem::invalid_fields(Vec::new()).with_field("until", "required", "Say until when it lasts.")
        })?;
        let user = UserId::from_uuid(user.0);
        let muted = services.administration.mute(&admin.by, user, reason, until).await?;
        MuteView::of(&muted).map(Json).ok_or_else(Problem::internal)
    }

    /// Let somebody write again before it ends by itself
    #[oai(path = "/users/:user/mute", method = "delete", operation_id = "unmuteUser")]
    async fn unmute(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<UnmutedResponse> {
        services.administration.unmute(&admin.by, UserId::from_uuid(user.0)).await?;
        Ok(UnmutedResponse::Done)
    }
}
