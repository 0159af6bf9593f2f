//! How outgoing webhooks look.

use parlor_domain::{OutgoingWebhook, OutgoingWebhookForm, Timestamp, WebhookDelivery, WebhookEvents};
use parlor_wire::Time;
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// A kind of thing that a receiver is told of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
        #[oai(rename = "WebhookEvent")]
        pub(super) enum EventWord {
            $($(#[$doc])* #[oai(rename = $word)] #[serde(rename = $word)] $name),+
        }

        impl From<parlor_domain::WebhookEvent> for EventWord {
            fn from(event: parlor_domain::WebhookEvent) -> Self {
                match event {
                    $(parlor_domain::WebhookEvent::$name => Self::$name),+
                }
            }
        }

        impl From<EventWord> for parlor_domain::WebhookEvent {
            fn from(event: EventWord) -> Self {
                match event {
                    $(EventWord::$name => Self::$name),+
                }
            }
        }
    };
}

events! {
    /// Somebody wrote a message.
    MessagePosted = "message.posted",
    /// A message got another text, or lost files.
    MessageEdited = "message.edited",
    /// A message was deleted.
    MessageDeleted = "message.deleted",
    /// A message was pinned.
    MessagePinned = "message.pinned",
    /// A message was unpinned.
    MessageUnpinned = "message.unpinned",
    /// Somebody reacted to a message.
    ReactionAdded = "reaction.added",
    /// Somebody took a reaction back.
    ReactionRemoved = "reaction.removed",
    /// Somebody came in.
    MemberJoined = "member.joined",
    /// Somebody left, or was removed.
    MemberLeft = "member.left",
    /// Somebody got another role, may not write for a time, or may write again.
    MemberChanged = "member.changed",
    /// The group was changed, archived, brought back or cleared.
    GroupChanged = "group.changed",
}

/// Whether something is delivered.
#[derive(Debug, Clone, Copy, Serialize, Enum)]
#[oai(rename = "WebhookState", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As soon as it happens.
    Active,
    /// Not until it is let go on: an admin paused it.
    Paused,
    /// Not until it is let go on: nothing got through for a day, or the receiver answered 410.
    Failed,
}

impl From<parlor_domain::WebhookState> for State {
    fn from(state: parlor_domain::WebhookState) -> Self {
        match state {
            parlor_domain::WebhookState::Active => Self::Active,
            parlor_domain::WebhookState::Paused => Self::Paused,
            parlor_domain::WebhookState::Failed => Self::Failed,
        }
    }
}

/// An outgoing webhook, as it is to be.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
pub(super) struct OutgoingWebhookRequest {
    /// What it is for, 1 to 64 characters.
    name: String,
    /// Where it is received: an https address on the internet, or at a machine that the setting
    /// `webhooks.inside_hosts` names.
    url: String,
    /// Of what is told, one at least.
    events: Vec<EventWord>,
    /// Of which of the bot's groups; without, of all, those that it comes into later, too.
    groups: Option<Vec<Uuid>>,
}

impl OutgoingWebhookRequest {
    /// What is asked for, for the use cases.
    pub(super) fn wanted(self) -> OutgoingWebhookForm {
        let events: Vec<_> = self.events.into_iter().map(Into::into).collect();
        let groups = self.groups.map(|groups| groups.into_iter().map(parlor_domain::GroupId::from_uuid));
        OutgoingWebhookForm {
            name: self.name,
            url: self.url,
            events: WebhookEvents::of(&events),
            groups: groups.map(Iterator::collect),
        }
    }
}

/// An address that is told of what happens where a bot is.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "OutgoingWebhook")]
pub(super) struct WebhookView {
    /// The id.
    id: Uuid,
    /// The bot. What it may not read is not told.
    bot: Uuid,
    /// What it is for.
    name: String,
    /// Where it is received.
    url: String,
    /// Of what is told.
    events: Vec<EventWord>,
    /// Of which of the bot's groups; null when of all, those that it comes into later, too.
    groups: Option<Vec<Uuid>>,
    /// Whether something is delivered.
    state: State,
    /// How often something was tried in vain since something got through last.
    tries: u32,
    /// Since when nothing gets through; null while it does.
    failing_since: Option<Time>,
    /// When the next try is; null when nothing has to be tried again.
    next_try_at: Option<Time>,
    /// Until when the secret before the last change is signed with as well; null when it is not.
    previous_signs_until: Option<Time>,
    /// When it was made.
    created_at: Time,
}

impl From<OutgoingWebhook> for WebhookView {
    fn from(webhook: OutgoingWebhook) -> Self {
        let is_trying = webhook.state == parlor_domain::WebhookState::Active && webhook.tries > 0;
        Self {
            id: webhook.id.as_uuid(),
            bot: webhook.bot.as_uuid(),
            name: webhook.name.to_string(),
            url: webhook.address.as_str().to_owned(),
            events: webhook.events.iter().map(Into::into).collect(),
            groups: webhook.groups.map(|groups| groups.iter().map(|group| group.as_uuid()).collect()),
            state: webhook.state.into(),
            tries: webhook.tries,
            failing_since: webhook.failing_since.map(Timestamp::into),
            next_try_at: is_trying.then(|| webhook.due_at.into()),
            previous_signs_until: webhook.seeds.previous.map(|(_, until)| until.into()),
            created_at: webhook.created_at.into(),
        }
    }
}

/// An outgoing webhook with its secret, which is shown this once.
#[derive(Debug, Serialize, Object)]
pub(super) struct NewOutgoingWebhook {
    /// The webhook.
    webhook: WebhookView,
    /// What the receiver checks signatures with. It is kept by nobody here.
    secret: String,
}

impl NewOutgoingWebhook {
    pub(super) fn render((webhook, secret): (OutgoingWebhook, String)) -> Self {
        Self { webhook: webhook.into(), secret }
    }
}

/// All outgoing webhooks.
#[derive(Debug, Serialize, Object)]
pub(super) struct OutgoingWebhooks {
    /// The webhooks, the newest first.
    pub(super) items: Vec<WebhookView>,
}

/// Something that was sent, or was to be.
#[derive(Debug, Serialize, Object)]
#[oai(rename = "WebhookDelivery")]
pub(super) struct DeliveryView {
    /// The id; a later one is larger.
    id: Uuid,
    /// The `webhook-id` that the receiver got: the same each time the same thing is sent.
    message_id: String,
    /// When.
    at: Time,
    /// What it was about; null of a test.
    event: Option<EventWord>,
    /// The group in which that happened; null of a test.
    conversation: Option<Uuid>,
    /// The entry's place there; null of a test.
    seq: Option<u64>,
    /// How often the webhook had tried since something got through last, this time included.
    attempt: u32,
    /// Whether the receiver has it: it answered with a status from 200 to 299.
    delivered: bool,
    /// The status that was answered; null when there was no answer.
    status: Option<u16>,
    /// How long that took, in milliseconds.
    took_ms: u64,
    /// What was wrong: why there was no answer, or the beginning of what it said.
    error: Option<String>,
}

impl From<&WebhookDelivery> for DeliveryView {
    fn from(delivery: &WebhookDelivery) -> Self {
        let answer = &delivery.answer;
        Self {
            id: delivery.id.as_uuid(),
            message_id: delivery.message_id(),
            at: delivery.at.into(),
            event: delivery.event.map(Into::into),
            conversation: delivery.place.map(|(conversation, _)| conversation.as_uuid()),
            seq: delivery.place.map(|(_, seq)| seq),
            attempt: delivery.attempt,
            delivered: answer.is_taken(),
            status: answer.status,
            took_ms: u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX),
            error: answer.error.clone(),
        }
    }
}
