//! Messages that wait for a decision.

use std::sync::Arc;

use parlor_domain::{HeldMessageId, HeldState, ListedHeldMessage, UserId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

/// What became of a message that was held back.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename = "HeldState", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum State {
    /// Nobody has decided.
    Waiting,
    /// It was posted.
    Released,
    /// It is not posted.
    Rejected,
}

impl From<HeldState> for State {
    fn from(state: HeldState) -> Self {
        match state {
            HeldState::Waiting => Self::Waiting,
            HeldState::Released => Self::Released,
            HeldState::Rejected => Self::Rejected,
        }
    }
}

impl From<State> for HeldState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Released => Self::Released,
            State::Rejected => Self::Rejected,
        }
    }
}

/// What is decided about a message that waits.
#[derive(Debug, Clone, Copy, Deserialize, Enum)]
#[oai(rename = "HeldOutcome", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// It is posted.
    Released,
    /// It is not posted, and its author is told so.
    Rejected,
}

/// A message that the word filter held back.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "HeldMessage")]
struct HeldView {
    /// Its id while it waits.
    id: Uuid,
    /// What became of it.
    state: State,
    /// Who wrote it.
    author: Uuid,
    /// When.
    written_at: Time,
    /// The text; null once it was released, because the message stands in its conversation then.
    body: Option<String>,
    /// The word or phrase for which it was held back.
    phrase: String,
    /// The conversation that it is for.
    conversation: Uuid,
    /// The group's name; null for a group that is gone.
    group: Option<String>,
    /// Who decided about it; null while nobody has, and for whoever operates the machine.
    handled_by: Option<Uuid>,
    /// When; null while nobody has.
    handled_at: Option<Time>,
}

impl HeldView {
    fn render(ListedHeldMessage { message, group }: &ListedHeldMessage) -> Self {
        Self {
            id: message.id.as_uuid(),
            state: message.state.into(),
            author: message.author.as_uuid(),
            written_at: message.written_at.into(),
            body: message.body.as_ref().map(ToString::to_string),
            phrase: message.phrase.to_string(),
            conversation: message.conversation.as_uuid(),
            group: group.as_ref().map(ToString::to_string),
            handled_by: message.handled_by.map(UserId::as_uuid),
            handled_at: message.handled_at.map(Into::into),
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct HeldDecisionRequest {
    /// What is decided.
    outcome: Outcome,
}

#[derive(ApiResponse)]
enum DecidedResponse {
    /// It is decided.
    #[oai(status = 204)]
    Done,
}

pub struct HeldMessagesApi;

#[OpenApi(prefix_path = "/admin/held-messages", tag = Tag::Administration)]
impl HeldMessagesApi {
    /// Messages that the word filter held back, the latest first
    #[oai(path = "/", method = "get", operation_id = "listHeldMessages")]
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
    ) -> Result<Json<Listing<HeldView>>> {
        let (after, size) = (after.0.map(HeldMessageId::from_uuid), page_size(limit.0)?);
        let state = state.0.map(Into::into);
        let page = services.administration.held_messages(&admin.by, state, after, size).await?;
        Ok(Json(Listing::render(page, HeldView::render)))
    }

    /// Decide about a message that waits
    ///
    /// One that is released is posted as its author's, as a new entry of the log. When its author may
    /// not write there any more it is answered 409 `not_releasable`, and goes on waiting.
    #[oai(path = "/:held", method = "patch", operation_id = "decideHeldMessage")]
    async fn decide(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        held: Path<Uuid>,
        form: Json<HeldDecisionRequest>,
    ) -> Result<DecidedResponse> {
        let id = HeldMessageId::from_uuid(held.0);
        match form.outcome {
            Outcome::Released => {
                services.administration.release(&admin.by, id, &services.messaging).await?;
            }
            Outcome::Rejected => services.administration.reject(&admin.by, id).await?,
        }
        Ok(DecidedResponse::Done)
    }
}
