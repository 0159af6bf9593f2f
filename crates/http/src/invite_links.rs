//! Links that lead into groups.

use std::sync::Arc;

use parlor_domain::{GroupId, InviteLinkId, Timestamp};
use parlor_wire::{Group, Time};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct LinkRequest {
    /// When it ends, in RFC 3339; without, it does not end by itself.
    expires_at: Option<Time>,
    /// How many people may come in through it, 1 to 10,000; without, any number.
    max_uses: Option<u32>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct SecretRequest {
    /// What stands behind the `#` of the link.
    secret: String,
}

/// A link that leads into a group.
#[derive(Debug, Serialize, Object)]
struct InviteLink {
    /// The id.
    id: Uuid,
    /// Who made it.
    created_by: Uuid,
    /// When it was made.
    created_at: Time,
    /// When it ends; null when it does not end by itself.
    expires_at: Option<Time>,
    /// How many people may come in through it; null for any number.
    max_uses: Option<u32>,
    /// How many have come in through it.
    uses: u32,
}

/// A link that was just made.
#[derive(Debug, Serialize, Object)]
struct NewInviteLink {
    /// The link.
    #[oai(flatten)]
    #[serde(flatten)]
    link: InviteLink,
    /// What to pass on. It is shown this once and kept by nobody here.
    url: String,
}

/// Links that lead into a group, the newest first.
#[derive(Debug, Serialize, Object)]
struct InviteLinks {
    /// The links, 50 at most.
    items: Vec<InviteLink>,
}

/// A group as somebody sees it who was given a link to it.
#[derive(Debug, Serialize, Object)]
struct Invitation {
    /// The group.
    group: Group,
    /// Whether you are in it.
    joined: bool,
}

impl From<&parlor_domain::InviteLink> for InviteLink {
    fn from(link: &parlor_domain::InviteLink) -> Self {
        Self {
            id: link.id.as_uuid(),
            created_by: link.created_by.as_uuid(),
            created_at: link.created_at.into(),
            expires_at: link.expires_at.map(Timestamp::into),
            max_uses: link.max_uses,
            uses: link.uses,
        }
    }
}

#[derive(ApiResponse)]
enum MadeResponse {
    /// The link was made.
    #[oai(status = 201)]
    Created(Json<NewInviteLink>),
}

#[derive(ApiResponse)]
enum RevokedResponse {
    /// It leads nowhere any more.
    #[oai(status = 204)]
    Done,
}

#[derive(ApiResponse)]
enum RedeemedResponse {
    /// You came in just now.
    #[oai(status = 201)]
    Created(Json<Group>),
    /// You were in already.
    #[oai(status = 200)]
    Ok(Json<Group>),
}

pub struct InviteLinksApi;

#[OpenApi(tag = Tag::Groups)]
impl InviteLinksApi {
    /// Make a link that leads into a group
    ///
    /// For those who may bring people in; it leads nowhere once its maker may not any more. A group
    /// has 50 at most, more are answered 409 `too_many_links`.
    #[oai(path = "/groups/:id/invite-links", method = "post", operation_id = "createInviteLink")]
    async fn create(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<LinkRequest>,
    ) -> Result<MadeResponse> {
        let expires_at = form.expires_at.map(|end| end.0);
        let group = GroupId::from_uuid(id.0);
        services.limits.invite_link(member.actor.user)?;
        let (link, secret) =
            services.invite_links.create(&member.actor, group, expires_at, form.max_uses).await?;
        // The secret is in the fragment: browsers send that to nobody.
        let url = format!("{}/join#{secret}", services.server.public_origin.as_str());
        Ok(MadeResponse::Created(Json(NewInviteLink { link: (&link).into(), url })))
    }

    /// The links that lead into a group
    ///
    /// All of them for owners and moderators, your own for others who may bring people in.
    #[oai(path = "/groups/:id/invite-links", method = "get", operation_id = "listInviteLinks")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<InviteLinks>> {
        let links = services.invite_links.list(&member.actor, GroupId::from_uuid(id.0)).await?;
        Ok(Json(InviteLinks { items: links.iter().map(Into::into).collect() }))
    }

    /// Revoke a link
    ///
    /// Your own, or any for owners and moderators. Who came in through it stays.
    #[oai(path = "/groups/:id/invite-links/:link", method = "delete", operation_id = "revokeInviteLink")]
    async fn revoke(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        link: Path<Uuid>,
    ) -> Result<RevokedResponse> {
        let (group, link) = (GroupId::from_uuid(id.0), InviteLinkId::from_uuid(link.0));
        services.invite_links.revoke(&member.actor, group, link).await?;
        Ok(RevokedResponse::Done)
    }

    /// What a link leads to
    ///
    /// A link that is unknown, used up, over or revoked is answered 404 `invalid_invitation`.
    #[oai(path = "/invite-links/lookup", method = "post", operation_id = "lookUpInviteLink")]
    async fn look_up(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<SecretRequest>,
    ) -> Result<Json<Invitation>> {
        let found = services.invite_links.look_up(&member.actor, &form.secret).await?;
        Ok(Json(Invitation { group: (&found.group).into(), joined: found.joined }))
    }

    /// Come into the group that a link leads to
    #[oai(path = "/invite-links/redemption", method = "post", operation_id = "redeemInviteLink")]
    async fn redeem(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<SecretRequest>,
    ) -> Result<RedeemedResponse> {
        let (group, is_new) = services.invite_links.redeem(&member.actor, &form.secret).await?;
        let body = Json((&group).into());
        Ok(if is_new { RedeemedResponse::Created(body) } else { RedeemedResponse::Ok(body) })
    }
}
