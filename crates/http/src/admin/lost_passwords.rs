//! What admins do for somebody who lost their password or their second factor.

use std::sync::Arc;

use parlor_domain::UserId;
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::users::ManagedAccount;
use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// What gives somebody their account back.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "ResetLink")]
struct ResetLinkView {
    /// The link, to be handed over; it is not told again.
    url: String,
    /// Until when it works.
    expires_at: Time,
}

#[derive(ApiResponse)]
enum ResetLinkResponse {
    /// The link was made.
    #[oai(status = 201)]
    Created(Json<ResetLinkView>),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct TemporaryPasswordRequest {
    /// The password; when it is missing or blank the server makes one and tells it once.
    password: Option<String>,
}

/// What gets somebody in to choose a password of their own.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "TemporaryPassword")]
struct TemporaryPasswordView {
    /// The password that the server made because none was chosen; it is not told again.
    generated_password: Option<String>,
    /// Until when it is good.
    expires_at: Time,
}

#[derive(ApiResponse)]
enum TemporaryPasswordResponse {
    /// The password is in force.
    #[oai(status = 201)]
    Created(Json<TemporaryPasswordView>),
}

pub struct LostPasswordsApi;

#[OpenApi(prefix_path = "/admin/users", tag = Tag::Administration)]
impl LostPasswordsApi {
    /// Make a link with which somebody gets their account back
    ///
    /// It works once, for a day, and in place of any before; whoever has it chooses a new password.
    /// The account is as it was until then. Give your password first.
    #[oai(path = "/:user/reset-link", method = "post", operation_id = "makeResetLink")]
    async fn reset_link(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<ResetLinkResponse> {
        let link = services.administration.reset_link(&admin.by, UserId::from_uuid(user.0)).await?;
        // The secret is in the fragment: browsers send that to nobody.
        let url = format!("{}/recover#t={}", services.server.public_origin.as_str(), link.secret);
        Ok(ResetLinkResponse::Created(Json(ResetLinkView { url, expires_at: link.expires_at.into() })))
    }

    /// Give somebody a temporary password
    ///
    /// It takes the place of the one they had, is good for a day, and has to be replaced at the next
    /// sign-in. All their sessions end. Give your password first.
    #[oai(path = "/:user/temporary-password", method = "post", operation_id = "setTemporaryPassword")]
    async fn temporary_password(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        form: Json<TemporaryPasswordRequest>,
    ) -> Result<TemporaryPasswordResponse> {
        let (id, chosen) = (UserId::from_uuid(user.0), form.password.as_deref());
        let set = services.administration.set_temporary_password(&admin.by, id, chosen).await?;
        Ok(TemporaryPasswordResponse::Created(Json(TemporaryPasswordView {
            generated_password: set.made.as_ref().map(|password| password.reveal().to_owned()),
            expires_at: set.expires_at.into(),
        })))
    }

    /// Take somebody's second factor away
    ///
    /// For one who lost it: they sign in with their password alone. Give your password first.
    #[oai(path = "/:user/two-factor", method = "delete", operation_id = "removeTwoFactor")]
    async fn remove_two_factor(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<Json<ManagedAccount>> {
        let id = UserId::from_uuid(user.0);
        services.administration.remove_totp(&admin.by, id).await?;
        let account = services.administration.account(&admin.by, id).await?;
        Ok(Json(ManagedAccount::render(&account, &*services.presence)))
    }
}
