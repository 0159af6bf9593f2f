use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{OutgoingWebhook, WebhookEvent};
use crate::{ConversationId, Entry, OutgoingWebhookId, Timestamp, WebhookDeliveryId};

/// What a receiver is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookContent {
    /// Something that happened.
    Entry(WebhookEvent, Arc<Entry>),
    /// Nothing: somebody wants to see whether it arrives.
    Test(WebhookDeliveryId),
}

fn id_of(webhook: OutgoingWebhookId, (conversation, seq): (ConversationId, u64)) -> String {
    format!("msg_{}_{}_{seq}", webhook.as_uuid().simple(), conversation.as_uuid().simple())
}

fn id_of_test(test: WebhookDeliveryId) -> String {
    format!("test_{}", test.as_uuid().simple())
}

impl WebhookContent {
    /// See [`WebhookDelivery::message_id`].
    pub fn message_id(&self, webhook: OutgoingWebhookId) -> String {
        match self {
            Self::Entry(_, entry) => id_of(webhook, (entry.conversation, entry.seq)),
            Self::Test(id) => id_of_test(*id),
        }
    }

    /// Where it happened; `None` of a test.
    pub fn place(&self) -> Option<(ConversationId, u64)> {
        match self {
            Self::Entry(_, entry) => Some((entry.conversation, entry.seq)),
            Self::Test(_) => None,
        }
    }
}

/// What came of trying to send something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookAnswer {
    /// The status that was answered; `None` when there was no answer.
    pub status: Option<u16>,
    /// How long that took.
    pub took: Duration,
    /// What was wrong, for people: why there was no answer, or the beginning of what it said.
    pub error: Option<String>,
    /// How long the receiver wants to be left alone.
    pub retry_after: Option<Duration>,
}

impl WebhookAnswer {
    /// The most characters of what was wrong.
    pub const ERROR: usize = 500;

    /// Whether the receiver has it.
    pub fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether there is no receiver any more, and never will be.
    pub fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// Something that was sent, or was to be. What it said is not kept: it is in the log of its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Its id; a later one is larger.
    pub id: WebhookDeliveryId,
    /// By which webhook.
    pub webhook: OutgoingWebhookId,
    /// When.
    pub at: Timestamp,
    /// What it was about; `None` of a test.
    pub event: Option<WebhookEvent>,
    /// Where that happened; `None` of a test.
    pub place: Option<(ConversationId, u64)>,
    /// How often the webhook had tried since something got through last, this time included.
    pub attempt: u32,
    /// What came of it.
    pub answer: WebhookAnswer,
}

impl WebhookDelivery {
    /// The id that the receiver gets: the same each time the same thing is sent, so that it knows what
    /// it has already.
    pub fn message_id(&self) -> String {
        match self.place {
            Some(place) => id_of(self.webhook, place),
            None => id_of_test(self.id),
        }
    }
}

/// The way to receivers.
#[async_trait]
pub trait WebhookSender: Send + Sync {
    /// The secret that follows from a seed, as the receiver keeps it: always the same one.
    fn secret(&self, webhook: OutgoingWebhookId, seed: Uuid) -> String;

    /// Sends something, signed with the secrets that count at this moment. MUST connect to no address
    /// that [`WebhookReach::allows`](super::WebhookReach::allows) refuses, and MUST answer within ten
    /// seconds or so, whatever happens.
    async fn send(
        &self,
        webhook: &OutgoingWebhook,
        content: &WebhookContent,
        now: Timestamp,
    ) -> WebhookAnswer;
}
