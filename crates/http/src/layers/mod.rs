//! What happens around every request, whatever it asks for.
//!
//! Each layer is one file; [`wrap`] puts them in order.

mod access_log;
mod body_limit;
mod client_ip;
mod cors;
mod head;
mod known_query;
mod no_query_secrets;
mod origin;
mod problems;
mod request_id;
mod request_timeout;
mod same_origin;
mod security_headers;
#[cfg(test)]
mod test_log;
mod timed;
mod tus;
mod uploads;

use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use parlor_realtime::Timings;
use poem::{Endpoint, EndpointExt};

pub use access_log::{AccessLog, UserTag};
pub(crate) use body_limit::refusal as refusal_of_body;
pub use body_limit::{BodyLimit, MAX_JSON_DEPTH};
pub use client_ip::{ClientIp, ClientIps};
pub use cors::Cors;
pub use head::Head;
pub(crate) use head::is_for_head;
pub use known_query::KnownQuery;
pub use no_query_secrets::NoQuerySecrets;
pub use origin::{InvalidOrigin, Origin};
pub use problems::Problems;
pub use request_id::{RequestId, RequestIds};
pub use request_timeout::RequestTimeout;
pub use same_origin::{PLAIN_SESSION_COOKIE, SESSION_COOKIE, SameOrigin, is_listed};
pub use security_headers::SecurityHeaders;
pub use timed::Timed;
pub use tus::{TUS_VERSION, Tus};
pub use uploads::Uploads;

/// What the layers need to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// The origins under which browsers reach the page.
    pub own_origins: Vec<Origin>,
    /// Other origins whose pages may use the API with a bearer token.
    pub cors_origins: Vec<Origin>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether browsers reach the server through TLS.
    pub https: bool,
    /// The largest body, in bytes.
    pub body_bytes: usize,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// How long a file may take on its way in, besides.
    pub upload_timeout: Duration,
}

/// Puts every layer around the routes, the outermost last. How long each request takes is noted in
/// `timings`.
pub fn wrap(
    routes: impl Endpoint + 'static,
    options: Options,
    timings: Arc<Timings>,
) -> impl Endpoint + 'static {
    routes
        .with(Head)
        .with(BodyLimit::new(options.body_bytes))
        .with(SameOrigin::new(options.own_origins))
        .with(NoQuerySecrets)
        .with(ClientIps::new(options.trusted_proxies))
        .with(RequestTimeout::new(options.request_timeout, options.upload_timeout))
        .with(Uploads)
        .with(Problems)
        .with(Tus)
        .with(Cors::new(options.cors_origins))
        .with(SecurityHeaders::new(options.https))
        .with(Timed::new(timings))
        .with(AccessLog)
        .with(RequestIds)
}

#[cfg(test)]
mod tests {
    use poem::http::StatusCode;
    use poem::test::TestClient;
    use poem::{Route, handler};

    use super::*;

    #[handler]
    fn hello(body: String) -> String {
        body
    }

    fn client() -> TestClient<impl Endpoint> {
        let options = Options {
            own_origins: Vec::new(),
            cors_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            https: true,
            body_bytes: 64,
            request_timeout: Duration::from_secs(30),
            upload_timeout: Duration::from_mins(10),
        };
        TestClient::new(wrap(Route::new().at("/hello", hello), options, Arc::default()))
    }

    #[tokio::test]
    async fn a_refusal_by_any_layer_has_headers_an_id_and_the_shape_of_a_problem() {
        for (request, status) in [
            (client().post("/hello").body("x".repeat(65)), StatusCode::PAYLOAD_TOO_LARGE),
            (client().get("/hello?token=x"), StatusCode::BAD_REQUEST),
            (client().post("/hello").header("Cookie", "session=x"), StatusCode::FORBIDDEN),
            (client().get("/nowhere"), StatusCode::NOT_FOUND),
        ] {
            let response = Box::pin(request.send()).await;
            response.assert_status(status);
            response.assert_content_type("application/problem+json");
            response.assert_header_exist("X-Request-Id");
            response.assert_header("X-Content-Type-Options", "nosniff");
            response.assert_header("Cache-Control", "no-store");
        }
    }

    #[tokio::test]
    async fn an_ordinary_request_passes_unchanged() {
        let response = Box::pin(client().post("/hello").body("hello").send()).await;
        response.assert_status_is_ok();
        response.assert_text("hello").await;
    }
}
