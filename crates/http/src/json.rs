//! JSON bodies, in and out.

use std::ops::Deref;

use poem::http::StatusCode;
use poem::{IntoResponse, Request, RequestBody, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::Problem;

/// A JSON body: read and written by serde, described to OpenAPI by poem.
///
/// Poem's own goes through a tree of values, which costs most of the time of a page of history,
/// and does not say which field is at fault.
pub struct Json<T>(pub T);

const CONTENT_TYPE: &str = "application/json; charset=utf-8";

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = CONTENT_TYPE;

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<'a, T: Type + DeserializeOwned> ApiExtractor<'a> for Json<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: CONTENT_TYPE, schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let kind = request.content_type().and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let detail = "Send the body as JSON, with the header Content-Type: application/json.";
            return Err(
                Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail).into()
            );
        }
        let bytes = body.take()?.into_bytes().await?;
        Ok(Self(parse(&bytes)?))
    }
}

/// Reads a body; what is wrong with it is told with the field at fault.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let field = error.path().to_string();
        refusal(&field, error.inner())
    })?;
    deserializer.end().map_err(|error| refusal(".", &error))?;
    Ok(parsed)
}

fn refusal(path: &str, error: &serde_json::Error) -> Problem {
    let reason = error.to_string();
    // The path leads to what holds a missing field, whose name stands in serde's words only.
    let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let code = match missing {
        Some(_) => "required",
        None if reason.starts_with("unknown field") => "unknown",
        None => "invalid",
    };
    let field = match (path, missing) {
        (".", Some(name)) => name.to_owned(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    };
    if field == "." || !error.is_data() {
        return Problem::invalid_request(format!(
            "The body is not the JSON object that is expected here: {reason}."
        ));
    }
    let problem = Problem::invalid_request(format!("The body's field `{field}` cannot be taken: {reason}."));
    problem.with_field(&field, code, reason)
}

impl<T: Serialize + Send> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => Response::builder().content_type(CONTENT_TYPE).body(bytes),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                Problem::internal().into_response()
            }
        }
    }
}

impl<T: Type + Serialize> ApiResponse for Json<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType { content_type: CONTENT_TYPE, schema: T::schema_ref() }],
                headers: Vec::new(),
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Form {
        name: String,
        members: Option<Vec<u32>>,
    }

    /// The code and the field that a body is refused with.
    async fn refused(body: &str) -> (String, String) {
        let problem = parse::<Form>(body.as_bytes()).unwrap_err();
        let body: serde_json::Value = problem.into_response().take_body().into_json().await.unwrap();
        let error = &body["errors"][0];
        (error["code"].as_str().unwrap_or("-").into(), error["field"].as_str().unwrap_or("-").into())
    }

    #[tokio::test]
    async fn what_is_wrong_with_a_body_is_told_with_the_field_at_fault() {
        for (body, code, field) in [
            (json!({}), "required", "name"),
            (json!({"name": 5}), "invalid", "name"),
            (json!({"name": "x", "role": "admin"}), "unknown", "role"),
            (json!({"name": "x", "members": [1, "two"]}), "invalid", "members[1]"),
            (json!([]), "-", "-"),
        ] {
            assert_eq!(refused(&body.to_string()).await, (code.into(), field.into()), "{body}");
        }
        assert_eq!(refused("{\"name\": ").await, ("-".into(), "-".into()));
        assert_eq!(refused("{\"name\": \"x\"} {}").await, ("-".into(), "-".into()));
    }
}
