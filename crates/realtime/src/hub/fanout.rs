use std::sync::Arc;

use parlor_domain::{ConversationId, Entry, EntryKind, Event, SessionEnd, User};
use parlor_wire as wire;

use super::{Hub, Outlet};
use crate::connection::{Batch, Control, Line};
use crate::frames::{Changed, CloseReason, ServerFrame, UserChanged, encode};
use crate::presence::People;

/// Units of work taken in at once. Under load, entries of the same conversation travel together.
const AT_ONCE: usize = 64;

/// Brings what was committed to those who are to hear of it, in order.
pub(crate) struct Fanout {
    hub: Arc<Hub>,
    people: Arc<People>,
    /// Entries that were not handed out yet, by conversation, in the order of their logs.
    runs: Vec<(ConversationId, Vec<Arc<Entry>>)>,
}

impl Fanout {
    pub(crate) fn new(hub: Arc<Hub>, people: Arc<People>) -> Self {
        Self { hub, people, runs: Vec::new() }
    }

    /// Runs until nobody can publish any more.
    pub(crate) async fn run(mut self, mut outlet: Outlet) {
        let mut buffer = Vec::with_capacity(AT_ONCE);
        while outlet.receive(&mut buffer, AT_ONCE).await > 0 {
            for event in buffer.drain(..).flatten() {
                self.apply(event);
            }
            self.hand_out();
            if outlet.overflowed() {
                self.hub.resync_all();
            }
            // Connections get their turn before the next events do.
            tokio::task::yield_now().await;
        }
    }

    fn apply(&mut self, event: Event) {
        if let Event::EntryAppended(entry) = event {
            return self.collect(entry);
        }
        self.hand_out();
        match event {
            Event::EntryAppended(_) => {}
            Event::ConversationOpened { conversation, members } => {
                for user in members {
                    self.hub.joined(user, conversation);
                }
            }
            Event::CursorMoved { conversation, user, cursor, peer } => {
                for person in [Some(user), peer].into_iter().flatten() {
                    self.hub.tell(person, &Control::Cursor(conversation, user, cursor));
                }
            }
            Event::GroupChanged(group) => {
                let conversation = ConversationId::from(group.id);
                let changed =
                    Changed { conversation: conversation.as_uuid(), group: wire::Group::from(&*group) };
                self.hub.tell_members(conversation, &encode(&ServerFrame::Changed(changed)));
            }
            Event::UserChanged(user) => self.user_changed(&user),
            Event::SessionEnded { session, user, reason } => {
                self.hub.end_session(user, session, close_reason(reason));
            }
        }
    }

    fn user_changed(&self, user: &Arc<User>) {
        let shown = wire::User::render(user, &*self.people);
        self.hub.tell_all(&encode(&ServerFrame::User(UserChanged { user: shown })));
        self.hub.tell(user.id, &Control::Me(Arc::clone(user)));
    }

    fn collect(&mut self, entry: Arc<Entry>) {
        match self.runs.iter_mut().find(|(conversation, _)| *conversation == entry.conversation) {
            Some((_, run)) => run.push(entry),
            None => self.runs.push((entry.conversation, vec![entry])),
        }
    }

    fn hand_out(&mut self) {
        for (conversation, run) in std::mem::take(&mut self.runs) {
            self.hand_out_run(conversation, &run);
        }
    }

    /// Hands out entries of one log. A departure takes effect exactly at its entry: what is
    /// behind it goes out only after the one who left was taken from the members.
    fn hand_out_run(&self, conversation: ConversationId, run: &[Arc<Entry>]) {
        let ends_part =
            |entry: &Arc<Entry>| matches!(entry.kind, EntryKind::Leave(_) | EntryKind::Removal(_));
        for part in run.split_inclusive(ends_part) {
            if self.hub.has_listeners(conversation) {
                let lines = part.iter().map(|entry| line(entry)).collect();
                self.hub.push_batch(&Arc::new(Batch { conversation, lines }));
            }
            for entry in part {
                match entry.kind {
                    EntryKind::Join(user) => self.hub.joined(user, conversation),
                    EntryKind::Leave(user) | EntryKind::Removal(user) => {
                        self.hub.left(user, conversation, entry.seq);
                    }
                    EntryKind::Message(_) | EntryKind::Rename(_) => {}
                }
            }
        }
    }
}

/// An entry's frame, encoded once for everybody.
pub(crate) fn line(entry: &Entry) -> Line {
    Line { seq: entry.seq, frame: encode(&ServerFrame::Entry(wire::Entry::from(entry))) }
}

fn close_reason(end: SessionEnd) -> CloseReason {
    match end {
        SessionEnd::SignedOut | SessionEnd::TokenReused => CloseReason::SessionEnded,
        SessionEnd::Banned => CloseReason::Banned,
        SessionEnd::Deleted => CloseReason::Deleted,
    }
}
