use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use parlor_domain::{Event, EventPublisher};
use tokio::sync::mpsc;

use crate::nodes::Ringer;
use crate::settings::Settings;

/// Where events come in from the store.
///
/// It is made before the store, which needs a publisher when it is opened, and connected by
/// [`Realtime::start`](crate::Realtime::start), which needs the store. It returns at once: so many
/// units of work wait for the fan-out, and when there are more, their events are dropped and every
/// connection is told to look for itself.
#[derive(Debug)]
pub struct Inlet {
    sender: mpsc::Sender<Vec<Event>>,
    overflowed: AtomicBool,
    /// How the other nodes are rung, when there are others.
    ringer: OnceLock<Arc<Ringer>>,
    receiver: Mutex<Option<mpsc::Receiver<Vec<Event>>>>,
}

/// Where they come out.
pub(crate) struct Outlet {
    receiver: mpsc::Receiver<Vec<Event>>,
    inlet: Arc<Inlet>,
}

impl Inlet {
    /// An inlet that collects what is committed before the stream starts.
    pub fn new(settings: &Settings) -> Arc<Self> {
        let (sender, receiver) = mpsc::channel(settings.events_waiting.max(1));
        Arc::new(Self {
            sender,
            overflowed: AtomicBool::new(false),
            ringer: OnceLock::new(),
            receiver: Mutex::new(Some(receiver)),
        })
    }

    /// From now on the other nodes are rung, too.
    pub(crate) fn ring_with(&self, ringer: Arc<Ringer>) {
        // The stream is started once for each inlet; a second ringer could only be a fault.
        let _ = self.ringer.set(ringer);
    }

    /// The other end; `None` when somebody has it already.
    pub(crate) fn outlet(self: &Arc<Self>) -> Option<Outlet> {
        let receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner).take()?;
        Some(Outlet { receiver, inlet: Arc::clone(self) })
    }
}

impl EventPublisher for Inlet {
    fn publish(&self, events: Vec<Event>) {
        if let Some(ringer) = self.ringer.get() {
            ringer.announce(&events);
        }
        if !events.is_empty() && self.sender.try_send(events).is_err() {
            self.overflowed.store(true, Ordering::Release);
        }
    }
}

impl Outlet {
    /// Waits for events, and puts up to `most` units of work into `buffer`.
    pub(crate) async fn receive(&mut self, buffer: &mut Vec<Vec<Event>>, most: usize) -> usize {
        self.receiver.recv_many(buffer, most).await
    }

    /// Whether events were dropped since this was last asked.
    pub(crate) fn overflowed(&self) -> bool {
        self.inlet.overflowed.swap(false, Ordering::AcqRel)
    }
}
