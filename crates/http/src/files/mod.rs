//! Files that people share.

mod disposition;
mod download;
mod listing;
mod media;
mod poster;
mod range;
mod upload;
mod uploads;

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
pub use self::listing::FileListsApi;
use self::media::facts;
use self::poster::{PosterBody, give};
pub use self::upload::UploadPace;
use self::upload::{FileBody, receive};
pub use self::uploads::{Uploading, UploadsApi};
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

#[derive(ApiResponse)]
enum RemovedFileResponse {
    /// Nobody sees it any more.
    #[oai(status = 204)]
    Done,
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
    ///
    /// Of a video or a sound nothing is found out but its type: tell what its place is to be like before
    /// it comes. What does not belong to the kind of the file is left out of it.
    #[oai(path = "/files", method = "post", operation_id = "uploadFile")]
    #[expect(clippy::too_many_arguments, reason = "each is one parameter of the request")]
    async fn upload(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// What the file is called, 1 to 4,096 bytes of UTF-8.
        name: Query<String>,
        /// How many pixels the video has from left to right, 1 to 16,384; with `height`.
        width: Query<Option<u32>>,
        /// How many it has from top to bottom.
        height: Query<Option<u32>>,
        /// How many milliseconds the video or the sound takes, a week at most.
        duration_ms: Query<Option<u64>>,
        /// How loud the sound is from its beginning to its end: in base64 a byte for each of at most
        /// 100 equal parts, 255 for the loudest.
        waveform: Query<Option<String>>,
        file: FileBody,
    ) -> Result<UploadResponse> {
        let media = facts(width.0, height.0, duration_ms.0, waveform.0.as_deref())?;
        let file = receive(&services, &member, &name.0, media, file).await?;
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

    /// Give a video a poster
    ///
    /// The body is the file of a JPEG, PNG or WebP of at most 1 MiB: the picture that is shown in the
    /// video's place until it is played, usually one of its own. The video then has small versions and a
    /// placeholder like a picture. Only you can do so for what you uploaded, as long as no message has
    /// it: 409 `already_sent` after that. Another one takes its place.
    #[oai(path = "/files/:id/poster", method = "put", operation_id = "setPoster")]
    async fn set_poster(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        picture: PosterBody,
    ) -> Result<Json<File>> {
        services.limits.upload(member.actor.user)?;
        let file = give(&services, member.actor, FileId::from_uuid(id.0), picture).await?;
        Ok(Json((&file).into()))
    }

    /// Remove a file that you uploaded
    ///
    /// It leaves every message that has it, also those to which others forwarded it, and its bytes are
    /// let go of unless another file has the same. Each message gets an entry of kind `file_removal`; one
    /// that had no text and no other file gets one of kind `deletion`. With `unsent` one that a message
    /// has stays as it is: 409 `already_sent`.
    #[oai(path = "/files/:id", method = "delete", operation_id = "removeFile")]
    async fn remove(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// Whether to remove it only when no message has it; not when nothing is said.
        unsent: Query<Option<bool>>,
    ) -> Result<RemovedFileResponse> {
        let unsent = unsent.0.unwrap_or(false);
        services.files.remove(&member.actor, FileId::from_uuid(id.0), unsent).await?;
        Ok(RemovedFileResponse::Done)
    }

    /// The small version of a picture, or of a video's poster, as WebP
    ///
    /// For those who may have the file; 404 when it is neither a picture nor a video with a poster.
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
