//! What one wrote and has not sent yet.

use std::sync::Arc;

use parlor_domain::{ConversationId, MessageBody, MessageId};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

/// What you wrote and have not sent yet.
#[derive(Debug, Serialize, Object)]
struct Draft {
    /// Where it is to be sent.
    conversation: Uuid,
    /// The message whose thread it is for; null for the conversation itself.
    thread: Option<Uuid>,
    /// The text.
    body: String,
    /// Which of your changes made it; the higher one is the newer one.
    version: u64,
    /// When it was written.
    updated_at: Time,
}

impl From<&parlor_domain::Draft> for Draft {
    fn from(draft: &parlor_domain::Draft) -> Self {
        Self {
            conversation: draft.conversation.as_uuid(),
            thread: draft.thread.map(MessageId::as_uuid),
            body: draft.body.to_string(),
            version: draft.version,
            updated_at: draft.updated_at.into(),
        }
    }
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct DraftRequest {
    /// The text, 1 to 8,000 characters and at most 32 KiB.
    body: String,
    /// The id of the message whose thread it is for, in the same conversation.
    thread: Option<Uuid>,
}

#[derive(ApiResponse)]
enum ClearedResponse {
    /// There is no such draft any more.
    #[oai(status = 204)]
    Done,
}

pub struct DraftsApi;

#[OpenApi(tag = Tag::Messages)]
impl DraftsApi {
    /// Your drafts
    ///
    /// What you wrote on any of your devices and have not sent yet.
    #[oai(path = "/drafts", method = "get", operation_id = "listDrafts")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// Only those in this conversation and its threads.
        conversation: Query<Option<Uuid>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Draft>>> {
        let size = page_size(limit.0)?;
        let only = conversation.0.map(ConversationId::from_uuid);
        let page = services.drafts.list(&member.actor, only, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |draft| draft.into())))
    }

    /// Keep a draft
    ///
    /// For yourself, on all your devices, instead of what you wrote there before: the last one to
    /// arrive counts. You can have 200; more are answered 409 `too_many_drafts`.
    #[oai(path = "/conversations/:id/draft", method = "put", operation_id = "keepDraft")]
    async fn keep(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<DraftRequest>,
    ) -> Result<Json<Draft>> {
        let thread = form.thread.map(MessageId::from_uuid);
        let (id, body) = (ConversationId::from_uuid(id.0), MessageBody::parse(&form.body)?);
        let draft = services.drafts.keep(&member.actor, id, thread, body).await?;
        Ok(Json((&draft).into()))
    }

    /// Delete a draft
    ///
    /// As after sending it. With a `version`, what another device wrote since stays.
    #[oai(path = "/conversations/:id/draft", method = "delete", operation_id = "clearDraft")]
    async fn clear(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// The id of the message whose thread it is for.
        thread: Query<Option<Uuid>>,
        /// The version up to which it is deleted; whatever it is when nothing is said.
        version: Query<Option<u64>>,
    ) -> Result<ClearedResponse> {
        let (id, thread) = (ConversationId::from_uuid(id.0), thread.0.map(MessageId::from_uuid));
        services.drafts.clear(&member.actor, id, thread, version.0).await?;
        Ok(ClearedResponse::Done)
    }
}
