use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor_domain::{Bus, ConversationId, EntryKind, Event, NodeId};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::bell::{self, Bell};

/// The least time between two rings. What comes meanwhile is rung together.
const EVERY: Duration = Duration::from_millis(10);

/// Logs, and other bells, that may wait. Full: they are dropped, and the other nodes are told to
/// look for themselves.
const WAITING: usize = 4_096;

/// Rings on the other nodes when something was committed here.
#[derive(Debug)]
pub(crate) struct Ringer {
    node: NodeId,
    waiting: Mutex<Waiting>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    /// How far logs reach: only the last place counts.
    heads: HashMap<ConversationId, u64>,
    bells: Vec<Bell>,
    dropped: bool,
}

impl Ringer {
    pub(crate) fn new(node: NodeId) -> Arc<Self> {
        Arc::new(Self { node, waiting: Mutex::default(), filled: Notify::new() })
    }

    /// Rings soon for everything that was committed. Returns at once.
    pub(crate) fn announce(&self, events: &[Event]) {
        let mut waiting = self.waiting();
        for event in events {
            waiting.note(event);
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Rings soon. Returns at once.
    pub(crate) fn ring(&self, bell: Bell) {
        self.waiting().push(bell);
        self.filled.notify_one();
    }

    /// Rings for as long as it is run.
    pub(crate) async fn run(self: Arc<Self>, bus: Arc<dyn Bus>) {
        let mut cut = false;
        loop {
            self.filled.notified().await;
            let began = Instant::now();
            let bells = std::mem::take(&mut *self.waiting()).into_bells();
            let rung = bus.ring(&bell::write(self.node, &bells)).await;
            match rung {
                Ok(()) if cut => {
                    cut = false;
                    tracing::info!("the other nodes are rung again");
                }
                Ok(()) => {}
                Err(error) => {
                    if !cut {
                        tracing::warn!(error = %chain(&error), "the other nodes are not rung; they look for themselves");
                    }
                    cut = true;
                    self.waiting().dropped = true;
                }
            }
            tokio::time::sleep_until(began + EVERY).await;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error with what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

impl Waiting {
    fn note(&mut self, event: &Event) {
        match event {
            Event::EntryAppended(entry) => {
                if self.heads.len() >= WAITING {
                    self.dropped = true;
                    return;
                }
                let head = self.heads.entry(entry.conversation).or_default();
                *head = entry.seq.max(*head);
                if let EntryKind::Join(user) = entry.kind {
                    self.push(Bell::joined(user, entry.conversation));
                }
            }
            Event::ConversationOpened { conversation, members } => {
                for user in members {
                    self.push(Bell::joined(*user, *conversation));
                }
            }
            Event::CursorMoved { conversation, user, cursor, peer } => {
                self.push(Bell::cursor(*conversation, *user, *cursor, *peer));
            }
            Event::Notified(told) => Bell::notified(told).into_iter().for_each(|bell| self.push(bell)),
            Event::NotificationsChanged(user) => self.push(Bell::Centre(user.as_uuid())),
            Event::PreferencesChanged { conversation, user } => {
                self.push(Bell::Preferences(conversation.as_uuid(), user.as_uuid()));
            }
            Event::GroupChanged(group) => self.push(Bell::group(group.id)),
            Event::PersonalChanged { user, what } => self.push(Bell::personal(*user, *what)),
            Event::UserChanged(user) => self.push(Bell::User(user.id.as_uuid())),
            Event::ViewChanged(viewer) => self.push(Bell::View(viewer.user.as_uuid())),
            Event::SessionEnded { session, user, reason } => {
                self.push(Bell::session(*session, *user, *reason));
            }
        }
    }

    fn push(&mut self, bell: Bell) {
        if self.bells.len() < WAITING {
            self.bells.push(bell);
        } else {
            self.dropped = true;
        }
    }

    fn into_bells(self) -> Vec<Bell> {
        let heads = self.heads.into_iter().map(|(conversation, head)| Bell::log(conversation, head));
        // Logs last: whoever came into one knows of it by then.
        let missed = self.dropped.then_some(Bell::Missed);
        self.bells.into_iter().chain(heads).chain(missed).collect()
    }
}
