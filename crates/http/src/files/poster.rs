//! Posters of films on their way in.

use std::sync::Arc;

use parlor_domain::{Actor, File, FileId};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::bytes_schema;
use crate::Result;
use crate::layers::refusal_of_body;
use crate::problem::Problem;
use crate::services::Services;

/// The most bytes of a poster.
const MOST: usize = 1 << 20;

/// A poster as somebody hands it in: the bytes of a picture's file. It is read after it is known who
/// hands it in.
pub(super) struct PosterBody(pub(super) Vec<u8>);

impl<'a> ApiExtractor<'a> for PosterBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: "image/*", schema: bytes_schema() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        _: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let bytes = body.take()?.into_bytes_limit(MOST).await;
        Ok(Self(bytes.map_err(|error| refusal_of_body(&error, MOST))?.into()))
    }
}

/// Gives a film a poster. It goes on when the client goes away: what is kept then is noted, or let go of.
pub(super) async fn give(
    services: &Arc<Services>,
    actor: Actor,
    id: FileId,
    picture: PosterBody,
) -> Result<File> {
    let services = Arc::clone(services);
    let given = tokio::spawn(async move { services.files.set_poster(&actor, id, &picture.0).await });
    Ok(given.await.map_err(|_| Problem::internal())??)
}
