use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::Waker;

use futures_util::task::AtomicWaker;
use parlor_domain::{Authenticated, ConversationId, UserId, Viewer};

use super::events::{Batch, Control, Ephemeral, Mail};
use crate::frames::CloseReason;
use crate::metrics::Metrics;

/// Batches of entries that wait. Full: the entries are dropped and their log is marked dirty,
/// that is, it is read from the client's own cursor.
const LIVE: usize = 64;
/// Small news that waits. Full: the connection is closed as too slow; it starts anew with a
/// snapshot.
const CONTROL: usize = 256;
/// Ephemeral frames that wait. Full: the oldest is dropped.
const EPHEMERAL: usize = 16;

/// Where the hub leaves what a connection is to hear of. Every part is bounded; a connection that
/// does not take its mail costs no more than a full mailbox.
#[derive(Debug)]
pub(crate) struct Mailbox {
    /// Tells connections apart.
    pub(crate) id: u64,
    owner: OnceLock<Authenticated>,
    /// What its person may see of others.
    view: Mutex<Option<Arc<Viewer>>>,
    inside: Mutex<Inside>,
    waker: AtomicWaker,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Inside {
    mail: Mail,
    /// Nothing but the end is put in before the client has said hello.
    listens: bool,
    end: Option<CloseReason>,
}

impl Mailbox {
    pub(crate) fn new(id: u64, metrics: Arc<Metrics>) -> Self {
        Self {
            id,
            owner: OnceLock::new(),
            view: Mutex::default(),
            inside: Mutex::default(),
            waker: AtomicWaker::new(),
            metrics,
        }
    }

    /// Whose it is; nobody's until they are known.
    pub(crate) fn owner(&self) -> Option<&Authenticated> {
        self.owner.get()
    }

    pub(crate) fn belongs_to(&self, user: UserId) -> bool {
        self.owner.get().is_some_and(|owner| owner.actor.user == user)
    }

    pub(crate) fn set_owner(&self, who: Authenticated) {
        // A connection is authenticated once; a second owner could only be a fault, and is not taken.
        let _ = self.owner.set(who);
    }

    /// What its person may see of others; `None` before that is known.
    pub(crate) fn view(&self) -> Option<Arc<Viewer>> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on its person sees this; what they saw before.
    pub(crate) fn set_view(&self, view: Arc<Viewer>) -> Option<Arc<Viewer>> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).replace(view)
    }

    /// From now on mail is taken in.
    pub(crate) fn listen(&self) {
        self.inside().listens = true;
    }

    pub(crate) fn put_live(&self, batch: &Arc<Batch>) {
        self.put(|inside| {
            if inside.mail.live.len() < LIVE {
                inside.mail.live.push(Arc::clone(batch));
            } else if let Some(last) = batch.lines.last() {
                self.metrics.shed.one();
                inside.mark_dirty(batch.conversation, last.seq);
            }
        });
    }

    /// This log reaches further than what was put in.
    pub(crate) fn put_dirty(&self, conversation: ConversationId, head: u64) {
        self.put(|inside| inside.mark_dirty(conversation, head));
    }

    pub(crate) fn put_control(&self, control: Control) {
        self.put(|inside| {
            if inside.mail.control.len() < CONTROL {
                inside.mail.control.push(control);
            } else {
                inside.end.get_or_insert(CloseReason::TooSlow);
            }
        });
    }

    pub(crate) fn put_ephemeral(&self, ephemeral: Ephemeral) {
        self.put(|inside| {
            if inside.mail.ephemeral.len() >= EPHEMERAL {
                self.metrics.shed.one();
                inside.mail.ephemeral.remove(0);
            }
            inside.mail.ephemeral.push(ephemeral);
        });
    }

    /// Anything may have been missed.
    pub(crate) fn put_resync(&self) {
        self.put(|inside| inside.mail.resync = true);
    }

    /// The connection is to end; the first reason counts, unless it was only to come back later
    /// and now may not.
    pub(crate) fn end(&self, reason: CloseReason) {
        let mut inside = self.inside();
        if inside.end.is_none_or(|earlier| earlier.code() < reason.code()) {
            inside.end = Some(reason);
        }
        drop(inside);
        self.waker.wake();
    }

    /// Takes everything out, into an empty `mail` whose space is used again.
    pub(crate) fn take(&self, mail: &mut Mail) -> bool {
        let mut inside = self.inside();
        if inside.mail.is_empty() {
            return false;
        }
        std::mem::swap(&mut inside.mail, mail);
        true
    }

    /// Why the connection is to end, if it is.
    pub(crate) fn ending(&self) -> Option<CloseReason> {
        self.inside().end
    }

    /// Whom to wake when something is put in.
    pub(crate) fn register(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    fn put(&self, change: impl FnOnce(&mut Inside)) {
        let mut inside = self.inside();
        if !inside.listens {
            return;
        }
        change(&mut inside);
        drop(inside);
        self.waker.wake();
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Bounded by the conversations that the connection follows.
    fn mark_dirty(&mut self, conversation: ConversationId, head: u64) {
        match self.mail.dirty.iter_mut().find(|(dirty, _)| *dirty == conversation) {
            Some((_, known)) => *known = head.max(*known),
            None => self.mail.dirty.push((conversation, head)),
        }
    }
}

impl Mail {
    fn is_empty(&self) -> bool {
        let Self { control, live, dirty, resync, ephemeral } = self;
        control.is_empty() && live.is_empty() && dirty.is_empty() && !resync && ephemeral.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::Utf8Bytes;
    use uuid::Uuid;

    use super::super::events::Line;
    use super::*;

    const LOBBY: ConversationId = ConversationId::from_uuid(Uuid::from_u128(1));

    fn mailbox() -> Mailbox {
        let mailbox = Mailbox::new(1, Arc::default());
        mailbox.listen();
        mailbox
    }

    fn batch(seq: u64) -> Arc<Batch> {
        Arc::new(Batch { conversation: LOBBY, lines: vec![Line { seq, frame: Utf8Bytes::from("x") }] })
    }

    fn taken(mailbox: &Mailbox) -> Mail {
        let mut mail = Mail::default();
        mailbox.take(&mut mail);
        mail
    }

    #[test]
    fn entries_that_do_not_fit_become_a_dirty_log() {
        let mailbox = mailbox();
        (1..=100).for_each(|seq| mailbox.put_live(&batch(seq)));
        let mail = taken(&mailbox);
        assert_eq!(mail.live.len(), LIVE);
        assert_eq!(mail.dirty, [(LOBBY, 100)]);
        assert!(!mailbox.take(&mut Mail::default()), "it is empty then");
    }

    #[test]
    fn the_oldest_ephemeral_frame_is_shed_first() {
        let mailbox = mailbox();
        for number in 0..20 {
            mailbox
                .put_ephemeral(Ephemeral { conversation: None, frame: Utf8Bytes::from(number.to_string()) });
        }
        let frames: Vec<_> = taken(&mailbox).ephemeral.into_iter().map(|one| one.frame.to_string()).collect();
        assert_eq!(frames.first().map(String::as_str), Some("4"));
        assert_eq!(frames.last().map(String::as_str), Some("19"));
    }

    #[test]
    fn control_that_does_not_fit_closes_the_connection() {
        let mailbox = mailbox();
        (0..=CONTROL).for_each(|_| mailbox.put_control(Control::Joined(LOBBY)));
        assert_eq!(mailbox.ending(), Some(CloseReason::TooSlow));
    }

    #[test]
    fn nothing_is_put_in_before_hello_but_the_end() {
        let mailbox = Mailbox::new(1, Arc::default());
        mailbox.put_live(&batch(1));
        assert!(!mailbox.take(&mut Mail::default()));
        mailbox.end(CloseReason::Banned);
        assert_eq!(mailbox.ending(), Some(CloseReason::Banned));
    }

    #[test]
    fn a_final_reason_wins_over_one_to_come_back() {
        let mailbox = mailbox();
        mailbox.end(CloseReason::Restarting);
        mailbox.end(CloseReason::Banned);
        mailbox.end(CloseReason::TooSlow);
        assert_eq!(mailbox.ending(), Some(CloseReason::Banned));
    }
}
