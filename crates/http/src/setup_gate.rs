//! Until the first admin is made nothing works but making one.

use std::sync::Arc;

use poem::http::StatusCode;
use poem::{Endpoint, IntoResponse, Middleware, Request, Response};

use crate::problem::Problem;
use crate::services::Services;

/// The parts of the API that answer before the server is set up.
const OPEN: [&str; 4] = ["/api/v1/server", "/api/v1/setup", "/api/v1/openapi.json", "/api/v1/asyncapi.json"];

/// The layer that answers 503 to the rest of the API until the server is set up.
pub struct ClosedUntilSetUp;

impl<E: Endpoint> Middleware<E> for ClosedUntilSetUp {
    type Output = ClosedUntilSetUpEndpoint<E>;

    fn transform(&self, inner: E) -> Self::Output {
        ClosedUntilSetUpEndpoint { inner }
    }
}

/// See [`ClosedUntilSetUp`].
pub struct ClosedUntilSetUpEndpoint<E> {
    inner: E,
}

impl<E: Endpoint> Endpoint for ClosedUntilSetUpEndpoint<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let waiting = request.data::<Arc<Services>>().is_some_and(|services| services.setup.is_waiting());
        let path = request.uri().path();
        if waiting && path.starts_with("/api/v1/") && !OPEN.contains(&path) {
            let detail =
                "This server waits for its first admin: open the setup link that it printed when it started.";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "setup_required", detail).into());
        }
        Ok(self.inner.call(request).await?.into_response())
    }
}
