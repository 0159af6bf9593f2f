use std::sync::Arc;
use std::time::Duration;

use super::{OutgoingWebhook, WebhookAnswer, WebhookContent, WebhookDelivery, WebhookSender, WebhookState};
use crate::notifications::tell;
use crate::{
    Action, Actor, Clock, ConversationId, IdSource, LogPage, NewNotification, NotificationKind,
    OutgoingWebhookId, PageSize, Role, Span, Store, StoreError, Timestamp, UnitOfWork, UserFilter, UserId,
    WebhookDeliveryId, WebhookEvent, WebhookReach, authorize,
};

/// How long whoever took a webhook has it for themselves. It is renewed with each page; a node that
/// stops in the middle keeps the others waiting for so long.
const TAKEN_FOR: Duration = Duration::from_secs(20);

/// How long one page may take until no more of it is sent: with the last one, which may take ten
/// seconds, it is done before the webhook is free to be taken.
const PAGE_FOR: Duration = Duration::from_secs(5);

/// Entries that are read at once.
const PAGE: u32 = 50;

/// How long a webhook rests of which something waits that the bot may not read after all.
const REST: Duration = Duration::from_mins(1);

/// A webhook that this node delivers, and no other.
#[derive(Debug)]
pub struct WebhookLease {
    webhook: OutgoingWebhookId,
    until: Timestamp,
}

/// Delivers to the receivers what waits for them.
///
/// At least once and, in each group, in order: the cursor in a group's log moves on when the receiver
/// has what comes before. What does not get through holds up its own webhook, and no other.
pub struct OutgoingWebhooks {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    sender: Arc<dyn WebhookSender>,
    reach: WebhookReach,
    notifications_kept: u32,
}

impl OutgoingWebhooks {
    /// Delivers what waits in `store`, as far as `reach` allows. Of the notifications of one person so
    /// many are kept.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        sender: Arc<dyn WebhookSender>,
        reach: WebhookReach,
        notifications_kept: u32,
    ) -> Self {
        Self { store, clock, ids, sender, reach, notifications_kept }
    }

    /// Which addresses may be named.
    pub(crate) fn reach(&self) -> &WebhookReach {
        &self.reach
    }

    /// The secret of a webhook that counts, as the receiver keeps it.
    pub fn secret(&self, webhook: &OutgoingWebhook) -> String {
        self.sender.secret(webhook.id, webhook.seeds.current)
    }

    /// The webhooks for whose receivers something waits that may be tried now.
    pub async fn due(&self) -> Result<Vec<OutgoingWebhookId>, StoreError> {
        self.store.due_outgoing_webhooks(self.clock.now()).await
    }

    /// Takes one of them for this node; nothing when another one has it.
    pub async fn take(&self, webhook: OutgoingWebhookId) -> Result<Option<WebhookLease>, StoreError> {
        let now = self.clock.now();
        let until = now.plus(TAKEN_FOR);
        let mut work = self.store.begin().await?;
        if !work.take_outgoing_webhook(webhook, now, until).await? {
            return Ok(None);
        }
        work.follow_groups(webhook).await?;
        work.commit().await?;
        Ok(Some(WebhookLease { webhook, until }))
    }

    /// Delivers the next page; whether there may be more to do right away.
    pub async fn deliver(&self, lease: &mut WebhookLease) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let found = self.store.outgoing_webhook(lease.webhook).await?;
        let ready =
            |webhook: &OutgoingWebhook| webhook.state == WebhookState::Active && webhook.due_at <= now;
        let Some(mut webhook) = found.filter(ready) else { return Ok(false) };
        let Some((conversation, after)) = self.store.webhook_backlog(webhook.id, now).await? else {
            return Ok(false);
        };
        let Some(page) = self.readable(&webhook, conversation, after).await? else {
            return self.rest(lease).await;
        };
        let (mut reached, mut sent) = (after, Vec::new());
        if page.entries.is_empty() {
            // What is there is from before the bot came in.
            reached = page.standing.last_seq;
        }
        for entry in page.entries {
            let seq = entry.seq;
            if let Some(event) = webhook.tells(&entry) {
                let delivery = self.send(&webhook, WebhookContent::Entry(event, entry)).await;
                let is_taken = delivery.answer.is_taken();
                sent.push(delivery);
                if !is_taken {
                    break;
                }
                webhook.tries = 0;
            }
            reached = seq;
            if self.clock.now().since(now) >= PAGE_FOR {
                break;
            }
        }
        self.note(lease, (conversation, reached), sent).await
    }

    /// Lets others take the webhook.
    pub async fn release(&self, lease: WebhookLease) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.hold_outgoing_webhook(lease.webhook, lease.until, self.clock.now()).await?;
        work.commit().await
    }

    /// Forgets deliveries of which nobody asks any more.
    pub async fn forget_old(&self) -> Result<(), StoreError> {
        let before = self.clock.now().minus(OutgoingWebhook::DELIVERIES_FOR);
        let webhooks = self.store.outgoing_webhooks().await?;
        if webhooks.is_empty() {
            return Ok(());
        }
        let mut work = self.store.begin().await?;
        for webhook in webhooks {
            work.prune_webhook_deliveries(webhook.id, before, OutgoingWebhook::DELIVERIES).await?;
        }
        work.commit().await
    }

    /// The next entries of a log that the bot may read; `None` when it may not read it at all.
    async fn readable(
        &self,
        webhook: &OutgoingWebhook,
        conversation: ConversationId,
        after: u64,
    ) -> Result<Option<LogPage>, StoreError> {
        let page = self.store.log(conversation, webhook.bot, Span::After(after), PAGE).await?;
        let actor = Actor { user: webhook.bot, role: Role::User };
        let now = self.clock.now();
        Ok(page.filter(|page| authorize(&actor, Action::Read, &page.standing, now).is_ok()))
    }

    /// What an entry says now, to be sent once more; `None` when the bot may not read it any more.
    pub(crate) async fn again(
        &self,
        webhook: &OutgoingWebhook,
        (conversation, seq): (ConversationId, u64),
    ) -> Result<Option<WebhookContent>, StoreError> {
        let page = self.readable(webhook, conversation, seq.saturating_sub(1)).await?;
        let entry = page.and_then(|page| page.entries.into_iter().find(|entry| entry.seq == seq));
        Ok(entry.map(|entry| WebhookContent::Entry(WebhookEvent::of(&entry), entry)))
    }

    /// Sends something, whatever comes of it.
    pub(crate) async fn send(&self, webhook: &OutgoingWebhook, content: WebhookContent) -> WebhookDelivery {
        let now = self.clock.now();
        let answer: WebhookAnswer = self.sender.send(webhook, &content, now).await;
        let (id, event) = match &content {
            WebhookContent::Test(id) => (*id, None),
            WebhookContent::Entry(event, _) => (self.delivery_id(), Some(*event)),
        };
        let attempt = webhook.tries.saturating_add(1);
        WebhookDelivery { id, webhook: webhook.id, at: now, event, place: content.place(), attempt, answer }
    }

    pub(crate) fn delivery_id(&self) -> WebhookDeliveryId {
        WebhookDeliveryId::from_uuid(self.ids.next_id())
    }

    /// Writes down what was delivered and how far that is; whether to go on.
    async fn note(
        &self,
        lease: &mut WebhookLease,
        (conversation, reached): (ConversationId, u64),
        sent: Vec<WebhookDelivery>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        let Some(before) = work.lock_outgoing_webhook(lease.webhook).await? else { return Ok(false) };
        let until = now.plus(TAKEN_FOR);
        if !work.hold_outgoing_webhook(lease.webhook, lease.until, until).await? {
            return Ok(false);
        }
        work.move_webhook_cursor(lease.webhook, conversation, reached, now).await?;
        work.insert_webhook_deliveries(&sent).await?;
        let mut webhook = before.clone();
        match sent.last() {
            Some(last) if !last.answer.is_taken() => {
                webhook.failed(&last.answer, now, last.id.as_uuid().as_u64_pair().1);
            }
            Some(_) if webhook.tries > 0 => webhook.got_through(now),
            _ => {}
        }
        if webhook != before {
            work.update_outgoing_webhook(&webhook, now).await?;
        }
        if webhook.state == WebhookState::Failed && before.state != webhook.state {
            self.tell_admins(&mut *work, webhook.bot, now).await?;
        }
        work.commit().await?;
        lease.until = until;
        Ok(webhook.state == WebhookState::Active && webhook.due_at <= now)
    }

    async fn rest(&self, lease: &WebhookLease) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        if let Some(mut webhook) = work.lock_outgoing_webhook(lease.webhook).await? {
            webhook.due_at = now.plus(REST);
            work.update_outgoing_webhook(&webhook, now).await?;
            work.commit().await?;
        }
        Ok(false)
    }

    /// Tells those who look after the server that a webhook is not tried any more.
    async fn tell_admins(
        &self,
        work: &mut dyn UnitOfWork,
        bot: UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let (filter, size) = (UserFilter { role: Some(Role::Admin), search: None }, PageSize::default());
        let kind = NotificationKind::WebhookFailed;
        let mut news = Vec::new();
        for admin in work.list_users(&filter, None, size).await?.items {
            if !work.notification_summary(admin.id).await?.settings.off.contains(kind) {
                let actor = Some(bot);
                news.push(NewNotification { user: admin.id, kind, conversation: None, seq: None, actor, at });
            }
        }
        tell(work, news, &[], self.notifications_kept).await
    }
}
