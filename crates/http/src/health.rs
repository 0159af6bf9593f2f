//! Whether the server lives and can work.

use std::sync::Arc;

use poem::handler;
use poem::http::StatusCode;
use poem::web::Data;

use crate::services::Services;

/// The process answers.
#[handler]
pub fn healthz() -> &'static str {
    "ok"
}

/// The process can do its work: the database answers.
#[handler]
pub async fn readyz(services: Data<&Arc<Services>>) -> (StatusCode, &'static str) {
    match services.store.ping().await {
        Ok(()) => (StatusCode::OK, "ok"),
        Err(error) => {
            tracing::warn!(error = crate::errors::chain(&error), "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer")
        }
    }
}
