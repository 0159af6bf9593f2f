//! Registration, sign-in, and one's own account.

use std::sync::Arc;

use parlor_domain::{
    Credentials, Device, NewSession, ProfileChange, Registration, SessionKind, SignIn, SignedIn, StatusChange,
};
use parlor_wire::{Account, PresenceChoice, Role, Time};
use poem::web::Data;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::auth::{Member, clear_cookie, set_cookie};
use crate::device::FromDevice;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// How a session proves itself.
#[derive(Debug, Clone, Copy, Default, Deserialize, Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SessionForm {
    /// By a cookie, for browsers; the answer has no tokens.
    Cookie,
    /// By an access and a refresh token, for programs; no cookie is set.
    #[default]
    Token,
}

impl SessionForm {
    /// A session like this for somebody at this device.
    pub fn at(self, device: Device, remember: bool) -> NewSession {
        let kind = match self {
            Self::Cookie => SessionKind::Cookie,
            Self::Token => SessionKind::Token,
        };
        NewSession { kind, remember, device }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RegisterRequest {
    /// The handle, 3 to 32 of `a-z 0-9 . _ -`.
    username: String,
    /// The display name, 1 to 64 characters.
    name: String,
    /// The password; when it is missing or blank the server makes one and tells it once.
    password: Option<String>,
    /// The e-mail address, at most 254 characters.
    email: Option<String>,
    /// The role asked for; `admin` needs an admin's invitation.
    role: Option<Role>,
    /// What stands behind `#invite=` in the link that you were given.
    invite: Option<String>,
    /// How the new session is to prove itself; `token` when nothing is said.
    session: Option<SessionForm>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct LoginRequest {
    /// A username, a user id (`USR000001`) or an e-mail address, in any case.
    login: String,
    /// The password.
    password: String,
    /// The password that you want from now on, when the other one is a temporary one.
    new_password: Option<String>,
    /// The code that your app shows, or one of your recovery codes, where two-factor sign-in is on.
    totp: Option<String>,
    /// Whether to stay signed in on this device.
    remember: Option<bool>,
    /// The role you mean to act in; must be the account's.
    role: Option<Role>,
    /// How the new session is to prove itself; `token` when nothing is said.
    session: Option<SessionForm>,
}

/// Somebody is signed in.
#[derive(Debug, Serialize, Object)]
pub struct SignedInBody {
    /// The account.
    user: Account,
    /// The display name.
    name: String,
    /// Presented as `Authorization: Bearer …` with each request.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
    /// Exchanged for a new pair at `/auth/refresh`; each one works once.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// How many seconds the access token is good for.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u32>,
    /// The password that the server made because none was chosen; it is not told again.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    generated_password: Option<String>,
    /// The codes that give the account back when the password is lost, told once at registration.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

#[derive(ApiResponse)]
pub enum SignedInResponse {
    /// The account was made.
    #[oai(status = 201)]
    Created(Json<SignedInBody>, #[oai(header = "Set-Cookie")] Option<String>),
    /// Signed in.
    #[oai(status = 200)]
    Ok(Json<SignedInBody>, #[oai(header = "Set-Cookie")] Option<String>),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RefreshRequest {
    /// The refresh token of the last answer.
    refresh_token: String,
}

/// A new pair of tokens.
#[derive(Debug, Serialize, Object)]
struct TokenPair {
    /// Presented as `Authorization: Bearer …` with each request.
    access_token: String,
    /// Exchanged for the next pair; each one works once.
    refresh_token: String,
    /// How many seconds the access token is good for.
    expires_in: u32,
}

#[derive(ApiResponse)]
enum SignedOutResponse {
    /// The session has ended.
    #[oai(status = 204)]
    Done(#[oai(header = "Set-Cookie")] String),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ProfileRequest {
    /// A new display name, 1 to 64 characters.
    name: Option<String>,
    /// A new text about yourself, up to 500 characters.
    about: Option<String>,
    /// A new e-mail address; blank takes it away.
    email: Option<String>,
    /// A new time zone by its name in the IANA database, as `Europe/Bucharest`; blank takes it away.
    time_zone: Option<String>,
    /// How you want to be seen while you are connected.
    presence: Option<PresenceChoice>,
    /// Whether others learn what you received and read. Hiding it hides theirs from you.
    shares_receipts: Option<bool>,
    /// Whether others learn when you were last seen. Hiding it hides theirs from you.
    shares_last_seen: Option<bool>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct StatusRequest {
    /// An emoji that stands for it.
    emoji: Option<String>,
    /// In words, up to 100 characters; may be left out when there is an emoji.
    text: Option<String>,
    /// When it ends by itself, in RFC 3339; when nothing is said it stays until it is taken away.
    until: Option<Time>,
}

/// The answer's body to somebody who signed in.
pub fn signed_in(done: &SignedIn) -> Json<SignedInBody> {
    let tokens = match &done.credentials {
        Credentials::Tokens(tokens) => Some(tokens),
        Credentials::Cookie(_) => None,
    };
    let secrets = &done.secrets;
    let codes = &secrets.recovery_codes;
    Json(SignedInBody {
        user: (&done.user).into(),
        name: done.user.name.to_string(),
        access_token: tokens.map(|tokens| tokens.access.token.clone()),
        refresh_token: tokens.map(|tokens| tokens.refresh.clone()),
        expires_in: tokens.map(|tokens| tokens.access.expires_in),
        generated_password: secrets.password.as_ref().map(|password| password.reveal().to_owned()),
        recovery_codes: (!codes.is_empty()).then(|| codes.iter().map(ToString::to_string).collect()),
    })
}

/// The cookie that the answer sets, when the session is a cookie's.
pub fn cookie_of(services: &Services, credentials: &Credentials, remember: bool) -> Option<String> {
    let Credentials::Cookie(secret) = credentials else { return None };
    let seconds = remember.then(|| services.accounts.policy().sessions.remember.as_secs());
    Some(set_cookie(services, secret, seconds))
}

/// The longest code of two-factor sign-in that is looked at, in bytes; recovery codes have 24 letters.
const LONGEST_CODE: usize = 64;

pub struct AccountsApi;

#[OpenApi(tag = Tag::Accounts)]
impl AccountsApi {
    /// Make an account and sign in
    #[oai(path = "/auth/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        device: FromDevice,
        form: Json<RegisterRequest>,
    ) -> Result<SignedInResponse> {
        let Json(form) = form;
        let registration = Registration {
            username: form.username,
            name: form.name,
            password: form.password,
            email: form.email,
            role: form.role.map(domain_role),
            invite: form.invite,
        };
        services.limits.registration_try(client.0)?;
        services.accounts.check_registration(&registration).await?;
        services.limits.registration(client.0)?;
        let session = form.session.unwrap_or_default().at(device.0, false);
        let done = services.accounts.register(&registration, &session).await?;
        Ok(SignedInResponse::Created(signed_in(&done), cookie_of(&services, &done.credentials, false)))
    }

    /// Sign in
    ///
    /// A temporary password, which somebody else chose, is answered 403 `new_password_required`; the
    /// same request with `new_password` replaces it and signs in. Where two-factor sign-in is on it is
    /// 403 `totp_required`, and the same request with `totp` signs in; each code works once.
    #[oai(path = "/auth/login", method = "post", operation_id = "signIn")]
    async fn sign_in(
        &self,
        services: Data<&Arc<Services>>,
        client: ClientIp,
        device: FromDevice,
        form: Json<LoginRequest>,
    ) -> Result<SignedInResponse> {
        let Json(form) = form;
        let remember = form.remember.unwrap_or(false);
        if form.totp.as_ref().is_some_and(|code| code.len() > LONGEST_CODE) {
            let problem = Problem::invalid_fields(Vec::new());
            return Err(problem.with_field("totp", "too_long", "A code has 64 characters at most."));
        }
        let attempt = SignIn {
            login: form.login,
            password: form.password,
            new_password: form.new_password,
            totp: form.totp,
            role: form.role.map(domain_role),
            session: form.session.unwrap_or_default().at(device.0, remember),
        };
        let limited = services.limits.sign_in(&attempt.login, client.0)?;
        let outcome = services.accounts.sign_in(&attempt).await;
        limited.signed_in(&outcome);
        let done = outcome?;
        Ok(SignedInResponse::Ok(signed_in(&done), cookie_of(&services, &done.credentials, remember)))
    }

    /// Exchange a refresh token for a new pair
    ///
    /// When the answer gets lost the same token may be presented again, as long as the new one
    /// was not used. Any other reuse ends the session.
    #[oai(path = "/auth/refresh", method = "post", operation_id = "refresh")]
    async fn refresh(
        &self,
        services: Data<&Arc<Services>>,
        form: Json<RefreshRequest>,
    ) -> Result<Json<TokenPair>> {
        let done = services.accounts.refresh(&form.refresh_token).await?;
        Ok(Json(TokenPair {
            access_token: done.tokens.access.token,
            refresh_token: done.tokens.refresh,
            expires_in: done.tokens.access.expires_in,
        }))
    }

    /// Sign out
    ///
    /// Ends this session and closes what is connected through it.
    #[oai(path = "/auth/logout", method = "post", operation_id = "signOut")]
    async fn sign_out(&self, services: Data<&Arc<Services>>, member: Member) -> Result<SignedOutResponse> {
        services.accounts.sign_out(&member.session).await?;
        Ok(SignedOutResponse::Done(clear_cookie(&services)))
    }

    /// Your own account
    #[oai(path = "/users/me", method = "get", operation_id = "getMe")]
    async fn me(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<Account>> {
        let user = services.accounts.me(&member.actor).await?;
        Ok(Json((&user).into()))
    }

    /// Change your own account
    ///
    /// What is missing stays as it is.
    #[oai(path = "/users/me", method = "patch", operation_id = "changeMe")]
    async fn change_me(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<ProfileRequest>,
    ) -> Result<Json<Account>> {
        let Json(form) = form;
        let change = ProfileChange {
            name: form.name,
            about: form.about,
            email: form.email,
            time_zone: form.time_zone,
            presence: form.presence.map(Into::into),
            shares_receipts: form.shares_receipts,
            shares_last_seen: form.shares_last_seen,
        };
        let user = services.accounts.change_profile(&member.actor, &change).await?;
        Ok(Json((&user).into()))
    }

    /// Say what you are up to
    #[oai(path = "/users/me/status", method = "put", operation_id = "setMyStatus")]
    async fn set_status(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<StatusRequest>,
    ) -> Result<Json<Account>> {
        let Json(StatusRequest { emoji, text, until }) = form;
        let change = StatusChange {
            emoji: emoji.unwrap_or_default(),
            text: text.unwrap_or_default(),
            until: until.map(|until| until.0),
        };
        let user = services.accounts.set_status(&member.actor, &change).await?;
        Ok(Json((&user).into()))
    }

    /// Take back what you said you are up to
    #[oai(path = "/users/me/status", method = "delete", operation_id = "clearMyStatus")]
    async fn clear_status(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<Account>> {
        let user = services.accounts.clear_status(&member.actor).await?;
        Ok(Json((&user).into()))
    }
}

/// A role of a request in the domain's words.
pub fn domain_role(role: Role) -> parlor_domain::Role {
    match role {
        Role::User => parlor_domain::Role::User,
        Role::Admin => parlor_domain::Role::Admin,
    }
}
