//! Keeps the index for searching, in the background.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use parlor_domain::{ConversationId, Event, EventPublisher, Indexing, Progress, StoreError};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// How long what is written collects before it is indexed.
const GATHER: Duration = Duration::from_millis(100);

/// How often all logs are looked at: those of a node that stopped in the middle, too.
const LOOK: Duration = Duration::from_mins(1);

/// How long to wait when the store does not answer, or another node is at it.
const AGAIN: Duration = Duration::from_secs(2);

/// How many conversations are kept in mind; when there are more, all logs are looked at.
const MOST: usize = 10_000;

/// From how many entries on that were written during a slice people count as busy writing.
const BUSY: u64 = 20;

/// While people write, indexing rests this many times as long as it worked, so that they keep nine
/// tenths of the time.
const REST: u32 = 9;

/// Which conversations have something new.
#[derive(Default)]
pub struct Written {
    /// Each with how many entries there were before its first one.
    conversations: Mutex<HashMap<ConversationId, u64>>,
    /// How many entries there were.
    entries: AtomicU64,
    bell: Notify,
}

impl Written {
    fn note(&self, conversation: ConversationId) {
        let before = self.entries.fetch_add(1, Ordering::Relaxed);
        let mut conversations = self.conversations.lock().unwrap_or_else(PoisonError::into_inner);
        if conversations.len() < MOST && !conversations.contains_key(&conversation) {
            conversations.insert(conversation, before);
            self.bell.notify_one();
        }
    }

    /// The conversations in the order in which something was written there first, because hits are
    /// found in the order of indexing.
    fn take(&self) -> Vec<ConversationId> {
        let taken = std::mem::take(&mut *self.conversations.lock().unwrap_or_else(PoisonError::into_inner));
        let mut taken: Vec<_> = taken.into_iter().collect();
        taken.sort_unstable_by_key(|(_, before)| *before);
        taken.into_iter().map(|(conversation, _)| conversation).collect()
    }
}

/// Hands events on, and notes where something was written.
pub struct Noting {
    /// Who gets the events.
    pub publisher: Arc<dyn EventPublisher>,
    /// Where it is noted.
    pub written: Arc<Written>,
}

impl EventPublisher for Noting {
    fn publish(&self, events: Vec<Event>) {
        for event in &events {
            if let Event::EntryAppended(entry) = event {
                self.written.note(entry.conversation);
            }
        }
        self.publisher.publish(events);
    }
}

/// Indexes what there is, and from then on what is written, for as long as it is run.
pub async fn run(indexing: Indexing, written: Arc<Written>) {
    loop {
        match slice(&written, indexing.rebuild()).await {
            Some(Progress::Done) => break,
            Some(Progress::More) => {}
            Some(Progress::Elsewhere) | None => sleep(AGAIN).await,
        }
    }
    let mut looked: Option<Instant> = None;
    loop {
        let mut conversations = written.take();
        let is_full = conversations.len() >= MOST;
        if is_full || looked.is_none_or(|looked| looked.elapsed() >= LOOK) {
            conversations.extend(behind(&indexing).await);
            looked = Some(Instant::now());
        }
        for conversation in conversations {
            follow(&indexing, &written, conversation).await;
        }
        if timeout(LOOK, written.bell.notified()).await.is_ok() {
            sleep(GATHER).await;
        }
    }
}

/// Indexes one log to its end. What fails is tried again with what is written next.
async fn follow(indexing: &Indexing, written: &Written, conversation: ConversationId) {
    loop {
        match slice(written, indexing.follow(conversation)).await {
            Some(Progress::More) => {}
            // The other node goes on to the end.
            Some(Progress::Done | Progress::Elsewhere) => return,
            None => {
                sleep(AGAIN).await;
                return written.note(conversation);
            }
        }
    }
}

/// Does one slice and rests; `None` when it failed.
async fn slice(
    written: &Written,
    slice: impl Future<Output = Result<Progress, StoreError>>,
) -> Option<Progress> {
    let (begun, entries) = (Instant::now(), written.entries.load(Ordering::Relaxed));
    let progress = match slice.await {
        Ok(progress) => progress,
        // In maintenance nothing is written, and nobody needs to be told.
        Err(StoreError::ReadOnly(_)) => return None,
        Err(error) => {
            tracing::warn!(%error, "messages could not be indexed for searching; trying again");
            return None;
        }
    };
    let took = begun.elapsed();
    let busy = written.entries.load(Ordering::Relaxed) - entries >= BUSY;
    if busy {
        // Also at the end of a log, because the next one follows at once.
        sleep(took * REST).await;
    } else if progress == Progress::More {
        sleep(took / REST).await;
    }
    Some(progress)
}

async fn behind(indexing: &Indexing) -> Vec<ConversationId> {
    let limit = u32::try_from(MOST).unwrap_or(u32::MAX);
    indexing.behind(limit).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "it could not be found out what is to be indexed for searching");
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlor_domain::ConversationId;
    use uuid::Uuid;

    #[tokio::test]
    async fn what_is_written_rings_once_and_is_taken_once() {
        let written = Written::default();
        let id = |number| ConversationId::from_uuid(Uuid::from_u128(number));
        for number in [2, 1, 2, 1] {
            written.note(id(number));
        }
        written.bell.notified().await;
        assert_eq!(written.take(), vec![id(2), id(1)]);
        assert!(written.take().is_empty());
        assert_eq!(written.entries.load(Ordering::Relaxed), 4);
    }

    #[test]
    fn no_more_is_kept_in_mind_than_there_is_room_for() {
        let written = Written::default();
        for number in 0..MOST + 10 {
            written.note(ConversationId::from_uuid(Uuid::from_u128(number as u128)));
        }
        assert_eq!(written.take().len(), MOST);
    }
}
