//! Web Push: tells browsers of what happens while the page is closed, without any account with
//! anybody.
//!
//! A push is encrypted so that only the browser reads it (RFC 8291), signed with the server's own key
//! so that the push service knows who comes (VAPID, RFC 8292), and handed to the address that the
//! browser named (RFC 8030). Anybody who is signed in names such an address, so `delivery` connects to
//! none that is not of the internet at large.

mod delivery;
mod encryption;
mod payload;
mod vapid;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parlor_domain::{Push, PushFailure, PushReach, PushSender, PushSubscription, Timestamp};
use sha2::{Digest, Sha256};

pub use vapid::VapidKey;

use delivery::{Delivery, Request};

/// Sends pushes to the services of the browsers' makers.
pub struct WebPush {
    key: VapidKey,
    contact: Option<String>,
    delivery: Delivery,
}

impl WebPush {
    /// Signs with `key`, connects as far as `reach` allows, and tells the services a `contact`, a
    /// `mailto:` or `https:` address, for when something is wrong with what they get.
    pub fn new(key: VapidKey, contact: Option<String>, reach: PushReach) -> Self {
        Self { key, contact, delivery: Delivery::new(reach) }
    }
}

#[async_trait]
impl PushSender for WebPush {
    fn public_key(&self) -> [u8; 65] {
        self.key.public()
    }

    async fn send(&self, to: &PushSubscription, push: &Push, now: Timestamp) -> Result<(), PushFailure> {
        let text = payload::text(push);
        let body = encryption::encrypt(&to.keys, text.as_bytes())
            .ok_or_else(|| PushFailure::Gone("its key is none".into()))?;
        let request = Request {
            body,
            authorization: self.key.authorization(to.endpoint.origin(), self.contact.as_deref(), now),
            urgency: if push.urgent { "high" } else { "normal" },
            topic: push.conversation.map(|id| topic(to, id.as_uuid().as_bytes())),
            seconds: Push::LIFE.as_secs(),
        };
        self.delivery.hand_over(&to.endpoint, request).await
    }
}

/// Of two pushes with one topic, a device that was away gets the later one. It tells the service
/// nothing: each device has topics of its own.
fn topic(to: &PushSubscription, conversation: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(to.keys.auth());
    hash.update(conversation);
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..24])
}
