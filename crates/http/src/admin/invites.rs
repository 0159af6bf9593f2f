//! Invitations to the server.

use std::sync::Arc;

use parlor_domain::{InviteId, ListedInvite, NewInvite, Timestamp};
use parlor_wire::{Role, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::domain_role;
use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct InviteRequest {
    /// What the new account may do on the server; `user` when nothing is said.
    role: Option<Role>,
    /// The address that the new account must have; blank for any or none. Then it is for one account.
    email: Option<String>,
    /// When it ends, in RFC 3339; without, it does not end by itself. An admin's ends after seven
    /// days at the latest.
    expires_at: Option<Time>,
    /// How many accounts may be made with it, 1 to 10,000; without, any number. An admin's is for one.
    max_uses: Option<u32>,
}

/// Somebody who made an account with an invitation.
#[derive(Debug, Serialize, Object)]
struct InviteUse {
    /// Who.
    user: Uuid,
    /// Their handle.
    username: String,
    /// When.
    used_at: Time,
}

/// An invitation to the server.
#[derive(Debug, Serialize, Object)]
struct Invite {
    /// The id.
    id: Uuid,
    /// What the new account may do on the server.
    role: Role,
    /// The address that the new account must have; null for any or none.
    email: Option<String>,
    /// Who made it; null when it was made on the machine itself.
    created_by: Option<Uuid>,
    /// When it was made.
    created_at: Time,
    /// When it ends; null when it does not end by itself.
    expires_at: Option<Time>,
    /// How many accounts may be made with it; null for any number.
    max_uses: Option<u32>,
    /// How many were.
    uses: u32,
    /// When it was taken back; null when it was not.
    revoked_at: Option<Time>,
    /// Whether an account may be made with it now.
    valid: bool,
    /// Who made accounts with it, the latest first; 20 at most.
    used_by: Vec<InviteUse>,
}

/// An invitation that was just made.
#[derive(Debug, Serialize, Object)]
struct NewInviteBody {
    /// The invitation.
    #[oai(flatten)]
    #[serde(flatten)]
    invite: Invite,
    /// What to pass on. It is shown this once and kept by nobody here.
    url: String,
}

#[derive(ApiResponse)]
enum InvitedResponse {
    /// The invitation was made.
    #[oai(status = 201)]
    Created(Json<NewInviteBody>),
}

#[derive(ApiResponse)]
enum RevokedInviteResponse {
    /// Nobody makes an account with it any more.
    #[oai(status = 204)]
    Done,
}

impl From<&ListedInvite> for Invite {
    fn from(listed: &ListedInvite) -> Self {
        let invite = &listed.invite;
        let used_by = listed.used_by.iter().map(|one| InviteUse {
            user: one.user.as_uuid(),
            username: one.username.to_string(),
            used_at: one.used_at.into(),
        });
        Self {
            id: invite.id.as_uuid(),
            role: invite.role.into(),
            email: invite.email.as_ref().map(ToString::to_string),
            created_by: invite.created_by.map(parlor_domain::UserId::as_uuid),
            created_at: invite.created_at.into(),
            expires_at: invite.expires_at.map(Timestamp::into),
            max_uses: invite.max_uses,
            uses: invite.uses,
            revoked_at: invite.revoked_at.map(Timestamp::into),
            valid: listed.is_good,
            used_by: used_by.collect(),
        }
    }
}

pub struct InvitesApi;

#[OpenApi(prefix_path = "/admin", tag = Tag::Administration)]
impl InvitesApi {
    /// Invite people to the server
    ///
    /// For admins. The link leads to the sign-up page.
    #[oai(path = "/invites", method = "post", operation_id = "createInvite")]
    async fn create(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        form: Json<InviteRequest>,
    ) -> Result<InvitedResponse> {
        let Json(form) = form;
        let new = NewInvite {
            role: domain_role(form.role.unwrap_or(Role::User)),
            email: form.email,
            expires_at: form.expires_at.map(|end| end.0),
            max_uses: form.max_uses,
        };
        let (invite, token) = services.administration.invite(&admin.by, &new).await?;
        // The token is in the fragment: browsers send that to nobody.
        let url = format!("{}/sign-up#invite={token}", services.server.public_origin.as_str());
        let listed = ListedInvite { invite, used_by: Vec::new(), is_good: true };
        Ok(InvitedResponse::Created(Json(NewInviteBody { invite: (&listed).into(), url })))
    }

    /// Invitations to the server
    ///
    /// For admins: all of them, the newest first, with those who used them.
    #[oai(path = "/invites", method = "get", operation_id = "listInvites")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Invite>>> {
        let size = page_size(limit.0)?;
        let page = services.administration.invites(&admin.by, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |listed| listed.into())))
    }

    /// Take an invitation back
    ///
    /// For admins. Who made an account with it stays.
    #[oai(path = "/invites/:invite", method = "delete", operation_id = "revokeInvite")]
    async fn revoke(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        invite: Path<Uuid>,
    ) -> Result<RevokedInviteResponse> {
        services.administration.revoke_invite(&admin.by, InviteId::from_uuid(invite.0)).await?;
        Ok(RevokedInviteResponse::Done)
    }
}
