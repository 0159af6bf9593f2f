//! Who is shut out of the server.

use std::sync::Arc;

use parlor_domain::{Ban, BanFilter, BanId, BanReason, UserId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag, term};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct BanRequest {
    /// Why, up to 500 characters. The person reads it when they try to sign in.
    reason: String,
    /// When it ends by itself, in RFC 3339; when neither this nor `minutes` is said, it is for good.
    until: Option<Time>,
    /// How many minutes it lasts, instead of `until`.
    minutes: Option<u32>,
}

/// Somebody is, or was, shut out of the server.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Ban")]
pub struct BanView {
    /// The id.
    id: Uuid,
    /// Who is shut out.
    user: Uuid,
    /// Why.
    reason: String,
    /// Who shut them out; null for whoever operates the machine.
    by: Option<Uuid>,
    /// Since when.
    issued_at: Time,
    /// When it ends by itself; null when it does not.
    until: Option<Time>,
    /// When it was taken back; null when it was not.
    lifted_at: Option<Time>,
}

impl BanView {
    /// As the API shows it.
    pub(super) fn render(ban: &Ban) -> Self {
        Self {
            id: ban.id.as_uuid(),
            user: ban.user.as_uuid(),
            reason: ban.reason.to_string(),
            by: ban.issued_by.map(UserId::as_uuid),
            issued_at: ban.issued_at.into(),
            until: ban.until.map(Into::into),
            lifted_at: ban.lifted_at.map(Into::into),
        }
    }
}

/// Whether bans keep somebody out.
#[derive(Debug, Clone, Copy, Enum)]
#[oai(rename_all = "snake_case")]
pub enum BanState {
    /// They do.
    Active,
    /// They ended, or were taken back.
    Past,
}

impl BanState {
    /// Whether such bans keep somebody out now.
    pub fn is_active(self) -> bool {
        matches!(self, Self::Active)
    }
}

#[derive(ApiResponse)]
enum BannedResponse {
    /// They are shut out, and signed out everywhere.
    #[oai(status = 201)]
    Created(Json<BanView>),
}

pub struct BansApi;

#[OpenApi(prefix_path = "/admin", tag = Tag::Administration)]
impl BansApi {
    /// Bans of the server, the latest first
    #[oai(path = "/bans", method = "get", operation_id = "listBans")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// Only of this person.
        user: Query<Option<Uuid>>,
        /// Only these.
        state: Query<Option<BanState>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<BanView>>> {
        let filter = BanFilter {
            group: None,
            user: user.0.map(UserId::from_uuid),
            active: state.0.map(BanState::is_active),
        };
        let (after, size) = (after.0.map(BanId::from_uuid), page_size(limit.0)?);
        let page = services.administration.bans(&admin.by, &filter, after, size).await?;
        Ok(Json(Listing::render(page, BanView::render)))
    }

    /// Shut somebody out of the server
    ///
    /// Until a moment or for good, in place of any ban that they have. They are signed out
    /// everywhere, and what they are connected through is closed within a second. Their messages
    /// stay.
    #[oai(path = "/users/:user/bans", method = "post", operation_id = "banUser")]
    async fn ban(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        form: Json<BanRequest>,
    ) -> Result<BannedResponse> {
        let reason = BanReason::parse(&form.reason)?;
        let until = term::end(&services, form.until.as_ref(), form.minutes)?;
        let user = UserId::from_uuid(user.0);
        let ban = services.administration.ban(&admin.by, user, reason, until).await?;
        Ok(BannedResponse::Created(Json(BanView::render(&ban))))
    }

    /// Let somebody in again before their ban ends
    ///
    /// They are told, and sign in anew.
    #[oai(path = "/bans/:ban", method = "delete", operation_id = "liftBan")]
    async fn lift(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        ban: Path<Uuid>,
    ) -> Result<Json<BanView>> {
        let ban = services.administration.lift_ban(&admin.by, BanId::from_uuid(ban.0)).await?;
        Ok(Json(BanView::render(&ban)))
    }
}
