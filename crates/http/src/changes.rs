//! What is done with messages that were sent.

use std::sync::Arc;

use parlor_domain::{ConversationId, Emoji, MessageBody, MessageId};
use parlor_wire::{Entry, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
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
struct EditRequest {
    /// The new text, 1 to 8,000 characters and at most 32 KiB; of a message with files it may be empty.
    body: String,
}

/// A text that a message had before.
#[derive(Debug, Serialize, Object)]
struct Revision {
    /// The text.
    body: String,
    /// Until when it was shown.
    replaced_at: Time,
}

/// The texts that a message had before.
#[derive(Debug, Serialize, Object)]
struct Revisions {
    /// The oldest first; empty when it was never changed, or when the server keeps none.
    items: Vec<Revision>,
}

pub struct ChangesApi;

#[OpenApi(tag = Tag::Messages)]
impl ChangesApi {
    /// One message
    #[oai(path = "/messages/:id", method = "get", operation_id = "getMessage")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Entry>> {
        let entry = services.messaging.message(&member.actor, MessageId::from_uuid(id.0)).await?;
        Ok(Json((&entry).into()))
    }

    /// Change the text of your own message
    ///
    /// How long that is possible is a setting of the server; later it is answered 409 `too_late`,
    /// and for a deleted message 409 `deleted`. Answers the message as it is now.
    #[oai(path = "/messages/:id", method = "patch", operation_id = "editMessage")]
    async fn edit(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<EditRequest>,
    ) -> Result<Json<Entry>> {
        let body = MessageBody::parse_caption(&form.body)?;
        let changed = services.messaging.edit(&member.actor, MessageId::from_uuid(id.0), body).await?;
        Ok(Json((&*changed.entry).into()))
    }

    /// Delete a message
    ///
    /// Your own, or as a moderator of a group anybody's. Its text, files, earlier texts and reactions
    /// are gone for good; that there was a message stays. Answers the message as it is now.
    #[oai(path = "/messages/:id", method = "delete", operation_id = "deleteMessage")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Entry>> {
        let changed = services.messaging.delete(&member.actor, MessageId::from_uuid(id.0)).await?;
        Ok(Json((&*changed.entry).into()))
    }

    /// The texts that a message had before it was changed
    ///
    /// For its author, and for moderators of the group.
    #[oai(path = "/messages/:id/revisions", method = "get", operation_id = "listRevisions")]
    async fn revisions(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Revisions>> {
        let found = services.messaging.revisions(&member.actor, MessageId::from_uuid(id.0)).await?;
        let items = found
            .into_iter()
            .map(|one| Revision { body: one.body.to_string(), replaced_at: one.replaced_at.into() });
        Ok(Json(Revisions { items: items.collect() }))
    }

    /// React to a message
    ///
    /// With one emoji; a message may have 20 different ones and 1,000 reactions in all, more are
    /// answered 409 `too_many_reactions`. Once more does no harm. Answers the message as it is now.
    #[oai(path = "/messages/:id/reactions/:emoji", method = "put", operation_id = "addReaction")]
    async fn react(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        emoji: Path<String>,
    ) -> Result<Json<Entry>> {
        set_reaction(&services, &member, id.0, &emoji.0, true).await
    }

    /// Take a reaction back
    #[oai(path = "/messages/:id/reactions/:emoji", method = "delete", operation_id = "removeReaction")]
    async fn take_back(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        emoji: Path<String>,
    ) -> Result<Json<Entry>> {
        set_reaction(&services, &member, id.0, &emoji.0, false).await
    }

    /// Pin a message
    ///
    /// Whoever may write in the conversation may pin there. Answers the message as it is now.
    #[oai(path = "/messages/:id/pin", method = "put", operation_id = "pinMessage")]
    async fn pin(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Entry>> {
        set_pin(&services, &member, id.0, true).await
    }

    /// Unpin a message
    #[oai(path = "/messages/:id/pin", method = "delete", operation_id = "unpinMessage")]
    async fn unpin(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<Entry>> {
        set_pin(&services, &member, id.0, false).await
    }

    /// The pinned messages of a conversation, the latest pinned first
    #[oai(path = "/conversations/:id/pins", method = "get", operation_id = "listPins")]
    async fn pins(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Entry>>> {
        let (id, size) = (ConversationId::from_uuid(id.0), page_size(limit.0)?);
        let page = services.messaging.pinned(&member.actor, id, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |entry| entry.into())))
    }
}

async fn set_reaction(
    services: &Services,
    member: &Member,
    id: Uuid,
    emoji: &str,
    wanted: bool,
) -> Result<Json<Entry>> {
    let emoji = Emoji::parse(emoji)?;
    let changed = services.messaging.react(&member.actor, MessageId::from_uuid(id), emoji, wanted).await?;
    Ok(Json((&*changed.entry).into()))
}

async fn set_pin(services: &Services, member: &Member, id: Uuid, wanted: bool) -> Result<Json<Entry>> {
    let changed = services.messaging.pin(&member.actor, MessageId::from_uuid(id), wanted).await?;
    Ok(Json((&*changed.entry).into()))
}
