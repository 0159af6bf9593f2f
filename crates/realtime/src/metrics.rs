use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub(crate) fn one(&self) {
        self.add(1);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What happened on the stream since the start. Plain numbers, cheap to read at any time.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Sockets that were served.
    pub opened: Counter,
    /// Sockets that are over.
    pub closed: Counter,
    /// Log entries handed to sockets.
    pub entries_sent: Counter,
    /// Posts that were answered, well or badly.
    pub posts: Counter,
    /// Pages read from logs for connections that were behind.
    pub pages: Counter,
    /// Times a client said `hello` again: it found a gap. Stays 0 while all is well.
    pub gap_hellos: Counter,
    /// Cursors that were answered with `reset`.
    pub resets: Counter,
    /// Ephemeral frames and announcements of entries that were dropped because a mailbox was
    /// full. Entries are read from the log instead; ephemeral frames are gone.
    pub shed: Counter,
    /// Times the fan-out could not keep up and everybody was told to look for themselves.
    pub overflows: Counter,
    /// Connections closed because they took too little of what was sent.
    pub too_slow: Counter,
    /// Commands refused because there were too many.
    pub rate_limited: Counter,
    /// Connections that ended with a panic.
    pub panics: Counter,
}

impl Metrics {
    /// Sockets that are open now.
    pub fn connections(&self) -> u64 {
        self.opened.get().saturating_sub(self.closed.get())
    }
}
