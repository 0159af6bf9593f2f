//! Outgoing webhooks: what receivers are sent, and how they know that it is this server that sent it.
//!
//! Headers, signature and the body's outer shape are those of the Standard Webhooks specification, so
//! that receivers check them with libraries that there are. What happened has the shape that it has in
//! the API and on the stream.

mod payload;
mod signing;

use std::time::Duration;

use async_trait::async_trait;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use parlor_domain::{
    OutgoingWebhook, OutgoingWebhookId, Timestamp, WebhookAnswer, WebhookContent, WebhookReach, WebhookSender,
};
use parlor_outbound::{Outbound, Posting};
use tokio::time::Instant;
use uuid::Uuid;

pub use signing::WebhookKey;

/// What is read of an answer, to be shown to admins when it is no good one.
const READ: usize = 2_048;

/// What receivers see of who comes.
const USER_AGENT: &str = concat!("Parlor/", env!("CARGO_PKG_VERSION"));

/// Sends to the receivers of webhooks.
pub struct Webhooks {
    key: WebhookKey,
    reach: WebhookReach,
    outbound: Outbound,
}

impl Webhooks {
    /// Makes secrets with `key`, and connects as far as `reach` allows.
    pub fn new(key: WebhookKey, reach: WebhookReach) -> Self {
        Self { key, reach, outbound: Outbound::default() }
    }

    async fn post(
        &self,
        webhook: &OutgoingWebhook,
        content: &WebhookContent,
        now: Timestamp,
    ) -> Result<parlor_outbound::Answer, String> {
        let to = webhook.address.web();
        // The settings may have changed since it was made.
        if !to.is_secure() && !self.reach.allows_plain(to.host()) {
            return Err("its address is not encrypted".to_owned());
        }
        let (id, seconds) = (content.message_id(webhook.id), now.as_millis() / 1_000);
        let body = payload::body(webhook, content, now);
        let signatures: Vec<String> = webhook
            .seeds
            .at(now)
            .map(|seed| self.key.secret(webhook.id, seed).sign(&id, seconds, &body))
            .collect();
        let text = |text: &str| HeaderValue::from_str(text).map_err(|error| error.to_string());
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        headers.insert(HeaderName::from_static("webhook-id"), text(&id)?);
        headers.insert(HeaderName::from_static("webhook-timestamp"), seconds.into());
        headers.insert(HeaderName::from_static("webhook-signature"), text(&signatures.join(" "))?);
        let posting = Posting { headers, body: body.into_bytes(), read: READ };
        let allowed = |number| self.reach.allows(to.host(), number);
        self.outbound.post(to, allowed, posting).await.map_err(|failure| failure.to_string())
    }
}

#[async_trait]
impl WebhookSender for Webhooks {
    fn secret(&self, webhook: OutgoingWebhookId, seed: Uuid) -> String {
        self.key.secret(webhook, seed).reveal()
    }

    async fn send(
        &self,
        webhook: &OutgoingWebhook,
        content: &WebhookContent,
        now: Timestamp,
    ) -> WebhookAnswer {
        let begun = Instant::now();
        let sent = self.post(webhook, content, now).await;
        let took: Duration = begun.elapsed();
        match sent {
            Err(why) => {
                let error = Some(shortened(&why));
                WebhookAnswer { status: None, took, error, retry_after: None }
            }
            Ok(answer) => {
                let (status, retry_after) = (Some(answer.status.as_u16()), answer.retry_after());
                let said = (!answer.status.is_success()).then(|| String::from_utf8_lossy(&answer.body));
                let error = said.map(|said| shortened(&said)).filter(|said| !said.is_empty());
                WebhookAnswer { status, took, error, retry_after }
            }
        }
    }
}

/// The beginning of what went wrong, in signs that can be shown and stored.
fn shortened(text: &str) -> String {
    let plain = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign });
    plain.take(WebhookAnswer::ERROR).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_wrong_is_shown_in_few_plain_signs() {
        assert_eq!(shortened("\u{0}no\r\nroom\n"), "no  room");
        assert_eq!(shortened(&"ș".repeat(900)).chars().count(), 500);
    }
}
