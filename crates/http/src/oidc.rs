//! Signing in at an identity provider, by OpenID Connect.
//!
//! The page sends the browser to the provider, and the provider sends it back to the page, which hands
//! in what came with it. A cookie with a secret of its own ties both ends together: what the provider
//! gave one browser is worth nothing in another.

use std::sync::Arc;

use parlor_domain::{OidcDeparture, OidcReturn};
use parlor_wire::Time;
use poem::web::Data;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::accounts::{SessionForm, SignedInResponse, cookie_of, signed_in};
use crate::auth::{Member, cookie_attributes, cookie_in};
use crate::device::FromDevice;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::passwords::{RenewedResponse, renewed};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// The cookie that a browser has while it is at the provider; the prefix binds it to TLS and this host.
const COOKIE: &str = "__Host-oidc";
/// Its name on plain HTTP, where browsers refuse the prefix.
const PLAIN_COOKIE: &str = "oidc";

/// Where the page takes browsers in that come back. Providers know this address by letter.
pub const RETURN_PATH: &str = "/oidc";

/// Where to send the browser.
#[derive(Debug, Serialize, Object)]
struct OidcRedirect {
    /// The provider's address.
    url: String,
}

#[derive(ApiResponse)]
enum DepartureResponse {
    /// It may go.
    #[oai(status = 200)]
    Ok(Json<OidcRedirect>, #[oai(header = "Set-Cookie")] String),
}

/// What you go to the provider for.
#[derive(Debug, Clone, Copy, Deserialize, Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum OidcPurpose {
    /// To link your account with who you are there.
    Link,
    /// To prove once more who you are, in place of your password.
    Confirm,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct OidcDepartureRequest {
    /// What for.
    purpose: OidcPurpose,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct OidcReturnRequest {
    /// `code` of the address at which the browser came back.
    code: String,
    /// `state` of that address.
    state: String,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct OidcSignInRequest {
    /// `code` of the address at which the browser came back.
    code: String,
    /// `state` of that address.
    state: String,
    /// The code that your app shows, or one of your recovery codes, where two-factor sign-in is on.
    totp: Option<String>,
    /// What stands behind `#invite=` in the link that you were given, where an account is made.
    invite: Option<String>,
    /// Whether to stay signed in on this device.
    remember: Option<bool>,
    /// How the new session is to prove itself; `token` when nothing is said.
    session: Option<SessionForm>,
}

/// Who you are at the identity provider.
#[derive(Debug, Serialize, Object)]
struct OidcIdentity {
    /// What the provider called you then: an address or a handle.
    label: String,
    /// When you linked your account with it.
    linked_at: Time,
}

/// With what you may sign in.
#[derive(Debug, Serialize, Object)]
struct SignInMethods {
    /// Whether you have a password.
    has_password: bool,
    /// Who you are at the identity provider; null when that is not linked.
    identity: Option<OidcIdentity>,
}

#[derive(ApiResponse)]
enum LinkedResponse {
    /// It is linked.
    #[oai(status = 200)]
    Ok(Json<OidcIdentity>, #[oai(header = "Set-Cookie")] String),
}

#[derive(ApiResponse)]
enum UnlinkedResponse {
    /// It is linked no more.
    #[oai(status = 204)]
    Done,
}

/// What the browser kept while it was away; blank when that is nothing.
struct Kept(String);

impl<'a> FromRequest<'a> for Kept {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        let services = request.data::<Arc<Services>>().ok_or_else(Problem::internal)?;
        Ok(Self(cookie_in(request, cookie_name(services)).unwrap_or_default()))
    }
}

pub struct OidcApi;

#[OpenApi(tag = Tag::Accounts)]
impl OidcApi {
    /// Sign in at the identity provider
    ///
    /// Send the browser to the address in the answer. It comes back to `/oidc` of this server with
    /// `code` and `state`, within ten minutes. Where there is no provider it is 404 `oidc_off`, and while
    /// it does not answer 503 `oidc_unavailable`.
    #[oai(path = "/auth/oidc", method = "post", operation_id = "beginOidc")]
    async fn begin(&self, services: Data<&Arc<Services>>, client: ClientIp) -> Result<DepartureResponse> {
        services.limits.registration_try(client.0)?;
        let departure = services.accounts.begin_oidc().await?;
        Ok(depart(&services, departure))
    }

    /// Sign in with what the identity provider gave
    ///
    /// In the browser that began it, once. Who has no account yet gets one, as far as people may make
    /// accounts here; it has no password, and its username is made of what the provider calls you. An
    /// account is never found by its e-mail address: 409 `oidc_account_exists` says that there is one to
    /// sign in to and link. Where two-factor sign-in is on it is 403 `totp_required`, and the same request
    /// with `totp` signs in.
    #[oai(path = "/auth/oidc/return", method = "post", operation_id = "signInByOidc")]
    async fn sign_in(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        device: FromDevice,
        kept: Kept,
        form: Json<OidcSignInRequest>,
    ) -> Result<SignedInResponse> {
        let Json(OidcSignInRequest { code, state, totp, invite, remember, session }) = form;
        let remember = remember.unwrap_or(false);
        let back = OidcReturn { secret: kept.0, state, code, totp };
        let arrival = services.accounts.arrive_by_oidc(&back, invite).await?;
        let is_new = arrival.is_new();
        if is_new {
            services.limits.registration(client.0)?;
        }
        let session = session.unwrap_or_default().at(device.0, remember);
        let limited = match arrival.proves_again() {
            Some(user) => Some(services.limits.password(user, client.0)?),
            None => None,
        };
        let outcome = services.accounts.enter_by_oidc(arrival, &session).await;
        if let Some(limited) = limited {
            limited.came_by_oidc(&outcome);
        }
        let done = outcome?;
        let user = &done.user;
        let cookie = cookie_of(&services, &done.credentials, remember);
        let body = signed_in(&done);
        if is_new {
            tracing::info!(user = %user.id, "somebody from the identity provider got an account");
            return Ok(SignedInResponse::Created(body, cookie));
        }
        tracing::info!(user = %user.id, "somebody signed in at the identity provider");
        Ok(SignedInResponse::Ok(body, cookie))
    }

    /// With what you may sign in
    #[oai(path = "/users/me/sign-in-methods", method = "get", operation_id = "getSignInMethods")]
    async fn methods(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<SignInMethods>> {
        let found = services.accounts.sign_in_methods(member.actor.user).await?;
        let identity = found.identity.map(identity);
        Ok(Json(SignInMethods { has_password: found.has_password, identity }))
    }

    /// Go to the identity provider
    ///
    /// To link your account, for which you give your password first, or to prove once more who you are.
    #[oai(path = "/users/me/oidc", method = "post", operation_id = "beginOwnOidc")]
    async fn begin_own(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        member: Member,
        form: Json<OidcDepartureRequest>,
    ) -> Result<DepartureResponse> {
        services.limits.registration_try(client.0)?;
        let departure = match form.purpose {
            OidcPurpose::Link => services.accounts.begin_oidc_link(&member.session).await?,
            OidcPurpose::Confirm => services.accounts.begin_oidc_confirmation(&member.session).await?,
        };
        Ok(depart(&services, departure))
    }

    /// Link your account with who you are at the identity provider
    ///
    /// In the browser and the session that began it, once.
    #[oai(path = "/users/me/oidc", method = "put", operation_id = "linkOidc")]
    async fn link(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        member: Member,
        kept: Kept,
        form: Json<OidcReturnRequest>,
    ) -> Result<LinkedResponse> {
        let back = back(kept, form);
        let linked = services.accounts.link_oidc(&member.session, &back, Some(client.0)).await?;
        tracing::info!(user = %member.actor.user, "an account was linked with the identity provider");
        Ok(LinkedResponse::Ok(Json(identity(linked)), forget(&services)))
    }

    /// Unlink your account from the identity provider
    ///
    /// Give your password first; without one it is 409 `password_first`.
    #[oai(path = "/users/me/oidc", method = "delete", operation_id = "unlinkOidc")]
    async fn unlink(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        member: Member,
    ) -> Result<UnlinkedResponse> {
        services.accounts.unlink_oidc(&member.session, Some(client.0)).await?;
        tracing::info!(user = %member.actor.user, "an account was unlinked from the identity provider");
        Ok(UnlinkedResponse::Done)
    }

    /// Prove once more who you are, with what the identity provider gave
    ///
    /// It counts like your password at `/users/me/confirmation`. The provider has to have asked you just
    /// now. The session gets other secrets.
    #[oai(path = "/users/me/oidc/confirmation", method = "put", operation_id = "confirmByOidc")]
    async fn confirm(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        kept: Kept,
        form: Json<OidcReturnRequest>,
    ) -> Result<RenewedResponse> {
        let session = services.accounts.confirm_by_oidc(&member.session, &back(kept, form)).await?;
        Ok(renewed(&services, &session))
    }
}

fn back(Kept(secret): Kept, form: Json<OidcReturnRequest>) -> OidcReturn {
    let Json(OidcReturnRequest { code, state }) = form;
    OidcReturn { secret, state, code, totp: None }
}

fn identity(linked: parlor_domain::LinkedIdentity) -> OidcIdentity {
    OidcIdentity { label: linked.label, linked_at: linked.linked_at.into() }
}

fn depart(services: &Services, departure: OidcDeparture) -> DepartureResponse {
    let OidcDeparture { url, secret } = departure;
    let seconds = parlor_domain::OidcAttempt::LIFE.as_secs();
    DepartureResponse::Ok(Json(OidcRedirect { url }), cookie(services, &secret, seconds))
}

/// The cookie with what the browser keeps while it is away.
fn cookie(services: &Services, secret: &str, seconds: u64) -> String {
    format!("{}={secret}{}; Max-Age={seconds}", cookie_name(services), cookie_attributes(services))
}

/// Where the prefix can be had no other cookie is looked at: any page of a neighbour could set that.
fn cookie_name(services: &Services) -> &'static str {
    if services.server.secure_cookies() { COOKIE } else { PLAIN_COOKIE }
}

fn forget(services: &Services) -> String {
    cookie(services, "", 0)
}
