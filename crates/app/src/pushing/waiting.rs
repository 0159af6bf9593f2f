use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use parlor_domain::{ConversationId, Entry, Event, EventPublisher, Notification, PushNews};
use tokio::time::Instant;

/// How many conversations, and how many notifications, are kept in mind. What is more is not pushed;
/// it is there for whoever opens the page.
const MOST: usize = 10_000;

/// What happened lately, of which devices may have to be told.
#[derive(Default)]
pub struct WaitingNews(Mutex<State>);

#[derive(Default)]
struct State {
    messages: HashMap<ConversationId, Messages>,
    told: Vec<(Instant, Arc<Vec<Notification>>)>,
    /// How many notifications those are.
    count: usize,
    overflowed: bool,
}

/// The message that waits in a conversation, and the latest behind it: where many write, a device is
/// told now and then, and not of each message.
struct Messages {
    first: (Instant, Arc<Entry>),
    latest: Option<(Instant, Arc<Entry>)>,
}

/// Hands events on, and notes what devices may have to be told of.
pub struct Waiting {
    /// Who gets the events.
    pub publisher: Arc<dyn EventPublisher>,
    /// Where it is noted.
    pub news: Arc<WaitingNews>,
}

impl EventPublisher for Waiting {
    fn publish(&self, events: Vec<Event>) {
        self.news.note(&events);
        self.publisher.publish(events);
    }
}

impl WaitingNews {
    fn note(&self, events: &[Event]) {
        let mut state = None;
        for event in events {
            match event {
                Event::EntryAppended(entry) if entry.message().is_some() => {
                    state.get_or_insert_with(|| self.state()).note_message(entry);
                }
                Event::Notified(told) => state.get_or_insert_with(|| self.state()).note_told(told),
                _ => {}
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what happened up to this moment; `None` when there is nothing.
    pub(super) fn take(&self, until: Instant) -> Option<PushNews> {
        let mut state = self.state();
        if std::mem::take(&mut state.overflowed) {
            tracing::warn!("so much happened at once that not all devices are told of it");
        }
        let mut news = PushNews::default();
        state.messages.retain(|_, messages| messages.take(until, &mut news.messages));
        let due = state.told.partition_point(|(at, _)| *at <= until);
        news.told = state.told.drain(..due).flat_map(|(_, told)| told.to_vec()).collect();
        state.count -= news.told.len();
        (!news.messages.is_empty() || !news.told.is_empty()).then_some(news)
    }
}

impl State {
    fn note_message(&mut self, entry: &Arc<Entry>) {
        let now = (Instant::now(), Arc::clone(entry));
        if let Some(messages) = self.messages.get_mut(&entry.conversation) {
            messages.latest = Some(now);
        } else if self.messages.len() < MOST {
            self.messages.insert(entry.conversation, Messages { first: now, latest: None });
        } else {
            self.overflowed = true;
        }
    }

    fn note_told(&mut self, told: &Arc<Vec<Notification>>) {
        if self.count + told.len() > MOST {
            self.overflowed = true;
            return;
        }
        self.count += told.len();
        self.told.push((Instant::now(), Arc::clone(told)));
    }
}

impl Messages {
    /// Moves what is due; whether something is left.
    fn take(&mut self, until: Instant, due: &mut Vec<Arc<Entry>>) -> bool {
        if self.first.0 > until {
            return true;
        }
        // Of two that are due the later one is told.
        match self.latest.take() {
            Some((at, entry)) if at <= until => {
                due.push(entry);
                false
            }
            Some(latest) => {
                due.push(std::mem::replace(&mut self.first, latest).1);
                true
            }
            None => {
                due.push(Arc::clone(&self.first.1));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use parlor_domain::{
        Changes, ClientId, EntryKind, Mentions, Message, MessageBody, MessageId, NotificationId,
        NotificationKind, Timestamp, UserId,
    };
    use uuid::Uuid;

    use super::*;

    fn entry(conversation: u128, seq: u64) -> Arc<Entry> {
        let message = Message {
            id: MessageId::from_uuid(Uuid::nil()),
            client_id: ClientId::from_uuid(Uuid::nil()),
            body: MessageBody::from_stored("text".into()),
            files: Vec::new(),
            reply_to: None,
            forwarded: None,
            thread: None,
            replies: None,
            mentions: Mentions::default(),
            changes: Changes::default(),
        };
        Arc::new(Entry {
            conversation: ConversationId::from_uuid(Uuid::from_u128(conversation)),
            seq,
            actor: None,
            created_at: Timestamp::from_millis(0),
            kind: EntryKind::Message(message),
        })
    }

    fn told() -> Event {
        Event::Notified(Arc::new(vec![Notification {
            id: NotificationId::from_uuid(Uuid::nil()),
            user: UserId::from_uuid(Uuid::nil()),
            kind: NotificationKind::Mention,
            conversation: None,
            actor: None,
            at: Timestamp::from_millis(0),
            read: false,
            entry: None,
        }]))
    }

    async fn pass(seconds: u64) -> Instant {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        Instant::now()
    }

    fn seqs(news: Option<PushNews>) -> Vec<u64> {
        let mut seqs: Vec<_> = news.unwrap_or_default().messages.iter().map(|entry| entry.seq).collect();
        seqs.sort_unstable();
        seqs
    }

    #[tokio::test(start_paused = true)]
    async fn where_many_write_one_message_is_told_now_and_then() {
        let news = WaitingNews::default();
        let begin = Instant::now();
        news.note(&[Event::EntryAppended(entry(1, 1)), Event::EntryAppended(entry(2, 9))]);
        let second = pass(1).await;
        news.note(&[Event::EntryAppended(entry(1, 2))]);
        news.note(&[Event::EntryAppended(entry(1, 3))]);
        assert_eq!(seqs(news.take(begin)), [1, 9], "what is too fresh waits");
        assert!(news.take(begin).is_none());
        assert_eq!(seqs(news.take(second)), [3]);
        assert!(news.take(pass(9).await).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn of_several_that_are_due_the_latest_is_told() {
        let news = WaitingNews::default();
        news.note(&[1, 2, 3].map(|seq| Event::EntryAppended(entry(1, seq))));
        assert_eq!(seqs(news.take(Instant::now())), [3]);
        assert!(news.take(Instant::now()).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_is_kept_in_mind_than_there_is_room_for() {
        let news = WaitingNews::default();
        for number in 0..MOST + 5 {
            news.note(&[Event::EntryAppended(entry(number as u128, 1)), told()]);
        }
        let taken = news.take(Instant::now()).unwrap();
        assert_eq!((taken.messages.len(), taken.told.len()), (MOST, MOST));
        news.note(&[told()]);
        assert_eq!(news.take(Instant::now()).unwrap().told.len(), 1, "there is room again");
    }
}
