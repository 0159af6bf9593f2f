//! Outgoing webhooks: programs elsewhere are told of what happens where a bot is.
//!
//! Nothing is noted for them while people write. Each webhook has a cursor in the log of each group
//! that it follows, so that what could not be delivered waits there, in order, over restarts and on
//! whichever node.

mod address;
mod delivering;
mod events;
mod sending;

use std::time::Duration;

pub use address::{WebhookAddress, WebhookReach};
pub use delivering::{OutgoingWebhooks, WebhookLease};
pub use events::{WebhookEvent, WebhookEvents};
pub use sending::{WebhookAnswer, WebhookContent, WebhookDelivery, WebhookSender};
use uuid::Uuid;

use crate::{Entry, GroupId, OutgoingWebhookId, Timestamp, TokenName, UserId};

/// The pause after the first try that failed; three times as long after each further one.
const PAUSE: Duration = Duration::from_secs(2);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// How long nothing may get through until nobody tries any more.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(24);

/// Whether something is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WebhookState {
    /// As soon as it happens.
    Active,
    /// Not until an admin lets it go on: one paused it.
    Paused,
    /// Not until an admin lets it go on: nothing got through for a day, or there is nobody any more.
    Failed,
}

impl WebhookState {
    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::Failed => "failed",
        }
    }
}

/// What the secrets of a webhook are made from, with a key that is not in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WebhookSeeds {
    /// The one that counts.
    pub current: Uuid,
    /// The one before, and until when it is signed with as well.
    pub previous: Option<(Uuid, Timestamp)>,
}

impl WebhookSeeds {
    /// How long both are signed with after a change, so that the receiver can be changed meanwhile.
    pub const BOTH_FOR: Duration = Duration::from_hours(24);

    /// Those that are signed with at this moment, the one that counts first.
    pub fn at(&self, now: Timestamp) -> impl Iterator<Item = Uuid> {
        let previous = self.previous.filter(|(_, until)| now < *until).map(|(seed, _)| seed);
        [Some(self.current), previous].into_iter().flatten()
    }
}

/// An address that is told of what happens where a bot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingWebhook {
    /// Its id.
    pub id: OutgoingWebhookId,
    /// The bot. What it may not read is not told.
    pub bot: UserId,
    /// What admins call it.
    pub name: TokenName,
    /// Where it is received.
    pub address: WebhookAddress,
    /// Of what is told.
    pub events: WebhookEvents,
    /// Of which of the bot's groups; `None` means all, those that it comes into later, too.
    pub groups: Option<Vec<GroupId>>,
    /// What its secrets are made from.
    pub seeds: WebhookSeeds,
    /// Whether something is delivered.
    pub state: WebhookState,
    /// How often something was tried since it got through last.
    pub tries: u32,
    /// Since when nothing gets through.
    pub failing_since: Option<Timestamp>,
    /// Before this moment nothing is tried.
    pub due_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl OutgoingWebhook {
    /// The most that there are: each may wait for its receiver without holding up another.
    pub const MAX: usize = 100;

    /// How long deliveries are kept in mind.
    pub const DELIVERIES_FOR: Duration = Duration::from_hours(7 * 24);

    /// The most deliveries of one webhook that are kept in mind.
    pub const DELIVERIES: u32 = 500;

    /// What this entry is to the receiver; `None` when it is not told of it. What the bot did itself
    /// is not told, so that a program that answers does not answer itself.
    pub fn tells(&self, entry: &Entry) -> Option<WebhookEvent> {
        let event = WebhookEvent::of(entry);
        (self.events.contains(event) && entry.actor != Some(self.bot)).then_some(event)
    }

    /// Something got through.
    pub(crate) fn got_through(&mut self, now: Timestamp) {
        self.tries = 0;
        self.failing_since = None;
        self.due_at = now;
    }

    /// Something did not get through. It is tried again after a pause, which `chance`, any number,
    /// makes a little longer or shorter, so that not everybody comes back at once.
    pub(crate) fn failed(&mut self, answer: &WebhookAnswer, now: Timestamp, chance: u64) {
        let since = *self.failing_since.get_or_insert(now);
        self.tries = self.tries.saturating_add(1);
        let is_over = answer.is_gone() || now.since(since) >= GIVEN_UP_AFTER;
        if self.state == WebhookState::Active && is_over {
            self.state = WebhookState::Failed;
        }
        let pause = PAUSE.saturating_mul(3_u32.saturating_pow(self.tries - 1)).min(LONGEST_PAUSE);
        let asked = answer.retry_after.unwrap_or_default().min(LONGEST_PAUSE);
        // Between three and five quarters.
        let percent = u32::try_from(75 + chance % 51).unwrap_or(100);
        self.due_at = now.plus((pause * percent / 100).max(asked));
    }

    /// Something is delivered again, beginning now.
    pub(crate) fn resume(&mut self, now: Timestamp) {
        self.state = WebhookState::Active;
        self.got_through(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ConversationId, EntryKind};

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const BOT: UserId = UserId::from_uuid(Uuid::from_u128(7));

    fn webhook() -> OutgoingWebhook {
        OutgoingWebhook {
            id: OutgoingWebhookId::from_uuid(Uuid::nil()),
            bot: BOT,
            name: TokenName::from_stored("tickets".into()),
            address: WebhookAddress::from_stored("https://hooks.example.org/x").unwrap(),
            events: WebhookEvents::of(&[WebhookEvent::MemberJoined]),
            groups: None,
            seeds: WebhookSeeds { current: Uuid::from_u128(1), previous: None },
            state: WebhookState::Active,
            tries: 0,
            failing_since: None,
            due_at: NOW,
            created_at: NOW,
        }
    }

    fn answer(status: u16) -> WebhookAnswer {
        WebhookAnswer { status: Some(status), ..WebhookAnswer::default() }
    }

    #[test]
    fn the_pauses_grow_to_an_hour_and_after_a_day_nobody_tries_any_more() {
        let (mut webhook, mut now, mut pauses) = (webhook(), NOW, Vec::new());
        while webhook.state == WebhookState::Active {
            webhook.failed(&answer(500), now, 25);
            pauses.push(webhook.due_at.since(now).as_secs());
            now = webhook.due_at;
        }
        assert_eq!(pauses[..8], [2, 6, 18, 54, 162, 486, 1_458, 3_600]);
        assert_eq!((webhook.state, webhook.failing_since), (WebhookState::Failed, Some(NOW)));
        assert!((24..26).contains(&(now.since(NOW).as_secs() / 3_600)), "{pauses:?}");
        webhook.resume(now);
        assert_eq!((webhook.state, webhook.tries, webhook.due_at), (WebhookState::Active, 0, now));
    }

    #[test]
    fn chance_moves_a_pause_by_a_quarter_and_a_receiver_may_ask_for_a_longer_one() {
        let pause = |chance, asked: Option<u64>| {
            let mut webhook = OutgoingWebhook { tries: 5, ..webhook() };
            let retry_after = asked.map(Duration::from_secs);
            webhook.failed(&WebhookAnswer { retry_after, ..answer(503) }, NOW, chance);
            webhook.due_at.since(NOW).as_millis()
        };
        assert_eq!((pause(0, None), pause(50, None)), (364_500, 607_500));
        assert_eq!(pause(0, Some(1_000)), 1_000_000);
        assert_eq!(pause(0, Some(1)), 364_500);
        assert_eq!(pause(0, Some(1_000_000)), 3_600_000);
    }

    #[test]
    fn a_receiver_that_is_gone_is_not_tried_again_and_a_paused_one_stays_paused() {
        let mut gone = webhook();
        gone.failed(&answer(410), NOW, 0);
        assert_eq!(gone.state, WebhookState::Failed);
        let mut paused = OutgoingWebhook { state: WebhookState::Paused, ..webhook() };
        paused.failed(&answer(410), NOW, 0);
        assert_eq!(paused.state, WebhookState::Paused);
    }

    #[test]
    fn what_was_not_chosen_and_what_the_bot_did_is_not_told() {
        let entry = |kind, actor| Entry {
            conversation: ConversationId::from_uuid(Uuid::nil()),
            seq: 1,
            actor,
            created_at: NOW,
            kind,
        };
        let somebody = Some(UserId::from_uuid(Uuid::from_u128(8)));
        let told = |kind, actor| webhook().tells(&entry(kind, actor));
        assert_eq!(told(EntryKind::Join(BOT), somebody), Some(WebhookEvent::MemberJoined));
        assert_eq!(told(EntryKind::Join(BOT), Some(BOT)), None);
        assert_eq!(told(EntryKind::Leave(BOT), somebody), None);
    }

    #[test]
    fn after_a_change_both_secrets_count_for_a_while() {
        let (old, new) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let seeds = WebhookSeeds { current: new, previous: Some((old, NOW)) };
        assert_eq!(seeds.at(NOW.minus(Duration::from_millis(1))).collect::<Vec<_>>(), [new, old]);
        assert_eq!(seeds.at(NOW).collect::<Vec<_>>(), [new]);
    }
}
