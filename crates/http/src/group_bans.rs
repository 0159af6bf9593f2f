//! Who is shut out of one group.

use std::sync::Arc;

use parlor_domain::{Ban, BanId, BanReason, GroupId, UserId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::admin::BanState;
use crate::auth::Member;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag, term};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct GroupBanRequest {
    /// Why, up to 500 characters. Those who lead the group read it, and the person when they try to
    /// come in.
    reason: Option<String>,
    /// When it ends by itself, in RFC 3339; when neither this nor `minutes` is said, it is for good.
    until: Option<Time>,
    /// How many minutes it lasts, instead of `until`.
    minutes: Option<u32>,
}

/// Somebody is, or was, shut out of a group.
#[derive(Debug, Serialize, Object)]
struct GroupBan {
    /// The id.
    id: Uuid,
    /// Who is shut out.
    user: Uuid,
    /// Why.
    reason: String,
    /// Who shut them out.
    by: Option<Uuid>,
    /// Since when.
    issued_at: Time,
    /// When it ends by itself; null when it does not.
    until: Option<Time>,
    /// When it was taken back, or ended by itself; null while it was not.
    lifted_at: Option<Time>,
}

impl GroupBan {
    fn render(ban: &Ban) -> Self {
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

#[derive(ApiResponse)]
enum GroupBanLiftedResponse {
    /// They may come in again.
    #[oai(status = 204)]
    Done,
}

pub struct GroupBansApi;

#[OpenApi(prefix_path = "/groups", tag = Tag::Groups)]
impl GroupBansApi {
    /// Who is, or was, shut out of a group, the latest first
    ///
    /// For moderators and owners.
    #[oai(path = "/:id/bans", method = "get", operation_id = "listGroupBans")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// Only these.
        state: Query<Option<BanState>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<GroupBan>>> {
        let (after, size) = (after.0.map(BanId::from_uuid), page_size(limit.0)?);
        let (id, active) = (GroupId::from_uuid(id.0), state.0.map(BanState::is_active));
        let page = services.groups.bans(&member.actor, id, active, after, size).await?;
        Ok(Json(Listing::render(page, GroupBan::render)))
    }

    /// Shut somebody out of a group
    ///
    /// Until a moment or for good, in place of any ban that they have there. A member is put out;
    /// until it ends nobody can bring them in. Moderators shut out members, owners everybody; nobody
    /// is shut out of the lobby.
    #[oai(path = "/:id/bans/:user", method = "put", operation_id = "banFromGroup")]
    async fn ban(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        id: Path<Uuid>,
        user: Path<Uuid>,
        form: Json<GroupBanRequest>,
    ) -> Result<Json<GroupBan>> {
        let reason = BanReason::parse(form.reason.as_deref().unwrap_or_default())?;
        let until = term::end(&services, form.until.as_ref(), form.minutes)?;
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        let ban = services.groups.ban(&member.actor, Some(client.0), group, user, reason, until).await?;
        Ok(Json(GroupBan::render(&ban)))
    }

    /// Let somebody come into a group again before their ban ends
    ///
    /// They are told.
    #[oai(path = "/:id/bans/:user", method = "delete", operation_id = "liftGroupBan")]
    async fn lift(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        id: Path<Uuid>,
        user: Path<Uuid>,
    ) -> Result<GroupBanLiftedResponse> {
        let (group, user) = (GroupId::from_uuid(id.0), UserId::from_uuid(user.0));
        services.groups.lift_ban(&member.actor, Some(client.0), group, user).await?;
        Ok(GroupBanLiftedResponse::Done)
    }
}
