//! What people reported.

use std::sync::Arc;

use parlor_domain::{ContextMessage, ListedReport, ReportId, ReportVerdict, UserId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::reports::Reason;
use crate::services::Services;
use crate::{Result, Tag};

/// What became of a report.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename = "ReportState", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum State {
    /// Nobody has looked at it.
    Open,
    /// Something was done about it.
    Resolved,
    /// There was nothing to be done.
    Dismissed,
}

impl From<parlor_domain::ReportState> for State {
    fn from(state: parlor_domain::ReportState) -> Self {
        match state {
            parlor_domain::ReportState::Open => Self::Open,
            parlor_domain::ReportState::Resolved => Self::Resolved,
            parlor_domain::ReportState::Dismissed => Self::Dismissed,
        }
    }
}

impl From<State> for parlor_domain::ReportState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Resolved => Self::Resolved,
            State::Dismissed => Self::Dismissed,
        }
    }
}

/// What is decided about a report.
#[derive(Debug, Clone, Copy, Deserialize, Enum)]
#[oai(rename = "ReportOutcome", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Something was done about it.
    Resolved,
    /// There was nothing to be done.
    Dismissed,
}

/// A message beside the one that was reported, as it was then.
#[derive(Debug, Serialize, Object)]
struct BesideView {
    /// Who wrote it.
    author: Uuid,
    /// When.
    written_at: Time,
    /// The text.
    body: String,
}

impl From<&ContextMessage> for BesideView {
    fn from(message: &ContextMessage) -> Self {
        Self {
            author: message.author.as_uuid(),
            written_at: message.written_at.into(),
            body: message.body.to_string(),
        }
    }
}

/// A message that somebody reported, as it was then.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "Report")]
struct ReportView {
    /// The report's id.
    id: Uuid,
    /// What became of it.
    state: State,
    /// Why it was reported.
    reason: Reason,
    /// What the one who reported it says about it.
    note: String,
    /// Who reported it.
    reporter: Uuid,
    /// When.
    reported_at: Time,
    /// The message's id.
    message: Uuid,
    /// Who wrote it.
    author: Uuid,
    /// When.
    written_at: Time,
    /// What it said.
    body: String,
    /// Whether it was deleted since.
    is_deleted: bool,
    /// What stood directly before it, up to three messages; nothing once it is decided.
    before: Vec<BesideView>,
    /// What stood directly behind it, up to three messages; nothing once it is decided.
    after: Vec<BesideView>,
    /// The conversation.
    conversation: Uuid,
    /// The group's name; null in a direct conversation, and for a group that is gone.
    group: Option<String>,
    /// Whether an admin froze the group.
    group_frozen: bool,
    /// Who decided about it; null while nobody has, and for whoever operates the machine.
    handled_by: Option<Uuid>,
    /// When; null while nobody has.
    handled_at: Option<Time>,
}

impl ReportView {
    fn render(ListedReport { report, group, is_deleted, is_frozen }: &ListedReport) -> Self {
        Self {
            id: report.id.as_uuid(),
            state: report.state.into(),
            reason: report.reason.into(),
            note: report.note.to_string(),
            reporter: report.reporter.as_uuid(),
            reported_at: report.reported_at.into(),
            message: report.message.as_uuid(),
            author: report.author.as_uuid(),
            written_at: report.written_at.into(),
            body: report.body.to_string(),
            is_deleted: *is_deleted,
            before: report.before.iter().map(Into::into).collect(),
            after: report.after.iter().map(Into::into).collect(),
            conversation: report.conversation.as_uuid(),
            group: group.as_ref().map(ToString::to_string),
            group_frozen: *is_frozen,
            handled_by: report.handled_by.map(UserId::as_uuid),
            handled_at: report.handled_at.map(Into::into),
        }
    }
}

/// How many reports wait.
#[derive(Debug, Serialize, Object)]
struct OpenReports {
    /// Those that nobody has looked at yet.
    open: u64,
    /// Messages that the word filter held back and nobody has decided about.
    held: u64,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct VerdictRequest {
    /// What is decided.
    outcome: Outcome,
    /// Whether the message is deleted; it is not when nothing is said.
    delete_message: Option<bool>,
}

#[derive(ApiResponse)]
enum HandledResponse {
    /// It is decided, for every open report about the message.
    #[oai(status = 204)]
    Done,
}

pub struct ReportQueueApi;

#[OpenApi(prefix_path = "/admin/reports", tag = Tag::Administration)]
impl ReportQueueApi {
    /// What people reported, the latest first
    ///
    /// The message as it was, with what stood directly beside it; nothing else of a private
    /// conversation is told.
    #[oai(path = "/", method = "get", operation_id = "listReports")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// Only those of which this became.
        state: Query<Option<State>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<ReportView>>> {
        let (after, size) = (after.0.map(ReportId::from_uuid), page_size(limit.0)?);
        let page = services.administration.reports(&admin.by, state.0.map(Into::into), after, size).await?;
        Ok(Json(Listing::render(page, ReportView::render)))
    }

    /// How many reports nobody has looked at yet
    #[oai(path = "/count", method = "get", operation_id = "countReports")]
    async fn count(&self, services: Data<&Arc<Services>>, admin: Admin) -> Result<Json<OpenReports>> {
        let open = services.administration.count_open_reports(&admin.by).await?;
        let held = services.administration.count_held_messages(&admin.by).await?;
        Ok(Json(OpenReports { open, held }))
    }

    /// Decide about a message that was reported
    ///
    /// It counts for every open report about the message. Those who reported it are told that
    /// somebody has looked at it, and not what was decided.
    #[oai(path = "/:report", method = "patch", operation_id = "handleReport")]
    async fn handle(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        report: Path<Uuid>,
        form: Json<VerdictRequest>,
    ) -> Result<HandledResponse> {
        let resolved = matches!(form.outcome, Outcome::Resolved);
        let verdict = ReportVerdict { resolved, deletes: form.delete_message.unwrap_or(false) };
        services.administration.handle_report(&admin.by, ReportId::from_uuid(report.0), verdict).await?;
        Ok(HandledResponse::Done)
    }
}
