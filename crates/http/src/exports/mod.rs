//! What there is about one person, as a file to be taken along.

mod archive;
mod parts;
mod shared;

use std::sync::Arc;

use futures_util::stream;
use parlor_domain::{Export, UserId};
use parlor_wire::Time;
use poem::Body;
use poem::web::Data;
use poem_openapi::param::Path;
use poem_openapi::payload::Binary;
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use crate::auth::{Admin, Member};
use crate::layers::ClientIp;
use crate::services::Services;
use crate::{Result, Tag};
use parts::Writing;

#[derive(ApiResponse)]
enum ExportResponse {
    /// A ZIP archive with a JSON file for each part, the picture, and the files that were shared.
    #[oai(status = 200)]
    File(
        Binary<Body>,
        /// What it is.
        #[oai(header = "Content-Type")]
        String,
        /// That it is to be kept, and under which name.
        #[oai(header = "Content-Disposition")]
        String,
    ),
}

pub struct ExportsApi;

#[OpenApi]
impl ExportsApi {
    /// Take your data along
    ///
    /// Your account, picture, settings, sessions, tokens, conversations, notifications, drafts, scheduled
    /// and saved messages, every message that you wrote, and the files of these messages and those that
    /// you uploaded, as files in a ZIP archive. What others wrote is not in it. Give your password first.
    #[oai(path = "/users/me/export", method = "get", operation_id = "exportMyData", tag = Tag::Accounts)]
    async fn own(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        client: ClientIp,
    ) -> Result<ExportResponse> {
        let export = services.accounts.export(&member.session, Some(client.0)).await?;
        Ok(file(Arc::clone(&services), export))
    }

    /// Take somebody's data along, for them
    ///
    /// The same as far as you may see it yourself: nothing of direct conversations and private groups
    /// that you are not in, and nothing that they keep for themselves. Whoever needs that takes it along
    /// themselves. Give your password first.
    #[oai(
        path = "/admin/users/:user/export",
        method = "get",
        operation_id = "exportAccount",
        tag = Tag::Administration
    )]
    async fn account(
        &self,
        services: Data<&Arc<Services>>,
        admin: Admin,
        user: Path<Uuid>,
    ) -> Result<ExportResponse> {
        let export = services.administration.export_account(&admin.by, UserId::from_uuid(user.0)).await?;
        Ok(file(Arc::clone(&services), export))
    }
}

/// The archive, part by part.
fn file(services: Arc<Services>, export: Export) -> ExportResponse {
    let day = Time(export.at()).text().chars().take(10).collect::<String>();
    let name = format!("{}-{day}.zip", export.user().username);
    let parts = stream::unfold(Some(Writing::new(services, export)), |writing| async move {
        match Box::pin(writing?.next()).await {
            Ok((bytes, rest)) => Some((Ok(bytes), rest)),
            // Whoever receives it sees that it is not whole.
            Err(error) => Some((Err(error), None)),
        }
    });
    let disposition = format!("attachment; filename=\"{name}\"");
    ExportResponse::File(Binary(Body::from_bytes_stream(parts)), "application/zip".to_owned(), disposition)
}
