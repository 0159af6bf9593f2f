//! Two-factor sign-in: a code besides the password.

use std::sync::Arc;

use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::auth::Member;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::services::Services;
use crate::{Result, Tag};

/// How you stand with two-factor sign-in.
#[derive(Debug, Serialize, Object)]
struct TwoFactor {
    /// Whether signing in asks for a code.
    enabled: bool,
    /// Whether you are an admin only with it.
    required: bool,
}

/// What an app needs to make codes.
#[derive(Debug, Serialize, Object)]
struct TwoFactorSetup {
    /// The address (`otpauth://…`) to be shown as a QR code; it is not told again.
    uri: String,
}

#[derive(ApiResponse)]
enum SetupResponse {
    /// It was begun.
    #[oai(status = 201)]
    Created(Json<TwoFactorSetup>),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct TwoFactorRequest {
    /// Whether signing in is to ask for a code from now on.
    enabled: bool,
    /// The six digits that your app shows; to turn it off, one of your recovery codes will do.
    code: String,
}

pub struct TwoFactorApi;

#[OpenApi(prefix_path = "/users/me/two-factor", tag = Tag::Accounts)]
impl TwoFactorApi {
    /// How you stand with two-factor sign-in
    #[oai(path = "/", method = "get", operation_id = "getTwoFactor")]
    async fn get(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<TwoFactor>> {
        state(&services, &member).await
    }

    /// Begin to set up two-factor sign-in
    ///
    /// Nothing changes before you show with a code that your app has the secret. Give your password
    /// first.
    #[oai(path = "/", method = "post", operation_id = "beginTwoFactor")]
    async fn begin(&self, services: Data<&Arc<Services>>, member: Member) -> Result<SetupResponse> {
        let uri = services.accounts.begin_totp(&member.session).await?;
        Ok(SetupResponse::Created(Json(TwoFactorSetup { uri })))
    }

    /// Turn two-factor sign-in on or off
    ///
    /// On, after it was begun, with a code that your app shows. When the app is lost, your recovery codes
    /// take its place at the sign-in; each works once, be it for the password or for this. Off, with a
    /// code or a recovery code; give your password first.
    #[oai(path = "/", method = "put", operation_id = "changeTwoFactor")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        form: Json<TwoFactorRequest>,
    ) -> Result<Json<TwoFactor>> {
        let limited = services.limits.password(member.actor.user, client.0)?;
        let outcome = if form.enabled {
            services.accounts.enable_totp(&member.session, &form.code, Some(client.0)).await
        } else {
            services.accounts.disable_totp(&member.session, &form.code, Some(client.0)).await
        };
        limited.proved(&outcome);
        outcome?;
        state(&services, &member).await
    }
}

async fn state(services: &Services, member: &Member) -> Result<Json<TwoFactor>> {
    let state = services.accounts.totp_state(member.actor.user).await?;
    Ok(Json(TwoFactor { enabled: state.enabled, required: state.required }))
}
