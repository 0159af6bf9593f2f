//! The body of what is sent.

use parlor_domain::{OutgoingWebhook, Timestamp, WebhookContent};
use parlor_wire::{Entry, Time};
use serde::Serialize;
use uuid::Uuid;

/// A body: what it is, when it happened, and what happened.
#[derive(Serialize)]
struct Payload<'a, T> {
    r#type: &'a str,
    timestamp: Time,
    data: T,
}

/// What a test tells.
#[derive(Serialize)]
struct Test<'a> {
    webhook: Uuid,
    name: &'a str,
}

/// What is sent of something, as JSON.
pub(crate) fn body(webhook: &OutgoingWebhook, content: &WebhookContent, now: Timestamp) -> String {
    let text = match content {
        WebhookContent::Entry(event, entry) => {
            let (r#type, timestamp) = (event.word(), entry.created_at.into());
            serde_json::to_string(&Payload { r#type, timestamp, data: Entry::from(&**entry) })
        }
        WebhookContent::Test(_) => {
            let data = Test { webhook: webhook.id.as_uuid(), name: webhook.name.as_str() };
            serde_json::to_string(&Payload { r#type: "test", timestamp: now.into(), data })
        }
    };
    // These shapes always become JSON.
    text.unwrap_or_default()
}
