//! Posters of films on their way in.

use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use super::bytes_schema;
use crate::layers::refusal_of_body;

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
