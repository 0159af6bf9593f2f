//! Where people are signed in, as admins see and end it.

use std::sync::Arc;

use parlor_domain::{SessionId, UserId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::sessions::{Sessions, sessions};
use crate::{Result, Tag};

/// Where somebody was signed out.
#[derive(Debug, Serialize, Object)]
struct EndedSessions {
    /// In how many places.
    ended: u64,
}

#[derive(ApiResponse)]
enum AccountSessionEndedResponse {
    /// It has ended, and what was connected through it is closed.
    #[oai(status = 204)]
    Done,
}

pub struct AccountSessionsApi;

#[OpenApi(prefix_path = "/admin/users", tag = Tag::Administration)]
impl AccountSessionsApi {
    /// Where somebody is signed in, the session used last first
    #[oai(path = "/:user/sessions", method = "get", operation_id = "listAccountSessions")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<Json<Sessions>> {
        let found = services.administration.sessions(&admin.by, UserId::from_uuid(user.0)).await?;
        Ok(Json(sessions(found, admin.session)))
    }

    /// Sign somebody out everywhere
    #[oai(path = "/:user/sessions", method = "delete", operation_id = "endAccountSessions")]
    async fn end_all(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<Json<EndedSessions>> {
        let ended = services.administration.end_sessions(&admin.by, UserId::from_uuid(user.0)).await?;
        Ok(Json(EndedSessions { ended }))
    }

    /// Sign somebody out on one device
    ///
    /// Tokens of programs are none of these; `DELETE /admin/tokens/{token}` ends them.
    #[oai(path = "/:user/sessions/:session", method = "delete", operation_id = "endAccountSession")]
    async fn end(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
        session: Path<Uuid>,
    ) -> Result<AccountSessionEndedResponse> {
        let (user, session) = (UserId::from_uuid(user.0), SessionId::from_uuid(session.0));
        services.administration.end_session(&admin.by, user, session).await?;
        Ok(AccountSessionEndedResponse::Done)
    }
}
