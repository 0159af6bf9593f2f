use async_trait::async_trait;

use super::Result;
use crate::{
    ConversationId, OutgoingWebhook, OutgoingWebhookId, Timestamp, WebhookDelivery, WebhookDeliveryId,
};

/// Webhooks that tell others what happens, how far each has come, and what came of it.
///
/// A webhook follows a group that was chosen, or any, while its bot is in it. Its cursor there begins
/// before what happened first since the group was chosen and the bot came in.
#[async_trait]
pub trait OutgoingWebhookRepository: Send + Sync {
    /// The webhook with this id.
    async fn outgoing_webhook(&self, id: OutgoingWebhookId) -> Result<Option<OutgoingWebhook>>;

    /// All of them, the newest first.
    async fn outgoing_webhooks(&self) -> Result<Vec<OutgoingWebhook>>;

    /// Active ones that may be tried now, that nobody has taken, and for which something waits or a
    /// group is new. Groups that the bot is banned from MUST be left out.
    async fn due_outgoing_webhooks(&self, now: Timestamp) -> Result<Vec<OutgoingWebhookId>>;

    /// Of the groups in which something waits for a webhook, the one that waits longest, and its cursor
    /// there. Groups that the bot is banned from MUST be left out.
    async fn webhook_backlog(
        &self,
        id: OutgoingWebhookId,
        now: Timestamp,
    ) -> Result<Option<(ConversationId, u64)>>;

    /// What a webhook sent, the latest first, from behind the delivery `after`.
    async fn webhook_deliveries(
        &self,
        id: OutgoingWebhookId,
        after: Option<WebhookDeliveryId>,
        limit: u32,
    ) -> Result<Vec<WebhookDelivery>>;

    /// The delivery with this id.
    async fn webhook_delivery(&self, id: WebhookDeliveryId) -> Result<Option<WebhookDelivery>>;

    /// Adds a webhook. It tells of what happens from its `created_at` on.
    async fn insert_outgoing_webhook(&mut self, webhook: &OutgoingWebhook) -> Result<()>;

    /// Has a webhook to itself until the commit, and answers it.
    async fn lock_outgoing_webhook(&mut self, id: OutgoingWebhookId) -> Result<Option<OutgoingWebhook>>;

    /// Writes everything but the id, the bot and when it was made. Of groups that are new to it, it
    /// tells what happens from `now` on.
    async fn update_outgoing_webhook(&mut self, webhook: &OutgoingWebhook, now: Timestamp) -> Result<()>;

    /// Takes a webhook away, with its cursors and deliveries.
    async fn delete_outgoing_webhook(&mut self, id: OutgoingWebhookId) -> Result<()>;

    /// Takes an active webhook that may be tried now until a moment; whether nobody else had it.
    async fn take_outgoing_webhook(
        &mut self,
        id: OutgoingWebhookId,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool>;

    /// Keeps a webhook that was taken until `taken` until another moment; whether it still was.
    async fn hold_outgoing_webhook(
        &mut self,
        id: OutgoingWebhookId,
        taken: Timestamp,
        until: Timestamp,
    ) -> Result<bool>;

    /// Sets a cursor in each group that a webhook follows and has none in, and takes those in others
    /// away.
    async fn follow_groups(&mut self, id: OutgoingWebhookId) -> Result<()>;

    /// Moves a cursor forward.
    async fn move_webhook_cursor(
        &mut self,
        id: OutgoingWebhookId,
        conversation: ConversationId,
        seq: u64,
        now: Timestamp,
    ) -> Result<()>;

    /// Moves all cursors of a webhook to the ends of their logs: what waits is not told.
    async fn skip_webhook_backlog(&mut self, id: OutgoingWebhookId) -> Result<()>;

    /// Writes down what was sent.
    async fn insert_webhook_deliveries(&mut self, deliveries: &[WebhookDelivery]) -> Result<()>;

    /// Forgets what a webhook sent before a moment, and all but the latest `kept`.
    async fn prune_webhook_deliveries(
        &mut self,
        id: OutgoingWebhookId,
        before: Timestamp,
        kept: u32,
    ) -> Result<()>;
}
