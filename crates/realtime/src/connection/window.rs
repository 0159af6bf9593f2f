use std::collections::VecDeque;

use parlor_domain::ConversationId;

/// Capacity that is kept when everything is acknowledged, so that an idle connection is small.
const KEPT: usize = 16;

/// What a client was sent and has not acknowledged: never more than so many entries or bytes.
///
/// Full: entries are no longer queued for this client. Their conversation is merely marked as
/// having more, and is read from the log once acknowledgements have made room for a quarter of the
/// window: reading one entry for each acknowledgement would be dear.
#[derive(Debug)]
pub(crate) struct Window {
    entries: usize,
    bytes: usize,
    used: usize,
    full: bool,
    sent: VecDeque<Unacknowledged>,
}

#[derive(Debug)]
struct Unacknowledged {
    conversation: ConversationId,
    seq: u64,
    bytes: usize,
}

impl Window {
    pub(crate) fn new(entries: usize, bytes: usize) -> Self {
        Self { entries, bytes, used: 0, full: false, sent: VecDeque::new() }
    }

    /// Lets the client take less than the server would send.
    pub(crate) fn lower(&mut self, entries: usize) {
        self.entries = entries.max(1);
    }

    /// Whether an entry of this size may be sent; if not, the window counts as full. One that is
    /// larger than the whole window goes alone, because otherwise it would never go.
    pub(crate) fn admits(&mut self, bytes: usize) -> bool {
        let fits = self.sent.len() < self.entries && self.used + bytes <= self.bytes;
        let admitted = self.sent.is_empty() || (fits && !self.full);
        self.full |= !admitted;
        admitted
    }

    /// How many entries may be read from the log to be sent.
    pub(crate) fn room(&self) -> usize {
        if self.full || self.used >= self.bytes { 0 } else { self.entries.saturating_sub(self.sent.len()) }
    }

    /// The most entries it ever holds.
    pub(crate) fn size(&self) -> usize {
        self.entries
    }

    pub(crate) fn note_sent(&mut self, conversation: ConversationId, seq: u64, bytes: usize) {
        self.used += bytes;
        self.sent.push_back(Unacknowledged { conversation, seq, bytes });
    }

    /// The client has everything of this conversation up to `seq`; whether that made room.
    pub(crate) fn acknowledge(&mut self, conversation: ConversationId, seq: u64) -> bool {
        let before = self.sent.len();
        let mut freed = 0;
        self.sent.retain(|entry| {
            let had = entry.conversation == conversation && entry.seq <= seq;
            if had {
                freed += entry.bytes;
            }
            !had
        });
        self.used -= freed;
        if self.sent.len() <= self.entries - self.entries.div_ceil(4) && self.used <= self.bytes / 4 * 3 {
            self.full = false;
        }
        if self.sent.is_empty() && self.sent.capacity() > KEPT {
            self.sent.shrink_to(KEPT);
        }
        self.sent.len() < before
    }

    #[cfg(test)]
    pub(crate) fn in_flight(&self) -> (usize, usize) {
        (self.sent.len(), self.used)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const LOBBY: ConversationId = ConversationId::from_uuid(Uuid::from_u128(1));
    const OTHER: ConversationId = ConversationId::from_uuid(Uuid::from_u128(2));

    #[test]
    fn an_acknowledgement_makes_room_for_what_it_covers() {
        let mut window = Window::new(3, 1_000);
        window.note_sent(LOBBY, 1, 10);
        window.note_sent(OTHER, 1, 10);
        window.note_sent(LOBBY, 2, 10);
        assert!(!window.admits(1));
        assert!(window.acknowledge(LOBBY, 1));
        assert!(!window.acknowledge(LOBBY, 1));
        assert_eq!(window.in_flight(), (2, 20));
        assert_eq!(window.room(), 1);
        assert!(window.admits(1));
    }

    #[test]
    fn a_full_window_stays_full_until_a_quarter_is_free() {
        let mut window = Window::new(8, 1_000);
        (1..=8).for_each(|seq| window.note_sent(LOBBY, seq, 10));
        assert!(!window.admits(10));
        window.acknowledge(LOBBY, 1);
        assert_eq!((window.room(), window.admits(10)), (0, false));
        window.acknowledge(LOBBY, 2);
        assert_eq!((window.room(), window.admits(10)), (2, true));
    }

    #[test]
    fn r09_bytes_count_as_well_as_entries() {
        let mut window = Window::new(256, 100);
        window.note_sent(LOBBY, 1, 60);
        assert!(window.admits(40));
        assert!(!window.admits(41));
    }

    #[test]
    fn an_entry_larger_than_the_window_goes_alone() {
        let mut window = Window::new(256, 100);
        assert!(window.admits(500));
        window.note_sent(LOBBY, 1, 500);
        assert_eq!(window.room(), 0);
        assert!(!window.admits(1));
    }
}
