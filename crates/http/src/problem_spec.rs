//! How problems look in the OpenAPI document.

use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};

use crate::problem::{BanDetail, FieldError, Problem};

/// Why a request was refused, as RFC 9457 problem details.
#[derive(Object)]
#[oai(rename = "Problem")]
struct Shape {
    /// `about:blank`: problems are told apart by `code`.
    r#type: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable word that a program can act on.
    code: String,
    /// A sentence for people that says what to do.
    detail: String,
    /// The id under which the server's log has this request.
    request_id: String,
    /// The fields at fault, all of them.
    errors: Option<Vec<FieldError>>,
    /// How many milliseconds to wait before trying again.
    retry_after_ms: Option<u64>,
    /// Why and until when the account is banned, for code `banned`.
    ban: Option<BanDetail>,
    /// How many bytes a file may have, for code `file_too_large`.
    max_bytes: Option<u64>,
    /// How many more bytes one may upload, for code `quota_exceeded`.
    left_bytes: Option<u64>,
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The request was refused; see `code`.",
                // No status: it stands for every answer that is not described apart.
                status: None,
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "application/problem+json",
                    schema: Shape::schema_ref(),
                }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        Shape::register(registry);
    }
}
