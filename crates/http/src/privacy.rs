//! Who blocked whom, and who has read what.

use std::sync::Arc;

use parlor_domain::{Block, MessageId, Seen, UserId};
use parlor_wire::{Time, User};
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

/// Somebody you blocked.
#[derive(Debug, Serialize, Object)]
struct BlockedUser {
    /// Who.
    user: User,
    /// Since when.
    since: Time,
}

/// Everybody you blocked.
#[derive(Debug, Serialize, Object)]
struct BlockedUsers {
    /// The latest first.
    items: Vec<BlockedUser>,
}

/// Somebody who has read a message.
#[derive(Debug, Serialize, Object)]
struct SeenBy {
    /// Who.
    user: User,
    /// When they came to it; null when that is not known any more, as in large groups and far back.
    read_at: Option<Time>,
}

#[derive(ApiResponse)]
enum BlockResponse {
    /// It is so.
    #[oai(status = 204)]
    Done,
}

pub struct PrivacyApi;

#[OpenApi]
impl PrivacyApi {
    /// Whom you blocked
    #[oai(path = "/users/me/blocks", method = "get", operation_id = "listBlocks", tag = Tag::Accounts)]
    async fn list(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<BlockedUsers>> {
        let viewer = services.viewer(&member.actor).await?;
        let sight = services.sight(&viewer);
        let blocks = services.blocks.list(&member.actor).await?;
        let render = |block: &Block| BlockedUser {
            user: User::render(&block.user, &sight),
            since: block.since.into(),
        };
        Ok(Json(BlockedUsers { items: blocks.iter().map(render).collect() }))
    }

    /// Block somebody
    ///
    /// Neither of you can write to the other directly or see whether the other is at hand, and they
    /// cannot add you to groups. They are not told.
    #[oai(path = "/users/:id/block", method = "put", operation_id = "blockUser", tag = Tag::Users)]
    async fn block(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<BlockResponse> {
        services.blocks.block(&member.actor, UserId::from_uuid(id.0)).await?;
        Ok(BlockResponse::Done)
    }

    /// Let somebody you blocked be again
    #[oai(path = "/users/:id/block", method = "delete", operation_id = "unblockUser", tag = Tag::Users)]
    async fn unblock(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<BlockResponse> {
        services.blocks.unblock(&member.actor, UserId::from_uuid(id.0)).await?;
        Ok(BlockResponse::Done)
    }

    /// Who has read your message
    ///
    /// By username. Those who keep receipts private are left out; when you do so yourself, everybody is.
    #[oai(path = "/messages/:id/seen", method = "get", operation_id = "listSeen", tag = Tag::Messages)]
    async fn seen(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<SeenBy>>> {
        let size = page_size(limit.0)?;
        let viewer = services.viewer(&member.actor).await?;
        let sight = services.sight(&viewer);
        let message = MessageId::from_uuid(id.0);
        let page = services.receipts.seen_by(&member.actor, message, after.0.as_deref(), size).await?;
        let render = |seen: &Seen| SeenBy {
            user: User::render(&seen.user, &sight),
            read_at: seen.read_at.map(Into::into),
        };
        Ok(Json(Listing::render(page, render)))
    }
}
