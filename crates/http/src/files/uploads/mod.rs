//! Uploads that go on after they broke off: the tus protocol 1.0 (<https://tus.io/protocols/resumable-upload>).

mod metadata;
mod part;
mod turns;

use std::sync::Arc;

use parlor_domain::{ResumableUpload, Timestamp, UploadId};
use parlor_wire::{File, Time};
use poem::http::StatusCode;
use poem::web::Data;
use poem_openapi::param::{Header, Path};
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::Serialize;
use time::OffsetDateTime;
use time::macros::format_description;
use uuid::Uuid;

use self::metadata::Metadata;
use self::part::PartBody;
pub use self::turns::Uploading;
use crate::auth::Member;
use crate::json::Json;
use crate::layers::TUS_VERSION;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// What is done of the protocol besides its core.
const EXTENSIONS: &str = "creation,expiration,termination";

/// How far an upload is.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "ResumableUpload")]
struct Progress {
    /// Its id.
    id: Uuid,
    /// How many bytes came.
    offset: u64,
    /// How many it will have.
    length: u64,
    /// When it is let go of, unless more comes.
    expires_at: Time,
    /// The file that it became; null as long as bytes are missing.
    file: Option<File>,
}

#[derive(ApiResponse)]
enum OptionsResponse {
    /// What the server does of the protocol.
    #[oai(status = 204)]
    Told(
        /// Its versions.
        #[oai(header = "Tus-Version")]
        String,
        /// What is done besides its core.
        #[oai(header = "Tus-Extension")]
        String,
        /// The most bytes of a file.
        #[oai(header = "Tus-Max-Size")]
        u64,
    ),
}

#[derive(ApiResponse)]
enum CreateResponse {
    /// It waits for its bytes.
    #[oai(status = 201)]
    Created(
        /// Where to send the bytes.
        #[oai(header = "Location")]
        String,
        /// When it is let go of, unless bytes come.
        #[oai(header = "Upload-Expires")]
        String,
    ),
}

#[derive(ApiResponse)]
enum HeadResponse {
    /// This is how far it is.
    #[oai(status = 200)]
    Told(
        /// How many bytes came.
        #[oai(header = "Upload-Offset")]
        u64,
        /// How many it will have.
        #[oai(header = "Upload-Length")]
        u64,
        /// What was said of it when it was announced.
        #[oai(header = "Upload-Metadata")]
        String,
        /// When it is let go of, unless more comes.
        #[oai(header = "Upload-Expires")]
        String,
        /// The id of the file that it became.
        #[oai(header = "Upload-File")]
        Option<String>,
    ),
}

#[derive(ApiResponse)]
enum PatchResponse {
    /// What came is kept.
    #[oai(status = 204)]
    Kept(
        /// How many bytes came by now.
        #[oai(header = "Upload-Offset")]
        u64,
        /// When it is let go of, unless more comes.
        #[oai(header = "Upload-Expires")]
        String,
        /// The id of the file that it became, once all bytes came.
        #[oai(header = "Upload-File")]
        Option<String>,
    ),
}

#[derive(ApiResponse)]
enum DeleteResponse {
    /// It is gone.
    #[oai(status = 204)]
    Gone,
}

pub struct UploadsApi;

#[OpenApi(tag = Tag::Messages)]
impl UploadsApi {
    /// What the server does of the tus protocol
    ///
    /// Version 1.0.0 with the extensions for creation, expiration and termination.
    #[oai(path = "/uploads", method = "options", operation_id = "describeUploads")]
    #[expect(clippy::unused_async, reason = "the framework asks for it")]
    async fn describe(&self, services: Data<&Arc<Services>>) -> OptionsResponse {
        OptionsResponse::Told(TUS_VERSION.into(), EXTENSIONS.into(), services.files.policy().max_bytes)
    }

    /// Announce a resumable upload
    ///
    /// For files of which the bytes come in several requests, so that one that broke off goes on where
    /// it stopped. This is the tus protocol 1.0: any client of it will do. Send the bytes to `Location`
    /// with `PATCH`, and the file's id with a message within a day.
    ///
    /// Answers 413 `file_too_large` or `quota_exceeded`, 507 `no_room`, and 409 `too_many_uploads` when
    /// you have 20 that are not finished. The length counts for your quota from now on.
    #[oai(path = "/uploads", method = "post", operation_id = "createUpload")]
    async fn create(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// The version of the protocol: `1.0.0`.
        #[oai(name = "Tus-Resumable")]
        version: Header<Option<String>>,
        /// How many bytes the file has.
        #[oai(name = "Upload-Length")]
        length: Header<u64>,
        /// Pairs of a key and a value in base64, with commas between them: `filename`, which has to be
        /// there, `filetype`, and of a video or a sound `width`, `height`, `duration_ms` and `waveform` as
        /// with `POST /files`. Others are kept and not looked at.
        #[oai(name = "Upload-Metadata")]
        metadata: Header<String>,
    ) -> Result<CreateResponse> {
        check_version(version.as_deref())?;
        let Metadata { name, declared, media } = metadata::parse(&metadata)?;
        services.limits.upload(member.actor.user)?;
        let upload = services.files.announce(&member.actor, name, declared, media, metadata.0, length.0);
        let upload = upload.await?;
        Ok(CreateResponse::Created(format!("/api/v1/uploads/{}", upload.id), date(upload.expires_at)))
    }

    /// How far a resumable upload is
    ///
    /// Go on with the byte at `Upload-Offset`. A request that still sends bytes of it is ended.
    #[oai(path = "/uploads/:upload", method = "head", operation_id = "headUpload")]
    async fn head(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// The version of the protocol: `1.0.0`.
        #[oai(name = "Tus-Resumable")]
        version: Header<Option<String>>,
        upload: Path<Uuid>,
    ) -> Result<HeadResponse> {
        check_version(version.as_deref())?;
        let id = UploadId::from_uuid(upload.0);
        // Whose it is, before anything is done.
        services.files.resumable(&member.actor, id).await?;
        services.uploading.end(id).await;
        let (upload, file) = part::state(&services, member.actor, id).await?;
        let (file, expires) = (file.map(|file| file.id.to_string()), date(upload.expires_at));
        Ok(HeadResponse::Told(upload.offset, upload.length, upload.metadata, expires, file))
    }

    /// Send bytes of a resumable upload
    ///
    /// Of a request that breaks off, the bytes that came are kept. With the last one the file is looked
    /// at as with `POST /files`, and refused for the same reasons; its id is in `Upload-File`. The last
    /// request may be repeated when its answer was lost.
    ///
    /// Answers 409 `upload_offset` when other bytes are the next ones, 413 `upload_too_long` when there
    /// are more than were announced, 415 for another `Content-Type`, 423 `upload_locked` while another
    /// request sends bytes of it, and 409 `too_many_parts` after 1,000 requests.
    #[oai(path = "/uploads/:upload", method = "patch", operation_id = "appendToUpload")]
    async fn append(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// The version of the protocol: `1.0.0`.
        #[oai(name = "Tus-Resumable")]
        version: Header<Option<String>>,
        upload: Path<Uuid>,
        /// Which byte of the file the first one is.
        #[oai(name = "Upload-Offset")]
        offset: Header<u64>,
        body: PartBody,
    ) -> Result<PatchResponse> {
        check_version(version.as_deref())?;
        let id = UploadId::from_uuid(upload.0);
        let (upload, file) = part::receive(&services, member.actor, id, offset.0, body).await?;
        let (file, expires) = (file.map(|file| file.id.to_string()), date(upload.expires_at));
        Ok(PatchResponse::Kept(upload.offset, expires, file))
    }

    /// Look at a resumable upload
    ///
    /// As JSON, and with the whole file once all bytes came. It is answered for a day after the last
    /// byte.
    #[oai(path = "/uploads/:upload", method = "get", operation_id = "getUpload")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        upload: Path<Uuid>,
    ) -> Result<Json<Progress>> {
        let id = UploadId::from_uuid(upload.0);
        let (upload, file) = part::state(&services, member.actor, id).await?;
        Ok(Json(Progress {
            id: upload.id.as_uuid(),
            offset: upload.offset,
            length: upload.length,
            expires_at: upload.expires_at.into(),
            file: file.as_ref().map(Into::into),
        }))
    }

    /// Cancel a resumable upload
    ///
    /// What came of it is deleted. A file that it became stays.
    #[oai(path = "/uploads/:upload", method = "delete", operation_id = "deleteUpload")]
    async fn delete(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// The version of the protocol: `1.0.0`.
        #[oai(name = "Tus-Resumable")]
        version: Header<Option<String>>,
        upload: Path<Uuid>,
    ) -> Result<DeleteResponse> {
        check_version(version.as_deref())?;
        let id = UploadId::from_uuid(upload.0);
        services.files.resumable(&member.actor, id).await?;
        services.uploading.end(id).await;
        services.files.cancel(&member.actor, id).await?;
        Ok(DeleteResponse::Gone)
    }
}

/// Whether the client speaks the version that the server does.
fn check_version(version: Option<&str>) -> Result<()> {
    if version == Some(TUS_VERSION) {
        return Ok(());
    }
    let detail = format!("Send the header `Tus-Resumable: {TUS_VERSION}`; this is the version of tus here.");
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "unsupported_version", detail))
}

/// A moment as headers have it (RFC 9110, 5.6.7).
fn date(moment: Timestamp) -> String {
    let format = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let moment = OffsetDateTime::from_unix_timestamp(moment.as_millis().div_euclid(1_000));
    moment.ok().and_then(|moment| moment.format(&format).ok()).unwrap_or_default()
}

/// What is known of an upload, and the file that it became.
type State = (ResumableUpload, Option<parlor_domain::File>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_headers_have_it() {
        assert_eq!(date(Timestamp::from_millis(784_111_777_999)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
