//! Everybody's API tokens.

use std::sync::Arc;

use parlor_domain::SessionId;
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

use crate::api_tokens::{TokenRevokedResponse, TokenView};
use crate::auth::Admin;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::services::Services;
use crate::{Result, Tag};

pub struct TokensApi;

#[OpenApi(prefix_path = "/admin/tokens", tag = Tag::Administration)]
impl TokensApi {
    /// Everybody's API tokens
    ///
    /// For admins: the newest first, those that have ended too.
    #[oai(path = "/", method = "get", operation_id = "listAllTokens")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<Uuid>>,
    ) -> Result<Json<Listing<TokenView>>> {
        let (size, after) = (page_size(limit.0)?, after.0.map(SessionId::from_uuid));
        let page = services.administration.api_tokens(&admin.by, after, size).await?;
        Ok(Json(Listing::render(page, |token| token.clone().into())))
    }

    /// Revoke somebody's API token
    ///
    /// For admins. What is connected through it is closed.
    #[oai(path = "/:token", method = "delete", operation_id = "revokeAnyToken")]
    async fn revoke(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        token: Path<Uuid>,
    ) -> Result<TokenRevokedResponse> {
        services.administration.revoke_api_token(&admin.by, SessionId::from_uuid(token.0)).await?;
        Ok(TokenRevokedResponse::Done)
    }
}
