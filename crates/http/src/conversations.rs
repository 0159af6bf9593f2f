//! Conversations, and how far one has read.

use std::sync::Arc;

use parlor_domain::{ConversationId, ConversationView, UserId};
use parlor_wire::Conversation;
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

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct DirectRequest {
    /// The other person; yourself for notes to yourself.
    user: Uuid,
}

#[derive(ApiResponse)]
enum OpenedResponse {
    /// The conversation was opened just now.
    #[oai(status = 201)]
    Created(Json<Conversation>),
    /// You had it already.
    #[oai(status = 200)]
    Ok(Json<Conversation>),
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ReadRequest {
    /// Everything up to here is read; beyond the end is the end. The cursor never moves back.
    seq: u64,
}

/// How far you have come.
#[derive(Debug, Serialize, Object)]
struct ReadState {
    /// Everything up to here is read.
    read_seq: u64,
    /// Everything up to here has reached one of your devices.
    delivered_seq: u64,
    /// How many messages by others come after `read_seq`.
    unread: u64,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct UnreadRequest {
    /// Everything from here on is unread; beyond the end nothing is.
    seq: u64,
}

impl From<&ConversationView> for ReadState {
    fn from(view: &ConversationView) -> Self {
        let cursor = view.membership.cursor;
        Self { read_seq: cursor.read_seq, delivered_seq: cursor.delivered_seq, unread: view.unread }
    }
}

pub struct ConversationsApi;

#[OpenApi(tag = Tag::Conversations)]
impl ConversationsApi {
    /// Your conversations, the most recently active first
    #[oai(path = "/conversations", method = "get", operation_id = "listConversations")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Conversation>>> {
        let size = page_size(limit.0)?;
        let viewer = services.viewer(&member.actor).await?;
        let page = services.conversations.list(&member.actor, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |view| Conversation::render(view, &services.sight(&viewer)))))
    }

    /// One of your conversations
    #[oai(path = "/conversations/:id", method = "get", operation_id = "getConversation")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Conversation>> {
        let id = ConversationId::from_uuid(id.0);
        let viewer = services.viewer(&member.actor).await?;
        let view = services.conversations.one(&member.actor, id).await?;
        Ok(Json(Conversation::render(&view, &services.sight(&viewer))))
    }

    /// Open the direct conversation with somebody
    ///
    /// There is one for each two people, whoever opens it first.
    #[oai(path = "/conversations/direct", method = "post", operation_id = "openDirectConversation")]
    async fn open_direct(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<DirectRequest>,
    ) -> Result<OpenedResponse> {
        let other = UserId::from_uuid(form.user);
        let viewer = services.viewer(&member.actor).await?;
        let (view, is_new) = services.conversations.open_direct(&member.actor, other).await?;
        let body = Json(Conversation::render(&view, &services.sight(&viewer)));
        Ok(if is_new { OpenedResponse::Created(body) } else { OpenedResponse::Ok(body) })
    }

    /// Mark everything up to an entry as read
    #[oai(path = "/conversations/:id/read", method = "put", operation_id = "markRead")]
    async fn read(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<ReadRequest>,
    ) -> Result<Json<ReadState>> {
        let id = ConversationId::from_uuid(id.0);
        let view = services.receipts.read(&member.actor, id, form.seq, &*services.cursors).await?;
        Ok(Json((&view).into()))
    }

    /// Mark everything from an entry on as unread
    ///
    /// On all your devices. This alone moves a read cursor back.
    #[oai(path = "/conversations/:id/unread", method = "put", operation_id = "markUnread")]
    async fn unread(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<UnreadRequest>,
    ) -> Result<Json<ReadState>> {
        let id = ConversationId::from_uuid(id.0);
        let view = services.receipts.unread(&member.actor, id, form.seq, &*services.cursors).await?;
        Ok(Json((&view).into()))
    }
}
