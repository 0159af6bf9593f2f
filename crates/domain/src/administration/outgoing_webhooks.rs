use std::collections::BTreeSet;

use thiserror::Error;

use super::{AdminError, Administration, Administrator};
use crate::{
    AuditAction, AuditChange, AuditTarget, ConversationId, GroupId, InvalidText, OutgoingWebhook,
    OutgoingWebhookId, OutgoingWebhooks, Page, PageSize, StoreError, TokenName, UnitOfWork, UserId,
    WebhookAddress, WebhookContent, WebhookDelivery, WebhookDeliveryId, WebhookEvent, WebhookEvents,
    WebhookReach, WebhookSeeds, WebhookState,
};

/// The webhook that somebody wants, as they typed it.
#[derive(Debug, Clone)]
pub struct OutgoingWebhookForm {
    /// What they call it.
    pub name: String,
    /// Where it is received.
    pub url: String,
    /// Of what is told.
    pub events: WebhookEvents,
    /// Of which of the bot's groups; `None` means all, those that it comes into later, too.
    pub groups: Option<Vec<GroupId>>,
}

/// Why a webhook was not made, changed or used.
#[derive(Debug, Error)]
pub enum OutgoingWebhookError {
    /// The name or the address is not acceptable.
    #[error("not acceptable")]
    Invalid(Vec<InvalidText>),
    /// One that tells nothing is none.
    #[error("choose at least one event")]
    NoEvents,
    /// One that tells of no group is none.
    #[error("choose at least one group, or all")]
    NoGroups,
    /// There are as many as there may be.
    #[error("there are {} outgoing webhooks; delete one first", OutgoingWebhook::MAX)]
    TooMany,
    /// There is no such webhook.
    #[error("there is no such webhook")]
    NoSuchWebhook,
    /// Nothing of that kind was sent, or it is forgotten.
    #[error("there is no such delivery, or it was too long ago")]
    NoSuchDelivery,
    /// What was told is not there for the bot any more.
    #[error("the bot may not read this any more")]
    Unreadable,
}

/// A form whose texts were looked at.
struct Accepted {
    name: TokenName,
    address: WebhookAddress,
    events: WebhookEvents,
    groups: Option<Vec<GroupId>>,
}

impl OutgoingWebhookForm {
    fn accept(&self, reach: &WebhookReach) -> Result<Accepted, OutgoingWebhookError> {
        let (name, address) = (TokenName::parse(&self.name), WebhookAddress::parse(&self.url, reach));
        let (name, address) = match (name, address) {
            (Ok(name), Ok(address)) => (name, address),
            (name, address) => {
                let wrong = [name.err(), address.err()].into_iter().flatten().collect();
                return Err(OutgoingWebhookError::Invalid(wrong));
            }
        };
        if self.events.is_empty() {
            return Err(OutgoingWebhookError::NoEvents);
        }
        let each: Option<BTreeSet<GroupId>> =
            self.groups.as_ref().map(|groups| groups.iter().copied().collect());
        if each.as_ref().is_some_and(BTreeSet::is_empty) {
            return Err(OutgoingWebhookError::NoGroups);
        }
        let groups = each.map(|groups| groups.into_iter().collect());
        Ok(Accepted { name, address, events: self.events, groups })
    }
}

impl Administration {
    /// All outgoing webhooks, the newest first.
    pub async fn outgoing_webhooks(&self, by: &Administrator) -> Result<Vec<OutgoingWebhook>, AdminError> {
        by.authorize()?;
        Ok(self.store.outgoing_webhooks().await?)
    }

    /// One of them.
    pub async fn outgoing_webhook(
        &self,
        by: &Administrator,
        id: OutgoingWebhookId,
    ) -> Result<OutgoingWebhook, AdminError> {
        by.authorize()?;
        Ok(self.store.outgoing_webhook(id).await?.ok_or(OutgoingWebhookError::NoSuchWebhook)?)
    }

    /// Makes an outgoing webhook of a bot, and its secret, which nobody learns again.
    pub async fn make_outgoing_webhook(
        &self,
        by: &Administrator,
        webhooks: &OutgoingWebhooks,
        bot: UserId,
        form: &OutgoingWebhookForm,
    ) -> Result<(OutgoingWebhook, String), AdminError> {
        self.confirmed(by).await?;
        let accepted = form.accept(webhooks.reach())?;
        let mut work = self.begin(by).await?;
        if !super::people::active_user(&mut *work, bot).await?.bot {
            return Err(AdminError::NotABot);
        }
        if work.outgoing_webhooks().await?.len() >= OutgoingWebhook::MAX {
            return Err(OutgoingWebhookError::TooMany.into());
        }
        is_in_all(&*work, bot, accepted.groups.as_deref()).await?;
        let now = self.clock.now();
        let webhook = OutgoingWebhook {
            id: OutgoingWebhookId::from_uuid(self.ids.next_id()),
            bot,
            name: accepted.name,
            address: accepted.address,
            events: accepted.events,
            groups: accepted.groups,
            seeds: WebhookSeeds { current: self.ids.next_id(), previous: None },
            state: WebhookState::Active,
            tries: 0,
            failing_since: None,
            due_at: now,
            created_at: now,
        };
        work.insert_outgoing_webhook(&webhook).await?;
        let changes = changes(None, Some(&webhook));
        self.note_webhook(&mut *work, by, AuditAction::OutgoingWebhookMade, &webhook, changes).await?;
        work.commit().await?;
        let secret = webhooks.secret(&webhook);
        Ok((webhook, secret))
    }

    /// Changes what an outgoing webhook is called, where it leads, and what it tells.
    pub async fn change_outgoing_webhook(
        &self,
        by: &Administrator,
        webhooks: &OutgoingWebhooks,
        id: OutgoingWebhookId,
        form: &OutgoingWebhookForm,
    ) -> Result<OutgoingWebhook, AdminError> {
        self.confirmed(by).await?;
        let Accepted { name, address, events, groups } = form.accept(webhooks.reach())?;
        let mut work = self.begin(by).await?;
        let before = locked(&mut *work, id).await?;
        is_in_all(&*work, before.bot, groups.as_deref()).await?;
        let webhook = OutgoingWebhook { name, address, events, groups, ..before.clone() };
        self.change_webhook(work, by, &before, webhook).await
    }

    /// Keeps an outgoing webhook from delivering; what happens meanwhile waits in the logs.
    pub async fn pause_outgoing_webhook(
        &self,
        by: &Administrator,
        id: OutgoingWebhookId,
    ) -> Result<OutgoingWebhook, AdminError> {
        let mut work = self.begin(by).await?;
        let before = locked(&mut *work, id).await?;
        let webhook = OutgoingWebhook { state: WebhookState::Paused, ..before.clone() };
        self.change_webhook(work, by, &before, webhook).await
    }

    /// Lets an outgoing webhook go on where it stopped, or, when it `skips`, with what happens from now
    /// on.
    pub async fn resume_outgoing_webhook(
        &self,
        by: &Administrator,
        id: OutgoingWebhookId,
        skips: bool,
    ) -> Result<OutgoingWebhook, AdminError> {
        let mut work = self.begin(by).await?;
        let before = locked(&mut *work, id).await?;
        if skips {
            work.follow_groups(id).await?;
            work.skip_webhook_backlog(id).await?;
        }
        let mut webhook = before.clone();
        webhook.resume(self.clock.now());
        self.change_webhook(work, by, &before, webhook).await
    }

    /// Deletes an outgoing webhook; what waits for it is not told.
    pub async fn delete_outgoing_webhook(
        &self,
        by: &Administrator,
        id: OutgoingWebhookId,
    ) -> Result<(), AdminError> {
        let mut work = self.begin(by).await?;
        let webhook = locked(&mut *work, id).await?;
        work.delete_outgoing_webhook(id).await?;
        let changes = changes(Some(&webhook), None);
        self.note_webhook(&mut *work, by, AuditAction::OutgoingWebhookDeleted, &webhook, changes).await?;
        Ok(work.commit().await?)
    }

    /// Gives an outgoing webhook another secret, which nobody learns again. For a day it signs with the
    /// one before as well.
    pub async fn replace_webhook_secret(
        &self,
        by: &Administrator,
        webhooks: &OutgoingWebhooks,
        id: OutgoingWebhookId,
    ) -> Result<(OutgoingWebhook, String), AdminError> {
        self.confirmed(by).await?;
        let mut work = self.begin(by).await?;
        let mut webhook = locked(&mut *work, id).await?;
        let now = self.clock.now();
        let previous = Some((webhook.seeds.current, now.plus(WebhookSeeds::BOTH_FOR)));
        webhook.seeds = WebhookSeeds { current: self.ids.next_id(), previous };
        work.update_outgoing_webhook(&webhook, now).await?;
        let named = vec![named(&webhook)];
        self.note_webhook(&mut *work, by, AuditAction::WebhookSecretReplaced, &webhook, named).await?;
        work.commit().await?;
        let secret = webhooks.secret(&webhook);
        Ok((webhook, secret))
    }

    /// What an outgoing webhook sent, the latest first.
    pub async fn webhook_deliveries(
        &self,
        by: &Administrator,
        id: OutgoingWebhookId,
        after: Option<WebhookDeliveryId>,
        size: PageSize,
    ) -> Result<Page<WebhookDelivery>, AdminError> {
        self.outgoing_webhook(by, id).await?;
        let found = self.store.webhook_deliveries(id, after, size.get() + 1).await?;
        Ok(Page::from_overfetched(found, size, |delivery| delivery.id.to_string()))
    }

    /// Sends something that tells nothing, to see whether it arrives.
    pub async fn test_outgoing_webhook(
        &self,
        by: &Administrator,
        webhooks: &OutgoingWebhooks,
        id: OutgoingWebhookId,
    ) -> Result<WebhookDelivery, AdminError> {
        let webhook = self.outgoing_webhook(by, id).await?;
        let content = WebhookContent::Test(webhooks.delivery_id());
        self.send_by_hand(by, webhooks, &webhook, content).await
    }

    /// Sends once more what was sent, as it is now.
    pub async fn send_again(
        &self,
        by: &Administrator,
        webhooks: &OutgoingWebhooks,
        id: OutgoingWebhookId,
        delivery: WebhookDeliveryId,
    ) -> Result<WebhookDelivery, AdminError> {
        let webhook = self.outgoing_webhook(by, id).await?;
        let sent = self.store.webhook_delivery(delivery).await?.filter(|sent| sent.webhook == id);
        let content = match sent.ok_or(OutgoingWebhookError::NoSuchDelivery)?.place {
            Some(place) => webhooks.again(&webhook, place).await?.ok_or(OutgoingWebhookError::Unreadable)?,
            None => WebhookContent::Test(webhooks.delivery_id()),
        };
        self.send_by_hand(by, webhooks, &webhook, content).await
    }

    /// Sends something at once, and writes down that and by whom.
    async fn send_by_hand(
        &self,
        by: &Administrator,
        webhooks: &OutgoingWebhooks,
        webhook: &OutgoingWebhook,
        content: WebhookContent,
    ) -> Result<WebhookDelivery, AdminError> {
        // Sending takes too long to hold the writer's turn.
        drop(self.begin(by).await?);
        let delivery = webhooks.send(webhook, content).await;
        let mut work = self.begin(by).await?;
        let webhook = locked(&mut *work, webhook.id).await?;
        work.insert_webhook_deliveries(std::slice::from_ref(&delivery)).await?;
        let what = delivery.event.map_or("test", WebhookEvent::word);
        let sent = AuditChange::of_text("event", None, Some(what));
        let changes = [Some(named(&webhook)), sent].into_iter().flatten().collect();
        self.note_webhook(&mut *work, by, AuditAction::WebhookSentByHand, &webhook, changes).await?;
        work.commit().await?;
        Ok(delivery)
    }

    async fn change_webhook(
        &self,
        mut work: Box<dyn UnitOfWork>,
        by: &Administrator,
        before: &OutgoingWebhook,
        webhook: OutgoingWebhook,
    ) -> Result<OutgoingWebhook, AdminError> {
        work.update_outgoing_webhook(&webhook, self.clock.now()).await?;
        let mut changes = changes(Some(before), Some(&webhook));
        if changes.iter().all(|change| change.field != "name") {
            changes.insert(0, named(&webhook));
        }
        self.note_webhook(&mut *work, by, AuditAction::OutgoingWebhookChanged, &webhook, changes).await?;
        work.commit().await?;
        Ok(webhook)
    }

    async fn note_webhook(
        &self,
        work: &mut dyn UnitOfWork,
        by: &Administrator,
        action: AuditAction,
        webhook: &OutgoingWebhook,
        changes: Vec<AuditChange>,
    ) -> Result<(), StoreError> {
        let target = Some(AuditTarget::User(webhook.bot));
        self.scribe.note(work, by.doer(), action, target, changes).await
    }
}

async fn locked(work: &mut dyn UnitOfWork, id: OutgoingWebhookId) -> Result<OutgoingWebhook, AdminError> {
    Ok(work.lock_outgoing_webhook(id).await?.ok_or(OutgoingWebhookError::NoSuchWebhook)?)
}

/// Makes sure that a bot is in each of these groups.
async fn is_in_all(work: &dyn UnitOfWork, bot: UserId, groups: Option<&[GroupId]>) -> Result<(), AdminError> {
    let groups = groups.unwrap_or_default();
    let pairs: Vec<_> = groups.iter().map(|group| (ConversationId::from(*group), bot)).collect();
    let standings = work.standings(&pairs).await?;
    let inside = standings.iter().filter(|standing| standing.group.is_some() && standing.role.is_some());
    if inside.count() < groups.len() { Err(AdminError::BotNotInGroup) } else { Ok(()) }
}

/// Which webhook it is about.
fn named(webhook: &OutgoingWebhook) -> AuditChange {
    let name = Some(crate::AuditValue::Text(webhook.name.to_string()));
    AuditChange { field: "webhook".to_owned(), before: None, after: name }
}

/// What is different. Of the address what comes behind the machine is left out: it may be what lets
/// one write there.
fn changes(before: Option<&OutgoingWebhook>, after: Option<&OutgoingWebhook>) -> Vec<AuditChange> {
    let of = |field, text: &dyn Fn(&OutgoingWebhook) -> String| {
        let (before, after) = (before.map(text), after.map(text));
        AuditChange::of_text(field, before.as_deref(), after.as_deref())
    };
    let events = |webhook: &OutgoingWebhook| {
        webhook.events.iter().map(WebhookEvent::word).collect::<Vec<_>>().join(", ")
    };
    let groups = |webhook: &OutgoingWebhook| match &webhook.groups {
        None => "all".to_owned(),
        Some(groups) => groups.iter().map(GroupId::to_string).collect::<Vec<_>>().join(", "),
    };
    let all = [
        of("name", &|webhook| webhook.name.to_string()),
        of("url", &|webhook| webhook.address.web().origin().to_owned()),
        of("events", &events),
        of("groups", &groups),
        of("state", &|webhook| webhook.state.word().to_owned()),
    ];
    all.into_iter().flatten().collect()
}
