//! Files on their way out.

use std::io;

use futures_util::stream;
use parlor_domain::{File, FileBytes, ThumbnailSize};
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use poem::{Body, IntoResponse, Request, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};

use super::bytes_schema;
use super::disposition::disposition;
use super::range::{Wanted, is_same, names, wanted};
use crate::Result;
use crate::layers::is_for_head;
use crate::problem::Problem;
use crate::services::Services;

/// What goes for all answers with files. Should a browser ever show one as a document, it is nobody's:
/// it runs nothing, and gets at nothing of the page.
const ALWAYS: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // Asked for again each time, because who may see it changes.
    (header::CACHE_CONTROL, "private, no-cache"),
    // The layer around this adds `Origin`.
    (header::VARY, "Cookie, Authorization"),
];

/// A file's bytes, some of them, or that the ones the client has are still the ones.
pub(super) struct FileAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: Body,
}

/// What is asked for besides the file.
pub(super) struct Asked<'a> {
    range: Option<&'a str>,
    if_range: Option<&'a str>,
    known: Option<&'a str>,
    /// Whether nothing but the head is wanted: then no bytes are read.
    head: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn of(request: &'a Request) -> Self {
        Self {
            range: request.header(header::RANGE),
            if_range: request.header(header::IF_RANGE),
            known: request.header(header::IF_NONE_MATCH),
            head: is_for_head(request),
        }
    }
}

impl FileAnswer {
    fn new(tag: &str, kind: &str, disposition: &str) -> Result<Self> {
        let mut headers = HeaderMap::new();
        for (name, value) in ALWAYS {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let said =
            [(header::ETAG, tag), (header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)];
        for (name, value) in said {
            headers.insert(name, HeaderValue::from_str(value).map_err(|_| Problem::internal())?);
        }
        Ok(Self { status: StatusCode::OK, headers, body: Body::empty() })
    }

    fn unchanged(mut self) -> Self {
        self.status = StatusCode::NOT_MODIFIED;
        self.headers.remove(header::CONTENT_TYPE);
        self
    }

    fn of_length(mut self, bytes: u64) -> Self {
        self.headers.insert(header::CONTENT_LENGTH, bytes.into());
        self
    }
}

/// A file that the asker may see.
pub(super) async fn show(
    services: &Services,
    file: &File,
    asked: &Asked<'_>,
    download: bool,
) -> Result<FileAnswer> {
    // A file never changes, so that its id says which bytes it has.
    let tag = format!("\"{}\"", file.id.as_uuid().simple());
    let disposition = disposition(file.name.as_str(), file.media_type.is_shown() && !download);
    let mut answer = FileAnswer::new(&tag, file.media_type.as_str(), &disposition)?;
    answer.headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if names(asked.known, &tag) {
        return Ok(answer.unchanged());
    }
    let whole = file.blob.bytes;
    let range = asked.range.filter(|_| is_same(asked.if_range, &tag));
    let part = match wanted(range, whole) {
        Wanted::All => 0..whole,
        Wanted::Part(part) => {
            let value = format!("bytes {}-{}/{whole}", part.start, part.end - 1);
            let value = HeaderValue::from_str(&value).map_err(|_| Problem::internal())?;
            answer.headers.insert(header::CONTENT_RANGE, value);
            answer.status = StatusCode::PARTIAL_CONTENT;
            part
        }
        Wanted::Nothing => return Err(Problem::range_not_satisfiable(whole)),
    };
    let mut answer = answer.of_length(part.end - part.start);
    if !asked.head {
        answer.body = body(services.files.read(file, part).await?);
    }
    Ok(answer)
}

/// The small version of a file that the asker may see.
pub(super) async fn show_small(
    services: &Services,
    file: &File,
    asked: &Asked<'_>,
    size: ThumbnailSize,
) -> Result<FileAnswer> {
    // Which poster a film has may change until it is sent.
    let poster = file.poster.as_ref().map(|poster| format!("-{:?}", poster.hash)).unwrap_or_default();
    let tag = format!("\"{}-{}{poster}\"", file.id.as_uuid().simple(), size.pixels());
    let disposition = disposition(&format!("{}.webp", file.name.as_str()), true);
    let answer = FileAnswer::new(&tag, "image/webp", &disposition)?;
    if file.face().thumbnails.is_some() && names(asked.known, &tag) {
        return Ok(answer.unchanged());
    }
    let none = || Problem::not_found("This file has no small version.");
    let (length, bytes) = services.files.thumbnail(file, size).await?.ok_or_else(none)?;
    let mut answer = answer.of_length(length);
    answer.body = body(bytes);
    Ok(answer)
}

/// The bytes as they are read. When some are missing the connection breaks, so that nobody takes what
/// came for the whole.
fn body(bytes: Box<dyn FileBytes>) -> Body {
    let parts = stream::unfold(Some(bytes), |bytes| async move {
        let mut bytes = bytes?;
        match bytes.next().await {
            Ok(part) => part.map(|part| (Ok(part), Some(bytes))),
            Err(error) => {
                tracing::error!(%error, "a file could not be read to its end");
                Some((Err(io::Error::other(error)), None))
            }
        }
    });
    Body::from_bytes_stream(parts)
}

impl IntoResponse for FileAnswer {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status).body(self.body);
        *response.headers_mut() = self.headers;
        response
    }
}

impl ApiResponse for FileAnswer {
    fn meta() -> MetaResponses {
        let answer = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        let file = || vec![MetaMediaType { content_type: "*/*", schema: bytes_schema() }];
        MetaResponses {
            responses: vec![
                answer(200, "The bytes.", file()),
                answer(206, "The bytes that were asked for.", file()),
                answer(304, "The bytes you have are still the ones.", Vec::new()),
            ],
        }
    }

    fn register(_: &mut Registry) {}
}
