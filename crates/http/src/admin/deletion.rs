//! The end of accounts, and of what people wrote.

use std::sync::Arc;

use parlor_domain::{DeletionPreview, UserId};
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Admin;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// What would happen if an account was deleted.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "DeletionPreview")]
struct PreviewView {
    /// How many messages the person wrote; deleted ones are left out.
    messages: u64,
    /// How many groups get another owner: a moderator first, and among equals who has been in it
    /// longest.
    groups_passed_on: u64,
    /// In how many groups nobody is left.
    groups_left_empty: u64,
}

#[derive(ApiResponse)]
enum MessagesErasedResponse {
    /// The messages are erased bit by bit from now on.
    #[oai(status = 202)]
    Begun,
}

pub struct DeletionApi;

#[OpenApi(prefix_path = "/admin/users", tag = Tag::Administration)]
impl DeletionApi {
    /// What would happen if an account was deleted
    #[oai(path = "/:user/deletion", method = "get", operation_id = "previewDeletion")]
    async fn preview(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<Json<PreviewView>> {
        let found = services.administration.preview_deletion(&admin.by, UserId::from_uuid(user.0)).await?;
        let DeletionPreview { messages, groups_passed_on, groups_left_empty } = found;
        Ok(Json(PreviewView { messages, groups_passed_on, groups_left_empty }))
    }

    /// Erase all messages of somebody, who keeps the account
    ///
    /// What they wrote until now, everywhere. It is erased bit by bit; until that is done, the
    /// account says `erasing`. Give your password first.
    #[oai(path = "/:user/messages", method = "delete", operation_id = "eraseMessages")]
    async fn erase_messages(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<MessagesErasedResponse> {
        services.administration.erase_messages(&admin.by, UserId::from_uuid(user.0)).await?;
        Ok(MessagesErasedResponse::Begun)
    }
}
