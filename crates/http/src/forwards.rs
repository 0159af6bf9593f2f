//! Sending copies of messages to other conversations.

use std::sync::Arc;

use parlor_domain::{ClientId, ConversationId, ForwardError, MessageId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::messages::PostResponse;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct ForwardRequest {
    /// The id of the message to copy, from any conversation you read.
    message: Uuid,
}

pub struct ForwardsApi;

#[OpenApi(tag = Tag::Messages)]
impl ForwardsApi {
    /// Forward a message to a conversation
    ///
    /// Its text is copied and its files belong to the copy, too, with the name of its author; where it was written is told when that is a
    /// public group. As when sending, the client makes the id and may repeat the request until it
    /// gets an answer.
    #[oai(path = "/conversations/:id/forwards/:client_id", method = "put", operation_id = "forwardMessage")]
    async fn forward(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        client_id: Path<Uuid>,
        form: Json<ForwardRequest>,
    ) -> Result<PostResponse> {
        let message = MessageId::from_uuid(form.message);
        let (id, client_id) = (ConversationId::from_uuid(id.0), ClientId::from_uuid(client_id.0));
        match services.messaging.forward(&member.actor, message, id, client_id, &*services.posts).await {
            Err(ForwardError::Post(error)) => PostResponse::of(Err(error)),
            posted => Ok(posted?.into()),
        }
    }
}
