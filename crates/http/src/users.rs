//! The people of the server.

use std::sync::Arc;

use parlor_domain::{Page, UserFilter, UserId};
use parlor_wire::{Role, User};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};
use uuid::Uuid;

use crate::accounts::domain_role;
use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// The most ids that one request may ask for.
const MAX_IDS: usize = 100;

pub struct UsersApi;

#[OpenApi(tag = Tag::Users)]
impl UsersApi {
    /// The directory
    ///
    /// Active people by username. With `ids`, those people instead, also when their accounts were
    /// deleted, in no particular order.
    #[oai(path = "/users", method = "get", operation_id = "listUsers")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// Part of the username, the name or the user id, in any case.
        search: Query<Option<String>>,
        /// Only people with this role.
        role: Query<Option<Role>>,
        /// Up to 100 ids, separated by commas.
        ids: Query<Option<String>>,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<User>>> {
        let viewer = services.viewer(&member.actor).await?;
        let sight = services.sight(&viewer);
        let page = if let Some(ids) = ids.0 {
            let items = services.directory.some(&member.actor, &parse_ids(&ids)?).await?;
            Page { items, next: None }
        } else {
            let filter = UserFilter { search: search.0, role: role.0.map(domain_role) };
            let size = page_size(limit.0)?;
            services.directory.list(&member.actor, &filter, after.0.as_deref(), size).await?
        };
        Ok(Json(Listing::render(page, |user| User::render(user, &sight))))
    }

    /// One person
    #[oai(path = "/users/:id", method = "get", operation_id = "getUser")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
    ) -> Result<Json<User>> {
        let found = services.directory.one(&member.actor, UserId::from_uuid(id.0)).await?;
        let user = found.ok_or_else(|| Problem::not_found("There is no such user."))?;
        let viewer = services.viewer(&member.actor).await?;
        Ok(Json(User::render(&user, &services.sight(&viewer))))
    }
}

fn parse_ids(text: &str) -> Result<Vec<UserId>, Problem> {
    let refuse = |message: String| Problem::invalid_fields(Vec::new()).with_field("ids", "invalid", message);
    let parts: Vec<&str> = text.split(',').filter(|part| !part.is_empty()).collect();
    if parts.len() > MAX_IDS {
        return Err(refuse(format!("At most {MAX_IDS} ids.")));
    }
    parts
        .into_iter()
        .map(|part| part.parse().map_err(|_| refuse(format!("{part:?} is not an id."))))
        .collect()
}
