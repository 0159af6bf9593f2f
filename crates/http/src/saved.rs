//! Messages that one keeps to find them again.

use std::sync::Arc;

use parlor_domain::{MessageId, SavedMessage};
use parlor_wire::{Entry, Time};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

/// A message that you keep.
#[derive(Debug, Serialize, Object)]
struct Saved {
    /// The message, as it is now.
    entry: Entry,
    /// When you saved it.
    saved_at: Time,
}

impl From<&SavedMessage> for Saved {
    fn from(saved: &SavedMessage) -> Self {
        Self { entry: (&saved.entry).into(), saved_at: saved.saved_at.into() }
    }
}

#[derive(ApiResponse)]
enum SavedResponse {
    /// It is so.
    #[oai(status = 204)]
    Done,
}

pub struct SavedApi;

#[OpenApi(tag = Tag::Messages)]
impl SavedApi {
    /// The messages you saved, the latest saved first
    ///
    /// What was deleted, and what you may no longer see, is left out.
    #[oai(path = "/saved", method = "get", operation_id = "listSaved")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Saved>>> {
        let size = page_size(limit.0)?;
        let page = services.saved.list(&member.actor, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |saved| saved.into())))
    }

    /// Save a message
    ///
    /// For yourself, on all your devices. You can save 1,000; more are answered 409
    /// `too_many_saved`. Once more does no harm.
    #[oai(path = "/messages/:id/saved", method = "put", operation_id = "saveMessage")]
    async fn save(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<SavedResponse> {
        services.saved.save(&member.actor, MessageId::from_uuid(id.0)).await?;
        Ok(SavedResponse::Done)
    }

    /// Let go of a saved message
    #[oai(path = "/messages/:id/saved", method = "delete", operation_id = "forgetSaved")]
    async fn forget(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<SavedResponse> {
        services.saved.let_go(&member.actor, MessageId::from_uuid(id.0)).await?;
        Ok(SavedResponse::Done)
    }
}
