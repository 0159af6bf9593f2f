//! The way to a push service, and what its answer means.

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use parlor_domain::{PushEndpoint, PushFailure, PushReach};
use parlor_outbound::{Failure, Outbound, Posting};

/// What is handed over.
pub(crate) struct Request {
    pub(crate) body: Vec<u8>,
    pub(crate) authorization: String,
    pub(crate) urgency: &'static str,
    pub(crate) topic: Option<String>,
    /// How long the service keeps it for a device that is away.
    pub(crate) seconds: u64,
}

/// Hands pushes over. Nothing but the status is looked at.
pub(crate) struct Delivery {
    reach: PushReach,
    outbound: Outbound,
}

impl Delivery {
    pub(crate) fn new(reach: PushReach) -> Self {
        Self { reach, outbound: Outbound::default() }
    }

    pub(crate) async fn hand_over(&self, to: &PushEndpoint, request: Request) -> Result<(), PushFailure> {
        if !to.is_secure() && self.reach == PushReach::World {
            return Err(PushFailure::Gone("its address is not encrypted".into()));
        }
        let posting = Posting { headers: headers(&request)?, body: request.body, read: 0 };
        let sent = self.outbound.post(to.web(), |address| self.reach.allows(address), posting).await;
        let answer = sent.map_err(|failure| match failure {
            Failure::NotAllowed => PushFailure::Gone(failure.to_string()),
            Failure::Failed(why) => PushFailure::Later(why, None),
        })?;
        outcome(answer.status, answer.retry_after())
    }
}

fn headers(request: &Request) -> Result<HeaderMap, PushFailure> {
    let text =
        |text: &str| HeaderValue::from_str(text).map_err(|error| PushFailure::Refused(error.to_string()));
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, text(&request.authorization)?);
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("aes128gcm"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(HeaderName::from_static("ttl"), request.seconds.into());
    headers.insert(HeaderName::from_static("urgency"), HeaderValue::from_static(request.urgency));
    if let Some(topic) = &request.topic {
        headers.insert(HeaderName::from_static("topic"), text(topic)?);
    }
    Ok(headers)
}

/// What a service's answer means.
fn outcome(status: StatusCode, retry_after: Option<Duration>) -> Result<(), PushFailure> {
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(PushFailure::Gone(status.to_string())),
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            Err(PushFailure::Later(status.to_string(), retry_after))
        }
        _ if status.is_server_error() => Err(PushFailure::Later(status.to_string(), retry_after)),
        _ => Err(PushFailure::Refused(status.to_string())),
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
