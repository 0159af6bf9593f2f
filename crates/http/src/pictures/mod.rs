//! Pictures of people and groups.

mod groups;
mod people;

use std::sync::Arc;

use parlor_domain::{PictureId, PictureSize};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, IntoResponse, Request, RequestBody, Response};
use poem_openapi::registry::{
    MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, Enum, ExtractParamOptions};
use uuid::Uuid;

pub use self::groups::GroupPicturesApi;
pub use self::people::PicturesApi;
use crate::Result;
use crate::layers::refusal_of_body;
use crate::problem::Problem;
use crate::services::Services;

/// In which size a picture is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename_all = "snake_case")]
enum Size {
    /// 64 pixels on each side.
    Small,
    /// 256 pixels on each side.
    Large,
}

/// A picture as somebody hands it in: the bytes of its file. It is read after it is known who hands
/// it in, up to the limit of the settings.
struct PictureBody(Vec<u8>);

impl<'a> ApiExtractor<'a> for PictureBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(_: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let content = ["image/*", "application/octet-stream"]
            .map(|content_type| MetaMediaType { content_type, schema: bytes() });
        Some(MetaRequest { description: None, content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let services = request.data::<Arc<Services>>().ok_or_else(Problem::internal)?;
        let limit = services.server.picture_bytes;
        let bytes = body.take()?.into_bytes_limit(limit).await;
        Ok(Self(bytes.map_err(|error| refusal_of_body(&error, limit))?.into()))
    }
}

fn bytes() -> MetaSchemaRef {
    MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
}

/// A picture's file, or that the one the client has is still the one.
enum PictureAnswer {
    File { tag: String, caching: &'static str, bytes: Vec<u8> },
    Same { tag: String, caching: &'static str },
}

/// What a URL with the picture's own id leads to never changes.
const FOR_EVER: &str = "private, max-age=31536000, immutable";
/// What one without it leads to is asked for again, with the tag.
const ASK_AGAIN: &str = "private, no-cache";

impl IntoResponse for PictureAnswer {
    fn into_response(self) -> Response {
        let (tag, caching, bytes) = match self {
            Self::File { tag, caching, bytes } => (tag, caching, Some(bytes)),
            Self::Same { tag, caching } => (tag, caching, None),
        };
        let mut response = bytes.map_or_else(
            || StatusCode::NOT_MODIFIED.into(),
            |bytes| Response::builder().content_type("image/webp").body(Body::from_vec(bytes)),
        );
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
        if let Ok(tag) = HeaderValue::try_from(tag) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

impl ApiResponse for PictureAnswer {
    fn meta() -> MetaResponses {
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        let file = MetaMediaType { content_type: "image/webp", schema: bytes() };
        MetaResponses {
            responses: vec![
                answer(200, "The picture.", vec![file]),
                answer(304, "The one you have is still the one.", Vec::new()),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}

/// The picture, for one who may see it.
async fn show(
    services: &Services,
    picture: Option<PictureId>,
    size: Option<Size>,
    version: Option<Uuid>,
    known: Option<&str>,
) -> Result<PictureAnswer> {
    let none = || Problem::not_found("There is no such picture.");
    let picture = picture.ok_or_else(none)?;
    let size = match size {
        Some(Size::Small) => PictureSize::Small,
        Some(Size::Large) | None => PictureSize::Large,
    };
    let tag = format!("\"{}-{}\"", picture.as_uuid().simple(), size.pixels());
    let caching = if version == Some(picture.as_uuid()) { FOR_EVER } else { ASK_AGAIN };
    let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    if is_known {
        return Ok(PictureAnswer::Same { tag, caching });
    }
    let file = services.pictures.file(picture, size).await?.ok_or_else(none)?;
    Ok(PictureAnswer::File { tag, caching, bytes: file.bytes })
}
