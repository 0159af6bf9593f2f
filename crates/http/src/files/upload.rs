//! Files on their way in.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use parlor_domain::{File, FileError, FileName, MediaFacts};
use poem::http::{StatusCode, header};
use poem::{Body, Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tokio::time::{Instant, timeout_at};

use super::bytes_schema;
use crate::Result;
use crate::auth::Member;
use crate::problem::Problem;
use crate::services::Services;

/// How long a sender may take before it counts how fast it sends.
const GRACE: Duration = Duration::from_secs(30);

/// How long a file may take on its way in.
#[derive(Debug, Clone, Copy)]
pub struct UploadPace {
    /// In all.
    pub within: Duration,
    /// How many bytes have to come each second, after the first half minute.
    pub bytes_per_second: u64,
}

impl UploadPace {
    /// Until when the next bytes have to come.
    pub(super) fn deadline(self, begun: Instant, received: u64) -> Instant {
        let earned = received.checked_div(self.bytes_per_second).map_or(self.within, Duration::from_secs);
        begun + self.within.min(GRACE.saturating_add(earned))
    }
}

/// A file as somebody hands it in: it is read bit by bit, once it is known whose it is.
pub(super) struct FileBody {
    body: Body,
    /// The type that the sender says.
    declared: Option<String>,
    /// How many bytes they say.
    announced: Option<u64>,
}

impl<'a> ApiExtractor<'a> for FileBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "*/*", schema: bytes_schema() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self {
            body: body.take()?,
            declared: request.content_type().map(str::to_owned),
            announced: request.header(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        })
    }
}

/// Receives a file. Whatever goes wrong, nothing of it stays.
pub(super) async fn receive(
    services: &Arc<Services>,
    member: &Member,
    name: &str,
    media: MediaFacts,
    file: FileBody,
) -> Result<File> {
    services.limits.upload(member.actor.user)?;
    let name = file_name(name)?;
    let FileBody { body, declared, announced } = file;
    let mut upload = services.files.begin(&member.actor, name, declared, announced).await?.told(media);
    let (pace, begun) = (services.server.uploads, Instant::now());
    let mut received = 0_u64;
    let mut parts = body.into_bytes_stream().boxed();
    while let Some(part) = next(&mut parts, pace.deadline(begun, received)).await? {
        received = received.saturating_add(part.len() as u64);
        upload.write(&part).await?;
    }
    // It goes on when the client goes away: all came, and what is kept then is noted, or let go of.
    let finished = tokio::spawn(upload.finish());
    Ok(finished.await.map_err(|_| Problem::internal())??)
}

/// The name of a file, as somebody gives it.
pub(super) fn file_name(name: &str) -> Result<FileName> {
    FileName::parse(name).map_err(|invalid| {
        let detail = format!("The name of a file {}.", invalid.problem);
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail.clone())
            .with_field("name", "invalid", detail)
    })
}

/// The next bytes of a file, unless they come too late.
pub(super) async fn next(
    parts: &mut BoxStream<'static, std::io::Result<Bytes>>,
    deadline: Instant,
) -> Result<Option<Bytes>> {
    match timeout_at(deadline, parts.next()).await {
        Ok(part) => Ok(part.transpose().map_err(|_| FileError::Incomplete)?),
        Err(_) => Err(Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "timeout",
            "The file came too slowly; send it again over a better connection.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_earns_time_by_what_they_send_and_never_more_than_there_is() {
        let pace = UploadPace { within: Duration::from_mins(10), bytes_per_second: 1_024 };
        let begun = Instant::now();
        let time = |received| pace.deadline(begun, received) - begun;
        assert_eq!(time(0), GRACE);
        assert_eq!(time(10 * 1_024), GRACE + Duration::from_secs(10));
        assert_eq!(time(u64::MAX), Duration::from_mins(10));
        let unhurried = UploadPace { bytes_per_second: 0, ..pace };
        assert_eq!(unhurried.deadline(begun, 0) - begun, Duration::from_mins(10));
    }
}
