//! Messages, and the logs they stand in.

use std::sync::Arc;

use parlor_domain::{
    ClientId, ConversationId, LogPage, MessageId, Post, PostError, Posted, Span, ThreadAnswer,
};
use parlor_wire::{Entry, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::page_size;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// Part of a conversation's history.
#[derive(Debug, Serialize, Object)]
struct History {
    /// The entries, oldest first.
    items: Vec<Entry>,
    /// Whether there are entries before these.
    has_older: bool,
    /// Whether there are entries after these.
    has_newer: bool,
    /// The newest entry of the conversation.
    last_seq: u64,
}

/// Part of a conversation's log.
#[derive(Debug, Serialize, Object)]
struct Log {
    /// The entries, oldest first, without a gap.
    items: Vec<Entry>,
    /// The newest entry of the conversation.
    last_seq: u64,
    /// Whether there are entries after these.
    more: bool,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct PostRequest {
    /// The text, 1 to 8,000 characters and at most 32 KiB; with files it may be empty.
    body: String,
    /// The ids of files that you uploaded, in the order in which they are to be shown; 10 at most.
    files: Option<Vec<Uuid>>,
    /// The id of the message it answers, in the same conversation.
    reply_to: Option<Uuid>,
    /// The id of the message to answer in a thread, in the same conversation.
    thread: Option<Uuid>,
    /// Whether the answer in the thread is shown in the conversation, too; not when nothing is said.
    broadcast: Option<bool>,
}

/// The message is on the disk.
#[derive(Debug, Serialize, Object)]
pub(crate) struct Receipt {
    /// Its place in the log.
    seq: u64,
    /// Its id.
    message_id: Uuid,
    /// When it was posted.
    created_at: Time,
    /// Whether an earlier try had posted it.
    duplicate: bool,
}

/// The message is on the disk, and waits.
#[derive(Debug, Serialize, Object)]
pub(crate) struct HeldReceipt {
    /// Always true.
    held: bool,
}

#[derive(ApiResponse)]
pub(crate) enum PostResponse {
    /// It was posted just now.
    #[oai(status = 201)]
    Created(Json<Receipt>),
    /// An earlier try had posted it; the answer is the same.
    #[oai(status = 200)]
    Ok(Json<Receipt>),
    /// It is kept, and posted as soon as an admin lets it through: it says what is not to be written
    /// on this server without that.
    #[oai(status = 202)]
    Held(Json<HeldReceipt>),
}

pub struct MessagesApi;

#[OpenApi(tag = Tag::Messages)]
impl MessagesApi {
    /// Part of a conversation's history
    ///
    /// The newest entries, or those before, after or around a place. At most one of `before`,
    /// `after` and `around` may be given.
    #[oai(path = "/conversations/:id/messages", method = "get", operation_id = "listMessages")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// The newest entries below this place.
        before: Query<Option<u64>>,
        /// The oldest entries above this place.
        after: Query<Option<u64>>,
        /// Half of them below this place, the rest from it on.
        around: Query<Option<u64>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
    ) -> Result<Json<History>> {
        let span = match (before.0, after.0, around.0) {
            (None, None, None) => Span::Newest,
            (Some(seq), None, None) => Span::Before(seq),
            (None, Some(seq), None) => Span::After(seq),
            (None, None, Some(seq)) => Span::Around(seq),
            _ => {
                return Err(Problem::invalid_request(
                    "Give one of `before`, `after` and `around`, not several.",
                ));
            }
        };
        let page = read(&services, &member, id.0, span, limit.0).await?;
        Ok(Json(History {
            has_older: page.has_older(),
            has_newer: page.has_newer(),
            last_seq: page.standing.last_seq,
            items: page.entries.iter().map(|entry| Entry::from(&**entry)).collect(),
        }))
    }

    /// A conversation's log after a place
    ///
    /// Every durable change, without a gap: the next entry is always `after` + 1.
    #[oai(path = "/conversations/:id/log", method = "get", operation_id = "readLog")]
    async fn log(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// Entries above this place; 0 when nothing is said.
        after: Query<Option<u64>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
    ) -> Result<Json<Log>> {
        let page = read(&services, &member, id.0, Span::After(after.0.unwrap_or(0)), limit.0).await?;
        Ok(Json(Log {
            more: page.has_newer(),
            last_seq: page.standing.last_seq,
            items: page.entries.iter().map(|entry| Entry::from(&**entry)).collect(),
        }))
    }

    /// Send a message
    ///
    /// The client makes the id (a UUID) and may repeat the request until it gets an answer: the
    /// same id never posts twice, and the answer is the same. It is answered once the message is
    /// on the disk. A file that is not yours, or was not sent within a day, is answered 422
    /// `no_such_file`.
    #[oai(path = "/conversations/:id/messages/:client_id", method = "put", operation_id = "sendMessage")]
    async fn post(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        client_id: Path<Uuid>,
        form: Json<PostRequest>,
    ) -> Result<PostResponse> {
        let (body, files) = Post::content(&form.body, form.files.as_deref())?;
        let post = Post {
            actor: member.actor,
            conversation: ConversationId::from_uuid(id.0),
            client_id: ClientId::from_uuid(client_id.0),
            body,
            files,
            reply_to: form.reply_to.map(MessageId::from_uuid),
            forward: None,
            thread: form.thread.map(|root| ThreadAnswer {
                root: MessageId::from_uuid(root),
                broadcast: form.broadcast.unwrap_or(false),
            }),
        };
        PostResponse::of(services.posts.post(post).await)
    }
}

impl PostResponse {
    /// What became of a post. One that waits for an admin was taken in, too.
    pub(crate) fn of(posted: Result<Posted, PostError>) -> Result<Self> {
        match posted {
            Ok(posted) => Ok(posted.into()),
            Err(PostError::Held) => Ok(Self::Held(Json(HeldReceipt { held: true }))),
            Err(error) => Err(error.into()),
        }
    }
}

impl From<Posted> for PostResponse {
    fn from(posted: Posted) -> Self {
        let receipt = Json(Receipt {
            seq: posted.entry.seq,
            message_id: posted.message.as_uuid(),
            created_at: posted.entry.created_at.into(),
            duplicate: posted.duplicate,
        });
        if posted.duplicate { Self::Ok(receipt) } else { Self::Created(receipt) }
    }
}

async fn read(
    services: &Services,
    member: &Member,
    id: Uuid,
    span: Span,
    limit: Option<u32>,
) -> Result<LogPage, Problem> {
    let size = page_size(limit)?;
    Ok(services.messaging.read(&member.actor, ConversationId::from_uuid(id), span, size).await?)
}
