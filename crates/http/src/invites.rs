//! What an invitation to the server is good for.

use std::sync::Arc;

use parlor_domain::Timestamp;
use parlor_wire::{Role, Time};
use poem::web::Data;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::json::Json;
use crate::layers::ClientIp;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct InviteLookupRequest {
    /// What stands behind `#invite=` in the link.
    invite: String,
}

/// What an invitation is good for, to one who has it.
#[derive(Debug, Serialize, Object)]
struct InviteSummary {
    /// What the new account may do on the server.
    role: Role,
    /// The address that the new account must have; null for any or none.
    email: Option<String>,
    /// When it ends; null when it does not end by itself.
    expires_at: Option<Time>,
}

pub struct InvitesApi;

#[OpenApi(tag = Tag::Accounts)]
impl InvitesApi {
    /// What an invitation is good for
    ///
    /// One that is unknown, used up, over or taken back is answered 404 `invalid_invite`.
    #[oai(path = "/invites/lookup", method = "post", operation_id = "lookUpInvite")]
    async fn look_up(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        form: Json<InviteLookupRequest>,
    ) -> Result<Json<InviteSummary>> {
        services.limits.registration_try(client.0)?;
        let invite = services.accounts.look_up_invite(&form.invite).await?;
        Ok(Json(InviteSummary {
            role: invite.role.into(),
            email: invite.email.as_ref().map(ToString::to_string),
            expires_at: invite.expires_at.map(Timestamp::into),
        }))
    }
}
