//! Where a request becomes a stream.

use std::sync::Arc;

use parlor_realtime::Opening;
use poem::http::{HeaderMap, StatusCode, header};
use poem::web::Data;
use poem::{Request, Response, Result, handler};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::auth::{authenticate, session_cookie};
use crate::layers::{ClientIp, is_listed};
use crate::problem::Problem;
use crate::scopes;
use crate::services::Services;

/// The subprotocol that client and server speak.
const SUBPROTOCOL: &str = "parlor.v1";

/// Upgrades `/api/v1/realtime` to a WebSocket.
///
/// A browser authenticates by its cookie and must come from an origin of ours, because browsers
/// send cookies along from anywhere. Others send no `Origin` and authenticate by bearer token, or
/// by their first frame.
#[handler]
pub async fn open_stream(request: &Request, services: Data<&Arc<Services>>) -> Result<Response> {
    let key = websocket_key(request.headers()).ok_or_else(|| {
        Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "upgrade_required",
            "Open this address as a WebSocket, version 13.",
        )
    })?;
    if !offers_subprotocol(request.headers()) {
        let detail = format!("Offer the WebSocket subprotocol {SUBPROTOCOL}.");
        return Err(Problem::invalid_request(detail).into());
    }
    check_origin(&services, request)?;
    let authenticated = authenticate(&services, request).await.map_err(Problem::from)?;
    let presented =
        request.headers().contains_key(header::AUTHORIZATION) || session_cookie(&services, request).is_some();
    if presented && authenticated.is_none() {
        return Err(Problem::unauthenticated().into());
    }

    if let Some(who) = &authenticated {
        scopes::check(&who.grant, request.method(), request.original_uri().path())?;
    }

    let opening = Opening { authenticated, client_ip: ClientIp::of(request).0 };
    let upgrade = request.take_upgrade()?;
    let realtime = Arc::clone(&services.realtime);
    realtime.clone().spawn(async move {
        match upgrade.await {
            Ok(stream) => realtime.serve(stream, opening).await,
            Err(error) => tracing::debug!(%error, "a connection was lost while it was upgraded"),
        }
    });
    Ok(Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes()))
        .header(header::SEC_WEBSOCKET_PROTOCOL, SUBPROTOCOL)
        .finish())
}

/// A cookie counts only together with an origin of ours; an origin that is not ours is refused.
fn check_origin(services: &Services, request: &Request) -> Result<(), Problem> {
    let refuse = || {
        Problem::new(
            StatusCode::FORBIDDEN,
            "cross_origin",
            "Streams are opened from the server's own pages, or without an Origin header and cookie.",
        )
    };
    let mut origins = request.headers().get_all(header::ORIGIN).iter();
    match (origins.next(), origins.next()) {
        (Some(origin), None) if is_listed(&services.server.own_origins, origin.as_bytes()) => Ok(()),
        (None, _) if session_cookie(services, request).is_none() => Ok(()),
        _ => Err(refuse()),
    }
}

/// The client's key, when the request asks for a WebSocket.
fn websocket_key(headers: &HeaderMap) -> Option<String> {
    let has = |name: header::HeaderName, token: &str| {
        headers
            .get_all(name)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.split(',').any(|part| part.trim().eq_ignore_ascii_case(token)))
    };
    let is_upgrade = has(header::CONNECTION, "upgrade")
        && has(header::UPGRADE, "websocket")
        && has(header::SEC_WEBSOCKET_VERSION, "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY)?.to_str().ok()?;
    (is_upgrade && !key.is_empty()).then(|| key.to_owned())
}

fn offers_subprotocol(headers: &HeaderMap) -> bool {
    let offers =
        headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| offer.trim() == SUBPROTOCOL)
}
