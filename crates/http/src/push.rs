//! Telling your devices of what is new while the page is closed.

use std::sync::Arc;

use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use parlor_domain::{PushKeys, SubscribeError};
use poem::web::Data;
use poem_openapi::{ApiResponse, Object, OpenApi};
use serde::{Deserialize, Serialize};

use crate::auth::Member;
use crate::json::Json;
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// Some browsers fill up with `=`, and some do not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How this device is told.
#[derive(Debug, Serialize, Object)]
struct PushState {
    /// The server's key, an uncompressed point of P-256 in base64url: what a browser subscribes
    /// with. Null when the server does not push.
    public_key: Option<String>,
    /// Where this session's device is told; null when it is not.
    endpoint: Option<String>,
}

/// What a browser's `PushSubscription.toJSON()` says.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct PushSubscriptionRequest {
    /// The https address of the push service, at most 1,000 bytes.
    endpoint: String,
    /// What to encrypt with.
    keys: PushSubscriptionKeysRequest,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct PushSubscriptionKeysRequest {
    /// The browser's public key, an uncompressed point of P-256, 65 bytes in base64url.
    p256dh: String,
    /// The secret that the browser shares with the server, 16 bytes in base64url.
    auth: String,
}

impl PushSubscriptionKeysRequest {
    fn parse(&self) -> Option<PushKeys> {
        PushKeys::new(&BASE64.decode(&self.p256dh).ok()?, &BASE64.decode(&self.auth).ok()?)
    }
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::Off => Self::conflict(
                "push_off",
                "This server tells nobody while the page is closed; whoever runs it can change that.",
            ),
            SubscribeError::Endpoint(invalid) => invalid.into(),
            SubscribeError::Store(error) => error.into(),
        }
    }
}

#[derive(ApiResponse)]
enum PushResponse {
    /// So it is from now on.
    #[oai(status = 204)]
    Done,
}

pub struct PushApi;

#[OpenApi(prefix_path = "/notifications/push", tag = Tag::Notifications)]
impl PushApi {
    /// Whether this device is told while the page is closed
    #[oai(path = "/", method = "get", operation_id = "getPush")]
    async fn state(&self, services: Data<&Arc<Services>>, member: Member) -> Result<Json<PushState>> {
        let subscription = services.pushes.subscription(&member.session).await?;
        Ok(Json(PushState {
            public_key: services.pushes.public_key().map(|key| URL_SAFE_NO_PAD.encode(key)),
            endpoint: subscription.map(|subscription| subscription.endpoint.as_str().to_owned()),
        }))
    }

    /// Have this device told while the page is closed
    ///
    /// For as long as you are signed in with this session; once more replaces what was there. You can
    /// have 20 such devices; of more the oldest are not told any more. When the server does not push
    /// it answers 409 `push_off`.
    #[oai(path = "/", method = "put", operation_id = "subscribePush")]
    async fn subscribe(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<PushSubscriptionRequest>,
    ) -> Result<PushResponse> {
        let keys = form.keys.parse().ok_or_else(|| {
            let message = "Must be a point of P-256 (65 bytes) and a secret (16 bytes), both in base64url.";
            Problem::invalid_fields(Vec::new()).with_field("keys", "invalid", message)
        })?;
        services.pushes.subscribe(&member.session, &form.endpoint, keys).await?;
        Ok(PushResponse::Done)
    }

    /// Have this device not told any more
    #[oai(path = "/", method = "delete", operation_id = "unsubscribePush")]
    async fn unsubscribe(&self, services: Data<&Arc<Services>>, member: Member) -> Result<PushResponse> {
        services.pushes.unsubscribe(&member.session).await?;
        Ok(PushResponse::Done)
    }
}
