//! Bytes of an upload on their way in.

use std::sync::Arc;

use futures_util::StreamExt;
use parlor_domain::{Actor, Appending, PartUpload, ResumableUpload, UploadId};
use poem::http::{StatusCode, header};
use poem::{Body, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tokio::time::Instant;

use super::State;
use super::turns::Turn;
use crate::Result;
use crate::files::bytes_schema;
use crate::files::upload::next;
use crate::problem::Problem;
use crate::services::Services;

/// Of which type the bytes have to be sent.
const CONTENT_TYPE: &str = "application/offset+octet-stream";

/// The next bytes of an upload as somebody hands them in.
pub(super) struct PartBody {
    body: Body,
    is_of_type: bool,
    /// How many bytes the sender says.
    announced: Option<u64>,
}

impl<'a> ApiExtractor<'a> for PartBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: CONTENT_TYPE, schema: bytes_schema() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self {
            body: body.take()?,
            is_of_type: request.content_type().is_some_and(|kind| kind.eq_ignore_ascii_case(CONTENT_TYPE)),
            announced: request.header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        })
    }
}

/// Why not all bytes came.
enum Stopped {
    /// No more come; those that came are good.
    Early(Problem),
    /// They are not kept.
    Refused(Problem),
}

/// Receives bytes of an upload, from this one on, and makes a file of it when they are the last ones.
pub(super) async fn receive(
    services: &Arc<Services>,
    actor: Actor,
    id: UploadId,
    offset: u64,
    body: PartBody,
) -> Result<State> {
    // Whose it is, before it is told whether somebody sends bytes of it.
    services.files.resumable(&actor, id).await?;
    if !body.is_of_type {
        let detail = format!("Send the bytes as {CONTENT_TYPE}.");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    let turn = services.uploading.take(id)?;
    let services = Arc::clone(services);
    // It goes on when the client goes away, so that what came is kept.
    let received =
        tokio::spawn(async move { receive_in_turn(&services, actor, id, offset, body, turn).await });
    received.await.map_err(|_| Problem::internal())?
}

async fn receive_in_turn(
    services: &Services,
    actor: Actor,
    id: UploadId,
    offset: u64,
    body: PartBody,
    mut turn: Turn,
) -> Result<State> {
    let upload = match services.files.append(&actor, id, offset, body.announced).await? {
        Appending::Whole(upload) => upload,
        Appending::Part(mut part) => match pour(services, &mut part, body.body, &mut turn).await {
            Ok(()) => part.keep().await?,
            Err(Stopped::Early(problem)) => {
                part.keep().await?;
                return Err(problem);
            }
            Err(Stopped::Refused(problem)) => return Err(problem),
        },
    };
    completed(services, &actor, upload).await
}

/// Pours what comes into a part, until nothing more comes.
async fn pour(
    services: &Services,
    part: &mut PartUpload<'_>,
    body: Body,
    turn: &mut Turn,
) -> Result<(), Stopped> {
    let (pace, begun) = (services.server.uploads, Instant::now());
    let mut received = 0_u64;
    let mut pieces = body.into_bytes_stream().boxed();
    loop {
        let piece = tokio::select! {
            biased;
            problem = turn.over() => return Err(Stopped::Early(problem)),
            piece = next(&mut pieces, pace.deadline(begun, received)) => piece.map_err(Stopped::Early)?,
        };
        let Some(piece) = piece else { return Ok(()) };
        received = received.saturating_add(piece.len() as u64);
        part.write(&piece).await.map_err(|error| Stopped::Refused(error.into()))?;
    }
}

/// How far an upload is. One of which all bytes came, and which was not made a file before the server
/// stopped, is made one now.
pub(super) async fn state(services: &Arc<Services>, actor: Actor, id: UploadId) -> Result<State> {
    let upload = services.files.resumable(&actor, id).await?;
    if !upload.is_whole() || upload.file.is_some() {
        return completed(services, &actor, upload).await;
    }
    let turn = services.uploading.take(id)?;
    let services = Arc::clone(services);
    let completed = tokio::spawn(async move {
        let _turn = turn;
        completed(&services, &actor, upload).await
    });
    completed.await.map_err(|_| Problem::internal())?
}

async fn completed(services: &Services, actor: &Actor, upload: ResumableUpload) -> Result<State> {
    let file = services.files.complete(actor, &upload).await?;
    Ok((upload, file))
}
