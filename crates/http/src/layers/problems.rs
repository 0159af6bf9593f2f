//! Every error leaves in one shape.

use std::error::Error as _;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use poem::error::{MethodNotAllowedError, NotFoundError, ParsePathError, ParseQueryError, ReadBodyError};
use poem::http::StatusCode;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response, Result};
use poem_openapi::error::{ContentTypeError, ParseParamError, ParseRequestPayloadError};

use super::RequestId;
use crate::problem::Problem;

/// The layer that turns errors into problem details with the request's id.
///
/// [`Problem`]s keep what they say. Errors of the framework are translated. Anything else is a
/// fault of the server: it is logged here, once, with its chain, and the client reads `internal`.
/// A panic in a handler ends its request only; the panic hook has logged where it happened.
pub struct Problems;

impl<E: Endpoint> Middleware<E> for Problems {
    type Output = ProblemsEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        ProblemsEndpoint { inner }
    }
}

/// See [`Problems`].
pub struct ProblemsEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for ProblemsEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> Result<Response> {
        let id = request.data::<RequestId>().map(ToString::to_string).unwrap_or_default();
        let error = match AssertUnwindSafe(self.inner.call(request)).catch_unwind().await {
            Ok(Ok(output)) => return Ok(output.into_response()),
            // Somebody made the answer already and only sends it this way.
            Ok(Err(error)) if error.is_from_response() => return Ok(error.into_response()),
            Ok(Err(error)) => error,
            Err(_panic) => Problem::internal().into(),
        };
        let problem = translate(&error, &id).with_request_id(id);
        let mut response = problem.into_response();
        // The access log reads the route's pattern from the extensions.
        *response.extensions_mut() = std::mem::take(error.into_response().extensions_mut());
        Ok(response)
    }
}

fn translate(error: &poem::Error, request_id: &str) -> Problem {
    if let Some(problem) = error.downcast_ref::<Problem>() {
        return problem.clone();
    }
    if error.is::<NotFoundError>() {
        return Problem::not_found("There is nothing at this address.");
    }
    if error.is::<MethodNotAllowedError>() {
        let detail = "This address does not know this method.";
        return Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
    }
    if let Some(error) = error.downcast_ref::<ParseParamError>() {
        return invalid_field(error.name, &error.reason);
    }
    if let Some(error) = error.downcast_ref::<poem_openapi::error::ParsePathError>() {
        return invalid_field(error.name, &error.reason);
    }
    if let Some(error) = error.downcast_ref::<ParseRequestPayloadError>() {
        return invalid_payload(&error.reason);
    }
    if error.is::<ParsePathError>() || error.is::<ParseQueryError>() || error.is::<ReadBodyError>() {
        return Problem::invalid_request(format!("The request cannot be read: {error}."));
    }
    if error.is::<ContentTypeError>() {
        let detail = "Send the body as application/json.";
        return Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail);
    }
    match error.status() {
        status if status.is_server_error() => internal(error, request_id),
        StatusCode::UNAUTHORIZED => Problem::unauthenticated(),
        StatusCode::FORBIDDEN => Problem::forbidden("This is not allowed."),
        status => Problem::new(status, "invalid_request", "The request cannot be handled as it is."),
    }
}

fn invalid_field(field: &str, reason: &str) -> Problem {
    Problem::invalid_request(format!("The value of `{field}` cannot be read."))
        .with_field(field, "invalid", reason)
}

/// The OpenAPI layer describes a body that it cannot read in words only, such as
/// `` failed to parse "Login": unknown field `colour`. `` The field is then named in it; a value of another type is not.
fn invalid_payload(reason: &str) -> Problem {
    if let Some(field) = between(reason, "unknown field `", "`") {
        return Problem::invalid_request(format!("There is no field `{field}` here.")).with_field(
            field,
            "unknown",
            "Leave this field out.",
        );
    }
    if let Some(field) = between(reason, "field `", "`") {
        return invalid_field(field, reason);
    }
    Problem::invalid_request(format!("The body cannot be read: {reason}"))
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(field, _)| field)
}

fn internal(error: &poem::Error, request_id: &str) -> Problem {
    let mut chain = error.to_string();
    let mut cause = error.source().and_then(std::error::Error::source);
    while let Some(error) = cause {
        chain = format!("{chain}: {error}");
        cause = error.source();
    }
    tracing::error!(request_id, error = chain, "a request failed");
    Problem::internal()
}

#[cfg(test)]
mod tests {
    use poem::test::{TestClient, TestResponse};
    use poem::{EndpointExt, Route, get, handler};
    use poem_openapi::payload::Json;
    use poem_openapi::{Object, OpenApi, OpenApiService};
    use serde_json::Value;

    use super::super::RequestIds;
    use super::super::test_log::logged;
    use super::*;

    #[derive(Object)]
    #[oai(deny_unknown_fields)]
    struct Login {
        #[oai(validator(max_length = 5))]
        login: String,
    }

    struct Api;

    #[OpenApi]
    impl Api {
        #[oai(path = "/login", method = "post")]
        #[expect(clippy::unused_async, reason = "the framework asks for it")]
        async fn login(&self, body: Json<Login>) -> Json<String> {
            Json(body.0.login)
        }
    }

    #[handler]
    fn panics() {
        panic!("a detail of the inside");
    }

    #[handler]
    fn fails() -> Result<()> {
        let error = std::io::Error::other("a detail of the inside");
        Err(poem::error::InternalServerError(error))
    }

    #[handler]
    fn busy() -> Result<(), Problem> {
        Err(Problem::busy(500))
    }

    fn client() -> TestClient<impl Endpoint> {
        let api = OpenApiService::new(Api, "test", "1");
        let routes = Route::new()
            .at("/panics", get(panics))
            .at("/fails", get(fails))
            .at("/busy", get(busy))
            .nest("/api", api);
        TestClient::new(routes.with(Problems).with(RequestIds))
    }

    async fn problem(response: TestResponse) -> Value {
        assert_eq!(response.0.header("Content-Type"), Some("application/problem+json"));
        let id = response.0.header("X-Request-Id").unwrap().to_owned();
        let body: Value = response.0.into_body().into_json().await.unwrap();
        assert_eq!(body["request_id"], id);
        body
    }

    async fn login(body: &'static str) -> Value {
        problem(client().post("/api/login").content_type("application/json").body(body).send().await).await
    }

    #[tokio::test]
    async fn an_unknown_address_and_method_are_problems() {
        assert_eq!(problem(client().get("/nowhere").send().await).await["code"], "not_found");
        assert_eq!(problem(client().delete("/busy").send().await).await["code"], "method_not_allowed");
    }

    #[tokio::test]
    async fn an_unknown_field_is_named() {
        let body = login(r#"{"login": "ada", "colour": "red"}"#).await;
        assert_eq!((&body["status"], &body["code"]), (&400.into(), &"invalid_request".into()));
        assert_eq!(body["errors"][0]["field"], "colour");
    }

    #[tokio::test]
    async fn a_value_of_another_type_is_an_invalid_request_that_says_what_was_expected() {
        let body = login(r#"{"login": []}"#).await;
        assert_eq!(body["code"], "invalid_request");
        assert!(body["detail"].to_string().contains("string"), "{body}");
    }

    #[tokio::test]
    async fn a_field_that_is_too_long_is_named() {
        let body = login(r#"{"login": "far too long"}"#).await;
        assert_eq!((&body["status"], &body["errors"][0]["field"]), (&400.into(), &"login".into()), "{body}");
    }

    #[tokio::test]
    async fn what_is_not_json_is_an_invalid_request() {
        assert_eq!(login("{").await["code"], "invalid_request");
    }

    #[tokio::test]
    async fn a_handlers_own_problem_stays_as_it_is() {
        let response = client().get("/busy").send().await;
        response.assert_header("Retry-After", "1");
        assert_eq!(problem(response).await["retry_after_ms"], 500);
    }

    #[tokio::test]
    async fn the_inside_of_a_failure_is_in_the_log_only() {
        for path in ["/fails", "/panics"] {
            let body = problem(client().get(path).send().await).await;
            assert_eq!(body["code"], "internal");
            assert!(!body.to_string().contains("detail of the inside"));
        }
        let log = logged(async { _ = client().get("/fails").send().await }).await;
        assert_eq!(log.matches("a detail of the inside").count(), 1, "{log}");
    }
}
