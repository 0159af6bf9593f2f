//! Files that people share.

mod disposition;
mod download;
mod range;
mod upload;

use std::sync::Arc;

use parlor_domain::{FileId, ThumbnailSize};
use parlor_wire::File;
use poem::Request;
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::{ApiResponse, Enum, OpenApi};
use uuid::Uuid;

use self::download::{Asked, FileAnswer, show, show_small};
pub use self::upload::UploadPace;
use self::upload::{FileBody, receive};
use crate::auth::Member;
use crate::json::Json;
use crate::services::Services;
use crate::{Result, Tag};

/// In which size a small version is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "ThumbnailSize", rename_all = "snake_case")]
enum Size {
    /// At most 480 pixels on the longer side.
    Small,
    /// At most 1,600 pixels on the longer side.
    Large,
}

#[derive(ApiResponse)]
enum UploadResponse {
    /// It is kept for a day, and for as long as a message has it.
    #[oai(status = 201)]
    Created(Json<File>),
}

pub struct FilesApi;

#[OpenApi(tag = Tag::Messages)]
impl FilesApi {
    /// Upload a file
    ///
    /// The body is the file's bytes, and `Content-Type` what you take it for; what it is, is found out
    /// from its bytes. A picture is made upright and loses everything that was in it besides what it
    /// shows, such as where it was taken. Send its id with a message within a day, or it is deleted.
    ///
    /// How large it may be says `GET /server`: more is answered 413 `file_too_large`, or
    /// `quota_exceeded` when all your files would have too many bytes, and 507 `no_room` when the
    /// server's disk is nearly full. 400 `file_incomplete` means that it did not arrive whole, and 422
    /// `file_type_refused` or `file_damaged` that it is not taken.
    #[oai(path = "/files", method = "post", operation_id = "uploadFile")]
    async fn upload(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// What the file is called, 1 to 255 bytes.
        name: Query<String>,
        file: FileBody,
    ) -> Result<UploadResponse> {
        let file = receive(&services, &member, &name.0, file).await?;
        Ok(UploadResponse::Created(Json((&file).into())))
    }

    /// A file's bytes
    ///
    /// For the one who uploaded it and for everybody who sees a message that has it. Knows `Range` with
    /// one range, `If-Range` and `If-None-Match`. Pictures, sound and moving pictures may be shown in
    /// their place; everything else is only to be saved.
    #[oai(path = "/files/:id", method = "get", operation_id = "getFile")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// Whether it is to be saved and not shown; not when nothing is said.
        download: Query<Option<bool>>,
        request: &Request,
    ) -> Result<FileAnswer> {
        let file = services.files.file(&member.actor, FileId::from_uuid(id.0)).await?;
        show(&services, &file, &Asked::of(request), download.0.unwrap_or(false)).await
    }

    /// The small version of a picture, as WebP
    ///
    /// For those who may have the file; 404 when it is no picture.
    #[oai(path = "/files/:id/thumbnail", method = "get", operation_id = "getThumbnail")]
    async fn thumbnail(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// `small` has at most 480 pixels on the longer side, `large` 1,600; `small` when nothing is
        /// said.
        size: Query<Option<Size>>,
        request: &Request,
    ) -> Result<FileAnswer> {
        let size = match size.0 {
            Some(Size::Small) | None => ThumbnailSize::Small,
            Some(Size::Large) => ThumbnailSize::Large,
        };
        let file = services.files.file(&member.actor, FileId::from_uuid(id.0)).await?;
        show_small(&services, &file, &Asked::of(request), size).await
    }
}

fn bytes_schema() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
}
