//! Where you are signed in.

use std::sync::Arc;

use parlor_domain::SessionId;
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// One sign-in on one device.
#[derive(Debug, Serialize, Object)]
struct Session {
    /// The id.
    id: Uuid,
    /// Whether it is the one that asks.
    current: bool,
    /// What the browser or program calls itself; blank when it said nothing.
    user_agent: String,
    /// The address that the sign-in came from; null when that is not known.
    address: Option<String>,
    /// Whether it outlives the browser.
    remember: bool,
    /// When the person signed in.
    created_at: Time,
    /// When it was last used, to the minute.
    last_used_at: Time,
}

/// Where somebody is signed in, the session used last first.
#[derive(Debug, Serialize, Object)]
pub struct Sessions {
    /// The sessions.
    items: Vec<Session>,
}

#[derive(ApiResponse)]
enum EndedResponse {
    /// It has ended, and what was connected through it is closed.
    #[oai(status = 204)]
    Done,
}

/// Renders sessions for one who asks through the session `current`.
pub fn sessions(found: Vec<parlor_domain::Session>, current: SessionId) -> Sessions {
    let items = found.into_iter().map(|session| Session {
        id: session.id.as_uuid(),
        current: session.id == current,
        user_agent: session.device.user_agent,
        address: session.device.address.map(|address| address.to_string()),
        remember: session.remember,
        created_at: session.created_at.into(),
        last_used_at: session.last_used_at.into(),
    });
    Sessions { items: items.collect() }
}

pub struct SessionsApi;

#[OpenApi(prefix_path = "/users/me/sessions", tag = Tag::Accounts)]
impl SessionsApi {
    /// Where you are signed in
    #[oai(path = "/", method = "get", operation_id = "listSessions")]
    async fn list(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<Sessions>> {
        let found = services.accounts.sessions(&member.session).await?;
        Ok(Json(sessions(found, member.session.session)))
    }

    /// Sign out everywhere else
    #[oai(path = "/", method = "delete", operation_id = "endOtherSessions")]
    async fn end_others(&self, services: Data<&Arc<Services>>, member: Member) -> Result<EndedResponse> {
        services.accounts.end_other_sessions(&member.session).await?;
        Ok(EndedResponse::Done)
    }

    /// Sign out on one device
    #[oai(path = "/:session", method = "delete", operation_id = "endSession")]
    async fn end(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        session: Path<Uuid>,
    ) -> Result<EndedResponse> {
        if services.accounts.end_session(&member.session, SessionId::from_uuid(session.0)).await? {
            Ok(EndedResponse::Done)
        } else {
            Err(Problem::not_found("You have no such session; it may have ended."))
        }
    }
}
