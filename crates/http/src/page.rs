//! The web page, which is part of the program.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write;
use std::sync::OnceLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use poem::error::{MethodNotAllowedError, NotFoundError};
use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, Request, Response, Result};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$PARLOR_PAGE"]
struct Files;

/// Where the build puts files whose name changes with their content.
const HASHED: &str = "/assets/";
/// Smaller files do not get smaller in transfer.
const COMPRESS_FROM_BYTES: usize = 1024;

/// The endpoint that serves the page's files.
///
/// A path is looked up as it is in a table made at the start; none is ever joined to a folder.
/// Any other path that is not the API's answers with the page itself, which knows what to
/// show there. It is mounted with `nest("/", …)`.
pub struct Page {
    assets: HashMap<String, Asset>,
}

struct Asset {
    plain: Cow<'static, [u8]>,
    /// Compressed when somebody first asks, so that the program starts at once.
    gzip: OnceLock<Option<Vec<u8>>>,
    is_text: bool,
    kind: &'static str,
    tag: HeaderValue,
    caching: &'static str,
}

impl Page {
    /// Looks up the embedded files.
    pub fn new() -> Self {
        let assets = Files::iter()
            .filter_map(|name| Files::get(&name).map(|file| (format!("/{name}"), file)))
            .map(|(path, file)| (path.clone(), Asset::new(&path, file)))
            .collect();
        Self { assets }
    }

    fn find(&self, path: &str) -> Option<&Asset> {
        let is_page = !path.starts_with(HASHED) && path != "/api" && !path.starts_with("/api/");
        self.assets.get(path).or_else(|| self.assets.get("/index.html").filter(|_| is_page))
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::new()
    }
}

impl Endpoint for Page {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(MethodNotAllowedError.into());
        }
        let asset = self.find(request.uri().path()).ok_or(NotFoundError)?;
        Ok(asset.answer(&request))
    }
}

impl Asset {
    fn new(path: &str, file: EmbeddedFile) -> Self {
        let hash = file.metadata.sha256_hash();
        let tag = format!("\"{:032x}\"", u128::from_be_bytes(std::array::from_fn(|at| hash[at])));
        let (kind, is_text) = content_type(path);
        let caching = match path {
            _ if path.starts_with(HASHED) => "public, max-age=31536000, immutable",
            _ if kind.starts_with("text/html") => "no-store",
            _ => "no-cache",
        };
        Self {
            gzip: OnceLock::new(),
            is_text,
            plain: file.data,
            kind,
            tag: HeaderValue::try_from(tag).unwrap_or(HeaderValue::from_static("\"\"")),
            caching,
        }
    }

    fn gzip(&self) -> Option<&[u8]> {
        self.gzip.get_or_init(|| self.is_text.then(|| gzip(&self.plain)).flatten()).as_deref()
    }

    fn answer(&self, request: &Request) -> Response {
        let response = Response::builder()
            .header(header::ETAG, &self.tag)
            .header(header::CACHE_CONTROL, self.caching)
            .header(header::VARY, "Accept-Encoding");
        if request.headers().get(header::IF_NONE_MATCH) == Some(&self.tag) {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        let response = response.content_type(self.kind);
        let (response, bytes) = match self.gzip() {
            Some(gzip) if accepts_gzip(request) => {
                (response.header(header::CONTENT_ENCODING, "gzip"), Cow::Borrowed(gzip))
            }
            _ => (response, Cow::Borrowed(self.plain.as_ref())),
        };
        let response = response.header(header::CONTENT_LENGTH, bytes.len());
        if request.method() == Method::HEAD {
            return response.finish();
        }
        response.body(Body::from_vec(bytes.into_owned()))
    }
}

/// The type of a file of the page, and whether it is text. The build makes no other types; an
/// unknown one is served as plain bytes, which a browser does not run.
fn content_type(path: &str) -> (&'static str, bool) {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => ("text/html; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "json" => ("application/json", true),
        "webmanifest" => ("application/manifest+json", true),
        "svg" => ("image/svg+xml", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "png" => ("image/png", false),
        "ico" => ("image/x-icon", false),
        "webp" => ("image/webp", false),
        "woff2" => ("font/woff2", false),
        "mp3" => ("audio/mpeg", false),
        _ => ("application/octet-stream", false),
    }
}

fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < COMPRESS_FROM_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|compressed| compressed.len() < bytes.len())
}

fn accepts_gzip(request: &Request) -> bool {
    let accepted = request.header(header::ACCEPT_ENCODING).unwrap_or_default();
    accepted.split(',').map(str::trim).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip")
            && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

#[cfg(test)]
mod tests {
    use poem::Route;
    use poem::test::TestClient;

    use super::*;

    fn asset(path: &str, bytes: &'static [u8]) -> (String, Asset) {
        let metadata = Files::get("index.html").unwrap().metadata;
        (path.into(), Asset::new(path, EmbeddedFile { data: Cow::Borrowed(bytes), metadata }))
    }

    fn client() -> TestClient<impl Endpoint> {
        let script: &[u8] = &[b'x'; 2000];
        let assets = [asset("/index.html", b"<!doctype html>"), asset("/assets/app-1a2b.js", script)];
        TestClient::new(Route::new().nest("/", Page { assets: assets.into() }))
    }

    #[tokio::test]
    async fn the_embedded_page_is_served_at_the_root() {
        let response = TestClient::new(Page::new()).get("/").send().await;
        response.assert_status_is_ok();
        response.assert_content_type("text/html; charset=utf-8");
        assert!(response.0.into_body().into_string().await.unwrap().contains("<title>Parlor"));
    }

    #[tokio::test]
    async fn a_path_of_the_page_answers_with_the_page() {
        for path in ["/setup", "/conversations/1", "/../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/apis"] {
            let response = client().get(path).send().await;
            response.assert_header("Cache-Control", "no-store");
            response.assert_text("<!doctype html>").await;
        }
    }

    #[tokio::test]
    async fn an_unknown_path_of_the_api_or_the_assets_does_not() {
        for path in ["/api", "/api/v1/nowhere", "/assets/app-0000.js"] {
            client().get(path).send().await.assert_status(StatusCode::NOT_FOUND);
        }
        client().post("/").send().await.assert_status(StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn a_hashed_file_is_cached_for_ever_and_compressed() {
        let response = client().get("/assets/app-1a2b.js").header("Accept-Encoding", "br, gzip").send().await;
        response.assert_header("Cache-Control", "public, max-age=31536000, immutable");
        response.assert_header("Content-Encoding", "gzip");
        assert!(response.0.into_body().into_vec().await.unwrap().len() < 100);
        let refused = client().get("/assets/app-1a2b.js").header("Accept-Encoding", "gzip;q=0").send().await;
        refused.assert_header_is_not_exist("Content-Encoding");
    }

    #[tokio::test]
    async fn a_browser_that_has_the_file_gets_no_second_copy() {
        let first = client().get("/assets/app-1a2b.js").send().await;
        let tag = first.0.header("ETag").unwrap().to_owned();
        let second = client().get("/assets/app-1a2b.js").header("If-None-Match", tag).send().await;
        second.assert_status(StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn head_has_the_headers_without_the_body() {
        let response = client().head("/").send().await;
        response.assert_header("Content-Length", "15");
        assert!(response.0.into_body().into_vec().await.unwrap().is_empty());
    }
}
