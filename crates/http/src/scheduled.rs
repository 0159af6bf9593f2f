//! Messages that are posted later.

use std::sync::Arc;

use parlor_domain::{
    ClientId, ConversationId, MessageBody, MessageId, ScheduleError, ScheduledMessage, ThreadAnswer,
};
use parlor_wire::Time;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Enum, Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::messages::PostResponse;
use crate::services::Services;
use crate::{Result, Tag};

/// Why a message was not sent at its time.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
enum Refusal {
    /// You are not in the conversation any more, or it is gone.
    NotMember,
    /// You may not write there.
    Forbidden,
    /// You were muted there.
    Muted,
    /// The group was archived.
    Archived,
    /// An admin froze the group.
    Frozen,
    /// You blocked the other person.
    Blocked,
    /// What it answers is not there.
    NoSuchMessage,
    /// It says what is not to be written on this server, or an admin did not let it through.
    Filtered,
}

impl From<parlor_domain::Refusal> for Refusal {
    fn from(refusal: parlor_domain::Refusal) -> Self {
        match refusal {
            parlor_domain::Refusal::NotMember => Self::NotMember,
            parlor_domain::Refusal::Forbidden => Self::Forbidden,
            parlor_domain::Refusal::Muted => Self::Muted,
            parlor_domain::Refusal::Archived => Self::Archived,
            parlor_domain::Refusal::Frozen => Self::Frozen,
            parlor_domain::Refusal::Blocked => Self::Blocked,
            parlor_domain::Refusal::NoSuchMessage => Self::NoSuchMessage,
            parlor_domain::Refusal::Filtered => Self::Filtered,
        }
    }
}

/// A message that is sent at a time you chose.
#[derive(Debug, Serialize, Object)]
struct Scheduled {
    /// Its id, and the `client_id` it is sent with.
    id: Uuid,
    /// Where it is sent to.
    conversation: Uuid,
    /// The text.
    body: String,
    /// The message it answers.
    reply_to: Option<Uuid>,
    /// The message in whose thread it is sent; null for the conversation itself.
    thread: Option<Uuid>,
    /// Whether an answer in a thread is shown in the conversation, too.
    broadcast: bool,
    /// When it is sent.
    at: Time,
    /// Why it was not sent at its time; null while it waits. It stays until you change, send or
    /// delete it.
    refusal: Option<Refusal>,
}

impl From<&ScheduledMessage> for Scheduled {
    fn from(message: &ScheduledMessage) -> Self {
        Self {
            id: message.id.as_uuid(),
            conversation: message.conversation.as_uuid(),
            body: message.body.to_string(),
            reply_to: message.reply_to.map(MessageId::as_uuid),
            thread: message.thread.map(|thread| thread.root.as_uuid()),
            broadcast: message.thread.is_some_and(|thread| thread.broadcast),
            at: message.at.into(),
            refusal: message.refusal.map(Into::into),
        }
    }
}

/// What you scheduled.
#[derive(Debug, Serialize, Object)]
struct ScheduledMessages {
    /// The messages, the next one first.
    items: Vec<Scheduled>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ScheduleRequest {
    /// The text, 1 to 8,000 characters and at most 32 KiB.
    body: String,
    /// When to send it: in the future, at most a year ahead.
    at: Time,
    /// The id of the message it answers, in the same conversation.
    reply_to: Option<Uuid>,
    /// The id of the message to answer in a thread, in the same conversation.
    thread: Option<Uuid>,
    /// Whether the answer in the thread is shown in the conversation, too; not when nothing is said.
    broadcast: Option<bool>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RescheduleRequest {
    /// Another text.
    body: Option<String>,
    /// Another time.
    at: Option<Time>,
}

#[derive(ApiResponse)]
enum ScheduleResponse {
    /// It was scheduled just now.
    #[oai(status = 201)]
    Created(Json<Scheduled>),
    /// An earlier try had scheduled it.
    #[oai(status = 200)]
    Ok(Json<Scheduled>),
}

#[derive(ApiResponse)]
enum DeletedResponse {
    /// It is not sent.
    #[oai(status = 204)]
    Done,
}

pub struct ScheduledApi;

#[OpenApi(tag = Tag::Messages)]
impl ScheduledApi {
    /// The messages you scheduled, the next one first
    #[oai(path = "/scheduled", method = "get", operation_id = "listScheduled")]
    async fn list(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<ScheduledMessages>> {
        let messages = services.scheduled.list(&member.actor).await?;
        Ok(Json(ScheduledMessages { items: messages.iter().map(Into::into).collect() }))
    }

    /// Schedule a message
    ///
    /// The server sends it at its time, by the same rules as if you sent it then, whether you are
    /// connected or not. As when sending, the client makes the id and may repeat the request until
    /// it gets an answer. You can schedule 100; more are answered 409 `too_many_scheduled`.
    #[oai(path = "/conversations/:id/scheduled/:client_id", method = "put", operation_id = "scheduleMessage")]
    async fn schedule(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        client_id: Path<Uuid>,
        form: Json<ScheduleRequest>,
    ) -> Result<ScheduleResponse> {
        let message = ScheduledMessage {
            id: ClientId::from_uuid(client_id.0),
            author: member.actor.user,
            conversation: ConversationId::from_uuid(id.0),
            body: MessageBody::parse(&form.body)?,
            reply_to: form.reply_to.map(MessageId::from_uuid),
            thread: form.thread.map(|root| ThreadAnswer {
                root: MessageId::from_uuid(root),
                broadcast: form.broadcast.unwrap_or(false),
            }),
            at: form.at.0,
            refusal: None,
        };
        let (message, is_new) = services.scheduled.schedule(&member.actor, message).await?;
        let answer = Json((&message).into());
        Ok(if is_new { ScheduleResponse::Created(answer) } else { ScheduleResponse::Ok(answer) })
    }

    /// Change a scheduled message
    ///
    /// One that could not be sent is tried again at its new time. Once its time has come it is
    /// answered 409 `being_sent`.
    #[oai(path = "/scheduled/:client_id", method = "patch", operation_id = "changeScheduled")]
    async fn change(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client_id: Path<Uuid>,
        form: Json<RescheduleRequest>,
    ) -> Result<Json<Scheduled>> {
        let body = form.body.as_deref().map(MessageBody::parse).transpose()?;
        let (id, at) = (ClientId::from_uuid(client_id.0), form.at.map(|at| at.0));
        Ok(Json((&services.scheduled.change(&member.actor, id, body, at).await?).into()))
    }

    /// Delete a scheduled message
    #[oai(path = "/scheduled/:client_id", method = "delete", operation_id = "deleteScheduled")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client_id: Path<Uuid>,
    ) -> Result<DeletedResponse> {
        services.scheduled.delete(&member.actor, ClientId::from_uuid(client_id.0)).await?;
        Ok(DeletedResponse::Done)
    }

    /// Send a scheduled message now
    ///
    /// When it is refused, it waits on.
    #[oai(path = "/scheduled/:client_id/delivery", method = "post", operation_id = "sendScheduled")]
    async fn send(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client_id: Path<Uuid>,
    ) -> Result<PostResponse> {
        let id = ClientId::from_uuid(client_id.0);
        match services.scheduled.send_now(&member.actor, id, &*services.posts).await {
            Err(ScheduleError::Post(error)) => PostResponse::of(Err(error)),
            sent => Ok(sent?.into()),
        }
    }
}
