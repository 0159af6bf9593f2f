//! Who asks.

use std::sync::Arc;

use parlor_domain::{Actor, Administrator, Authenticated, SessionId, StoreError, administrate};
use poem::http::header;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::layers::{ClientIp, PLAIN_SESSION_COOKIE, SESSION_COOKIE, UserTag};
use crate::problem::Problem;
use crate::scopes;
use crate::services::Services;

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
        administrate(&member.actor).map_err(Problem::from)?;
        let session = member.session.session;
        Ok(Self { by: Administrator::Person(member.session, Some(ClientIp::of(request).0)), session })
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
    let name = cookie_name(services);
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

fn cookie_attributes(services: &Services) -> &'static str {
    if services.server.secure_cookies() {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}
