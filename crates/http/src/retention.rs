//! How long messages and files of a conversation are kept.

use std::sync::Arc;

use parlor_domain::{ConversationId, Retention, RetentionDays};
use parlor_wire::{AppliedRetention, RetentionScope};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::layers::ClientIp;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct RetentionRequest {
    /// After how many days, 1 to 3,650.
    days: u32,
    /// What is deleted then.
    what: RetentionScope,
}

impl RetentionRequest {
    fn parse(&self) -> Result<Retention> {
        let days = RetentionDays::new(self.days.into()).ok_or_else(|| {
            let text = format!("Days go from 1 to {}.", RetentionDays::MAX);
            Problem::invalid_fields(Vec::new()).with_field("days", "out_of_range", text)
        })?;
        Ok(Retention { days, what: self.what.into() })
    }
}

pub struct RetentionApi;

#[OpenApi(prefix_path = "/conversations", tag = Tag::Conversations)]
impl RetentionApi {
    /// Have messages or files of a conversation deleted after some days
    ///
    /// For the owners of a group, for either of two people, in the lobby for admins. What is too old
    /// already goes within minutes, for everybody, and nothing brings it back. Of this setting and the
    /// server's the shorter one counts, for messages and for files: the answer says what follows from both.
    /// The log tells of it with an entry of kind `retention`.
    #[oai(path = "/:id/retention", method = "put", operation_id = "setRetention")]
    async fn set(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        id: Path<Uuid>,
        form: Json<RetentionRequest>,
    ) -> Result<Json<AppliedRetention>> {
        let (id, own) = (ConversationId::from_uuid(id.0), form.parse()?);
        let applied = services.retentions.set(&member.actor, Some(client.0), id, Some(own)).await?;
        Ok(Json(applied.into()))
    }

    /// Keep messages and files of a conversation for as long as the server does
    ///
    /// For the same people. What was deleted does not come back.
    #[oai(path = "/:id/retention", method = "delete", operation_id = "clearRetention")]
    async fn clear(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
        id: Path<Uuid>,
    ) -> Result<Json<AppliedRetention>> {
        let id = ConversationId::from_uuid(id.0);
        let applied = services.retentions.set(&member.actor, Some(client.0), id, None).await?;
        Ok(Json(applied.into()))
    }
}
