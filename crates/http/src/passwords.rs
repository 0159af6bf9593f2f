//! Passwords: giving one once more, changing it, and getting an account back without it.

use std::sync::Arc;

use parlor_domain::{Credentials, Recovery, Renewed, Tokens};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::accounts::cookie_of;
use crate::auth::Member;
use crate::device::FromDevice;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ConfirmationRequest {
    /// Your password.
    password: String,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct PasswordRequest {
    /// Your password as it is now; left out when you have none yet.
    password: Option<String>,
    /// The one that you want from now on.
    new_password: String,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RecoveryRequest {
    /// A username, a user id (`USR000001`) or an e-mail address, in any case.
    login: String,
    /// One of the codes that you were given, with or without dashes, in any case.
    recovery_code: String,
    /// The password that you want from now on.
    new_password: String,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct LinkRecoveryRequest {
    /// What stands behind `#t=` in the link.
    link: String,
    /// The password that you want from now on.
    new_password: String,
}

/// What proves the session from now on.
#[derive(Debug, Serialize, Object)]
pub struct RenewedSession {
    /// Presented as `Authorization: Bearer …` with each request; missing when a cookie proves it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Exchanged for a new pair at `/auth/refresh`; those before are worth nothing any more.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// How many seconds the access token is good for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u32>,
}

#[derive(ApiResponse)]
pub enum RenewedResponse {
    /// It is your password.
    #[oai(status = 200)]
    Ok(Json<RenewedSession>, #[oai(header = "Set-Cookie")] Option<String>),
}

/// An account has a new password.
#[derive(Debug, Serialize, Object)]
struct Recovered {
    /// Whose it is, to sign in with.
    username: String,
}

/// How many recovery codes are left.
#[derive(Debug, Serialize, Object)]
struct RecoveryCodesLeft {
    /// The number; 10 at first.
    left: u64,
}

/// Recovery codes, told once.
#[derive(Debug, Serialize, Object)]
struct RecoveryCodes {
    /// Ten codes, each of which works once.
    codes: Vec<String>,
}

pub struct PasswordsApi;

#[OpenApi(tag = Tag::Accounts)]
impl PasswordsApi {
    /// Give your password once more
    ///
    /// What is dangerous asks for it and answers 403 `confirmation_required` otherwise. It counts for
    /// ten minutes; so does signing in. The session gets other secrets.
    #[oai(path = "/users/me/confirmation", method = "put", operation_id = "confirmPassword")]
    async fn confirm(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        form: Json<ConfirmationRequest>,
    ) -> Result<RenewedResponse> {
        let limited = services.limits.password(member.actor.user, client.0)?;
        let outcome = services.accounts.confirm(&member.session, &form.password).await;
        limited.confirmed(&outcome);
        Ok(renewed(&services, &outcome?))
    }

    /// Change your password
    ///
    /// This session goes on with other secrets, and all others end. Who signs in at the identity provider
    /// and has none yet chooses one in this way, after proving once more who they are.
    #[oai(path = "/users/me/password", method = "put", operation_id = "changePassword")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        form: Json<PasswordRequest>,
    ) -> Result<RenewedResponse> {
        let PasswordRequest { password, new_password } = &*form;
        let limited = services.limits.password(member.actor.user, client.0)?;
        let outcome = services
            .accounts
            .change_password(&member.session, password.as_deref(), new_password, Some(client.0))
            .await;
        limited.confirmed(&outcome);
        Ok(renewed(&services, &outcome?))
    }

    /// Get an account back with a recovery code
    ///
    /// Gives it a new password and ends all its sessions; sign in afterwards. Each code works once.
    /// Whatever is wrong is answered 403 `recovery_failed`, whether there is such an account or not.
    #[oai(path = "/auth/recovery", method = "post", operation_id = "recover")]
    async fn recover(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        form: Json<RecoveryRequest>,
    ) -> Result<Json<Recovered>> {
        let Json(RecoveryRequest { login, recovery_code, new_password }) = form;
        // What can be told without a look at the account is no attempt at it.
        services.accounts.new_password(&new_password)?;
        services.limits.recovery(&login, client.0)?;
        let recovery = Recovery { login, code: recovery_code, new_password, address: Some(client.0) };
        let user = services.accounts.recover(&recovery).await?;
        Ok(Json(Recovered { username: user.username.to_string() }))
    }

    /// Get an account back with a link
    ///
    /// An admin makes such links. It gives the account a new password and ends all its sessions;
    /// sign in afterwards. Each link works once.
    #[oai(path = "/auth/recovery/link", method = "post", operation_id = "recoverByLink")]
    async fn recover_by_link(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        form: Json<LinkRecoveryRequest>,
    ) -> Result<Json<Recovered>> {
        let LinkRecoveryRequest { link, new_password } = &*form;
        services.accounts.new_password(new_password)?;
        // Whose it is is not known yet: those who guess are counted by where they are.
        services.limits.recovery(link, client.0)?;
        let user = services.accounts.recover_by_link(link, new_password, Some(client.0)).await?;
        Ok(Json(Recovered { username: user.username.to_string() }))
    }

    /// How many recovery codes you have left
    #[oai(path = "/users/me/recovery-codes", method = "get", operation_id = "countRecoveryCodes")]
    async fn count(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<RecoveryCodesLeft>> {
        let left = services.accounts.count_recovery_codes(member.actor.user).await?;
        Ok(Json(RecoveryCodesLeft { left }))
    }

    /// Get new recovery codes
    ///
    /// Those before are worth nothing any more. Give your password first.
    #[oai(path = "/users/me/recovery-codes", method = "post", operation_id = "renewRecoveryCodes")]
    async fn renew_codes(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        device: FromDevice,
    ) -> Result<Json<RecoveryCodes>> {
        let codes = services.accounts.renew_recovery_codes(&member.session, device.0.address).await?;
        Ok(Json(RecoveryCodes { codes: codes.iter().map(ToString::to_string).collect() }))
    }
}

/// The answer to somebody who proved once more who they are.
pub fn renewed(services: &Services, session: &Renewed) -> RenewedResponse {
    let (access, refresh) = match &session.credentials {
        Credentials::Tokens(Tokens { access, refresh }) => (Some(access), Some(refresh.clone())),
        Credentials::Cookie(_) => (None, None),
    };
    let body = RenewedSession {
        access_token: access.map(|access| access.token.clone()),
        refresh_token: refresh,
        expires_in: access.map(|access| access.expires_in),
    };
    RenewedResponse::Ok(Json(body), cookie_of(services, &session.credentials, session.remember))
}
