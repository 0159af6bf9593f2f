//! Who asks.

use std::sync::Arc;

use parlor_domain::{Actor, Administrator, Authenticated, SessionId, StoreError, administrate};
use poem::http::header;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::errors::totp_setup_required;
use crate::layers::{ClientIp, PLAIN_SESSION_COOKIE, SESSION_COOKIE, UserTag};
use crate::problem::Problem;
use crate::scopes;
use crate::services::Services;

/// What an admin is told who is one only with a second factor.
const SET_UP_FIRST: &str =
    "Admins need two-factor sign-in here; set it up under “Password and devices” first.";

/// How the OpenAPI document names the two ways to be signed in.
const BEARER: &str = "bearer";
const COOKIE: &str = "cookie";

/// Somebody who is signed in. A handler that takes one answers 401 to everybody else.
pub struct Member {
    /// Who, for the use cases.
    pub actor: Actor,
    /// Through which session.
    pub session: Authenticated,
}

impl<'a> ApiExtractor<'a> for Member {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(
            BEARER,
            MetaSecurityScheme {
                ty: "http",
                description: Some("An access token from `/auth/login`, or an API token, for programs."),
                name: None,
                key_in: None,
                scheme: Some("bearer"),
                bearer_format: Some("JWT"),
                flows: None,
                openid_connect_url: None,
            },
        );
        registry.create_security_scheme(
            COOKIE,
            MetaSecurityScheme {
                ty: "apiKey",
                description: Some("The session cookie of a browser, from the server's own pages."),
                name: Some(SESSION_COOKIE),
                key_in: Some("cookie"),
                scheme: None,
                bearer_format: None,
                flows: None,
                openid_connect_url: None,
            },
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![BEARER, COOKIE]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let services = request.data::<Arc<Services>>().ok_or_else(Problem::internal)?;
        let session = authenticate(services, request)
            .await
            .map_err(Problem::from)?
            .ok_or_else(Problem::unauthenticated)?;
        scopes::check(&session.grant, request.method(), request.original_uri().path())?;
        UserTag::set(request, session.actor.user.as_uuid());
        Ok(Self { actor: session.actor, session })
    }
}

/// Somebody who looks after the server. A handler that takes one answers 401 to those who are not
/// signed in, and 403 to those who are no admins.
pub struct Admin {
    /// Who, for the use cases.
    pub by: Administrator,
    /// The same, for what is for everybody.
    pub actor: Actor,
    /// Through which session.
    pub session: SessionId,
}

impl<'a> ApiExtractor<'a> for Admin {
    const TYPES: &'static [ApiExtractorType] = Member::TYPES;
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        Member::register(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        Member::security_schemes()
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let member = Member::from_request(request, body, options).await?;
        if let Err(denied) = administrate(&member.actor) {
            let services = request.data::<Arc<Services>>().ok_or_else(Problem::internal)?;
            let state = services.accounts.totp_state(member.actor.user).await.map_err(Problem::from)?;
            let lacks = state.required && !state.enabled;
            let refused = if lacks { totp_setup_required(SET_UP_FIRST) } else { denied.into() };
            return Err(refused.into());
        }
        let (actor, session) = (member.actor, member.session.session);
        Ok(Self { by: Administrator::Person(member.session, Some(ClientIp::of(request).0)), actor, session })
    }
}

/// Who asks, by bearer token or else by cookie; `None` when there is neither or it is not good.
///
/// A request with an `Authorization` header never falls back to its cookie: the header is what
/// exempts it from the check for the own origin.
pub async fn authenticate(
    services: &Services,
    request: &Request,
) -> Result<Option<Authenticated>, StoreError> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|text| text.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                services.accounts.by_access_token(token.trim()).await
            }
            _ => Ok(None),
        };
    }
    match session_cookie(services, request) {
        Some(secret) => services.accounts.by_cookie(&secret).await,
        None => Ok(None),
    }
}

/// Whether the request carries a session cookie, good or not.
pub fn session_cookie(services: &Services, request: &Request) -> Option<String> {
    cookie_in(request, cookie_name(services))
}

/// The value of a cookie that the request carries.
pub fn cookie_in(request: &Request, name: &str) -> Option<String> {
    let cookies = request.headers().get_all(header::COOKIE);
    let pairs = cookies.iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(';'));
    pairs
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

/// The cookie that makes a browser be signed in; with `remember_seconds` it outlives the browser.
pub fn set_cookie(services: &Services, secret: &str, remember_seconds: Option<u64>) -> String {
    let age = remember_seconds.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    format!("{}={secret}{}{age}", cookie_name(services), cookie_attributes(services))
}

/// The cookie that makes a browser be signed out.
pub fn clear_cookie(services: &Services) -> String {
    format!("{}={}; Max-Age=0", cookie_name(services), cookie_attributes(services))
}

fn cookie_name(services: &Services) -> &'static str {
    if services.server.secure_cookies() { SESSION_COOKIE } else { PLAIN_SESSION_COOKIE }
}

/// What cookies of this server have in common.
pub fn cookie_attributes(services: &Services) -> &'static str {
    if services.server.secure_cookies() {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}
