//! Incoming webhooks: other programs post to a group by an address that is all they need to know.

mod slack;

use std::sync::Arc;

use parlor_domain::{ClientId, ConversationId, MessageBody, Post, PostError};
use poem::http::{HeaderMap, StatusCode};
use poem::web::{Data, Form, Path};
use poem::{Body, FromRequest, Request, RequestBody, Result, handler};
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::layers::UserTag;
use crate::problem::Problem;
use crate::services::Services;
use slack::Message;

/// By this header a sender that repeats a message, because the answer got lost, posts it once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// What Slack's older senders put into a form.
#[derive(Deserialize)]
struct Payload {
    payload: String,
}

/// `POST /api/v1/hooks/{secret}`: posts a message of Slack's shape.
///
/// It is not in the API's description, which refuses unknown fields: senders add what Slack knows.
#[handler]
pub async fn receive(
    services: Data<&Arc<Services>>,
    Path(secret): Path<String>,
    request: &Request,
    body: Body,
) -> Result<&'static str> {
    let found = services.accounts.by_webhook(&secret).await.map_err(Problem::from)?;
    let (actor, group) =
        found.ok_or_else(|| Problem::not_found("There is no such webhook; it may have been revoked."))?;
    UserTag::set(request, actor.user.as_uuid());
    let message = read(request, body).await?;
    let post = Post {
        actor,
        conversation: ConversationId::from(group),
        client_id: client_id(request.headers())?,
        body: MessageBody::parse(&message.text()).map_err(Problem::from)?,
        files: Vec::new(),
        reply_to: None,
        forward: None,
        thread: None,
    };
    match services.posts.post(post).await {
        // The sender has nothing more to do than for one that is posted.
        Ok(_) | Err(PostError::Held) => {}
        Err(error) => return Err(Problem::from(error).into()),
    }
    // What Slack answers, which some senders look at.
    Ok("ok")
}

async fn read(request: &Request, body: Body) -> Result<Message> {
    let kind = request.content_type().and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let bytes = if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let Form(Payload { payload }) = Form::from_request(request, &mut RequestBody::new(body)).await?;
        payload.into_bytes()
    } else if kind.eq_ignore_ascii_case("application/json") {
        body.into_bytes().await?.to_vec()
    } else {
        let detail = "Send JSON with Content-Type: application/json, or a form with the field `payload`.";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail).into());
    };
    // An object, and not a list of what its fields would hold.
    let fields = serde_json::from_slice::<Map<String, Value>>(&bytes);
    fields.and_then(|fields| serde_json::from_value(Value::Object(fields))).map_err(|error| {
        Problem::invalid_request(format!("The message is no JSON like {{\"text\": \"Hello\"}}: {error}."))
            .into()
    })
}

/// The id by which the same message is not posted twice: of the sender's making, or a new one.
fn client_id(headers: &HeaderMap) -> Result<ClientId, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(unrepeated()) };
    let id = key.to_str().ok().and_then(|text| text.trim().parse().ok());
    let id = id.ok_or_else(|| Problem::invalid_request("The header Idempotency-Key holds a UUID."))?;
    Ok(ClientId::from_uuid(id))
}

/// An id for a message that its sender does not mean to repeat: nobody else ever has the same.
#[expect(clippy::disallowed_methods, reason = "clients make these ids, and nothing is told by them")]
fn unrepeated() -> ClientId {
    ClientId::from_uuid(Uuid::now_v7())
}
