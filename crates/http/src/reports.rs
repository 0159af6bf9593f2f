//! Messages that people report to those who look after the server.

use std::sync::Arc;

use parlor_domain::{MessageId, ReportNote};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// Why a message is reported.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, Enum)]
#[oai(rename = "ReportReason", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Advertising, or the same again and again.
    Spam,
    /// Insults, threats, hatred.
    Abuse,
    /// Against the law.
    Illegal,
    /// Something else; say in the note what it is.
    Other,
}

impl From<Reason> for parlor_domain::ReportReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Spam => Self::Spam,
            Reason::Abuse => Self::Abuse,
            Reason::Illegal => Self::Illegal,
            Reason::Other => Self::Other,
        }
    }
}

impl From<parlor_domain::ReportReason> for Reason {
    fn from(reason: parlor_domain::ReportReason) -> Self {
        match reason {
            parlor_domain::ReportReason::Spam => Self::Spam,
            parlor_domain::ReportReason::Abuse => Self::Abuse,
            parlor_domain::ReportReason::Illegal => Self::Illegal,
            parlor_domain::ReportReason::Other => Self::Other,
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ReportRequest {
    /// Why.
    reason: Reason,
    /// What there is to say about it, up to 1,000 characters.
    note: Option<String>,
}

#[derive(ApiResponse)]
enum ReportedResponse {
    /// Those who look after the server see it now.
    #[oai(status = 204)]
    Done,
}

pub struct ReportsApi;

#[OpenApi(tag = Tag::Messages)]
impl ReportsApi {
    /// Report a message to those who look after the server
    ///
    /// They see the message as it is now, with up to three messages on each side of it as you see
    /// them, and who you are; the author learns nothing. You are told when somebody has looked at
    /// it. The same message once more is answered 409 `already_reported` until then; 20 of your
    /// reports may be open, more are answered 409 `too_many_reports`.
    #[oai(path = "/messages/:id/reports", method = "post", operation_id = "reportMessage")]
    async fn report(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<ReportRequest>,
    ) -> Result<ReportedResponse> {
        let note = ReportNote::parse(form.note.as_deref().unwrap_or_default())?;
        let id = MessageId::from_uuid(id.0);
        services.reports.report(&member.actor, id, form.reason.into(), note).await?;
        Ok(ReportedResponse::Done)
    }
}
