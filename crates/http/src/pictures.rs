//! Pictures of people.

use std::sync::Arc;

use parlor_domain::{PictureId, PictureSize, UserId};
use parlor_wire::Account;
use poem::http::{HeaderValue, StatusCode, header};
use poem::web::Data;
use poem::{Body, IntoResponse, Request, RequestBody, Response};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::registry::{
    MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, Enum, ExtractParamOptions, OpenApi};
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::layers::refusal_of_body;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

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

pub struct PicturesApi;

#[OpenApi(tag = Tag::Users)]
impl PicturesApi {
    /// Give yourself a picture
    ///
    /// The body is the file of a JPEG, PNG, WebP or GIF. The server makes a square of its middle,
    /// upright and without anything else that was in the file.
    #[oai(path = "/users/me/picture", method = "put", operation_id = "setMyPicture")]
    async fn set_mine(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        file: PictureBody,
    ) -> Result<Json<Account>> {
        let user = services.pictures.set_own(&member.actor, file.0).await?;
        Ok(Json((&user).into()))
    }

    /// Take your picture away
    #[oai(path = "/users/me/picture", method = "delete", operation_id = "removeMyPicture")]
    async fn remove_mine(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<Account>> {
        let user = services.pictures.remove_own(&member.actor).await?;
        Ok(Json((&user).into()))
    }

    /// The picture of a person
    ///
    /// With `v`, the picture's id, the answer may be kept for ever: another picture has another id.
    #[oai(path = "/users/:id/picture", method = "get", operation_id = "getPicture")]
    async fn get(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        /// `small` has 64 pixels on each side, `large` 256; `large` when nothing is said.
        size: Query<Option<Size>>,
        /// The picture's id, as the person has it; it only says how long the answer may be kept.
        v: Query<Option<Uuid>>,
        #[oai(name = "If-None-Match")] known: Header<Option<String>>,
    ) -> Result<PictureAnswer> {
        let picture = services.pictures.of_user(&member.actor, UserId::from_uuid(id.0)).await?;
        show(&services, picture, size.0, v.0, known.0.as_deref()).await
    }
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
