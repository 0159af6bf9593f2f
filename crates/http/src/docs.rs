//! The API's own documentation.

use poem::http::header;
use poem::{IntoResponse, Response, handler};

/// The page carries its script and style inside it, and asks this server only.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const JSON: &str = "application/json; charset=utf-8";

/// The OpenAPI document.
#[handler]
pub fn openapi_document() -> Response {
    Response::builder().content_type(JSON).body(crate::openapi())
}

/// The AsyncAPI document.
#[handler]
pub fn asyncapi_document() -> Response {
    Response::builder().content_type(JSON).body(crate::asyncapi())
}

/// A page to browse the API with. It is made when it is asked for: it has two megabytes, which
/// nobody needs in memory all the time.
#[handler]
pub fn browse() -> impl IntoResponse {
    let api = crate::api();
    let html = api.swagger_ui_html().replace(&api.spec(), &crate::openapi());
    Response::builder()
        .content_type("text/html; charset=utf-8")
        .header(header::CONTENT_SECURITY_POLICY, POLICY)
        .body(html)
}
