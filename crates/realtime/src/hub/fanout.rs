use std::sync::Arc;

use parlor_domain::{ConversationId, Entry, EntryKind, Event, Personal, SessionEnd, Store, User};
use parlor_wire as wire;
use tokio::sync::mpsc;

use super::{Hub, News, Outlet};
use crate::connection::{Batch, Control, Line};
use crate::frames::{Changed, CloseReason, ServerFrame, encode};
use crate::presence::People;

/// Units of work, or pieces of news, taken in at once. Under load, entries of the same
/// conversation travel together.
const AT_ONCE: usize = 64;

/// The most missing entries that are read for everybody at once. What misses more is left to each
/// connection, which reads at its own pace.
const MISSING: u64 = 500;

/// Brings what was committed to those who are to hear of it, in order.
///
/// It follows each log that somebody listens to: an entry that comes next is handed out as it is;
/// where one is missing, because another node wrote it or because units of work were published in
/// another order than they were committed in, the log is read.
pub(crate) struct Fanout {
    pub(super) hub: Arc<Hub>,
    people: Arc<People>,
    pub(super) store: Arc<dyn Store>,
    /// Entries that were not handed out yet, by conversation, in the order they were published.
    runs: Vec<(ConversationId, Vec<Arc<Entry>>)>,
}

impl Fanout {
    pub(crate) fn new(hub: Arc<Hub>, people: Arc<People>, store: Arc<dyn Store>) -> Self {
        Self { hub, people, store, runs: Vec::new() }
    }

    /// Runs until nobody can publish any more.
    pub(crate) async fn run(mut self, mut outlet: Outlet, mut news: mpsc::Receiver<News>) {
        let (mut published, mut heard) = (Vec::with_capacity(AT_ONCE), Vec::with_capacity(AT_ONCE));
        loop {
            tokio::select! {
                count = outlet.receive(&mut published, AT_ONCE) => if count == 0 { return },
                Some(first) = news.recv() => heard.push(first),
            }
            for event in published.drain(..).flatten() {
                self.apply(event).await;
            }
            while heard.len() < AT_ONCE
                && let Ok(more) = news.try_recv()
            {
                heard.push(more);
            }
            for one in heard.drain(..) {
                self.hear(one).await;
            }
            self.hand_out().await;
            if outlet.overflowed() {
                self.hub.resync_all();
            }
            // Connections get their turn before the next events do.
            tokio::task::yield_now().await;
        }
    }

    async fn hear(&mut self, news: News) {
        match news {
            News::Event(event) => self.apply(event).await,
            News::Reached(conversation, head) => {
                self.hand_out().await;
                self.catch_up(conversation, head, Vec::new()).await;
            }
        }
    }

    async fn apply(&mut self, event: Event) {
        if let Event::EntryAppended(entry) = event {
            return self.collect(entry);
        }
        self.hand_out().await;
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
            Event::Notified(told) => self.notify(&told),
            Event::NotificationsChanged(user) => self.notifications_changed(user).await,
            Event::PreferencesChanged { conversation, user } => {
                self.preferences_changed(conversation, user).await;
            }
            Event::UserChanged(user) => self.user_changed(&user),
            Event::ViewChanged(viewer) => self.hub.view_changed(&viewer, &*self.people),
            Event::PersonalChanged { user, what } => {
                if let Personal::Unread(conversation, read_seq) = what {
                    self.hub.tell(user, &Control::Unread(conversation, read_seq));
                }
                self.hub.tell(user, &Control::Notice(encode(&ServerFrame::Personal(what.into()))));
            }
            Event::SessionEnded { session, user, reason } => {
                self.hub.end_session(user, session, close_reason(reason));
            }
        }
    }

    fn user_changed(&self, user: &Arc<User>) {
        self.people.settle(user);
        self.hub.shares(user);
        self.hub.tell_of(user, &*self.people);
        self.hub.tell(user.id, &Control::Me(Arc::clone(user)));
    }

    fn collect(&mut self, entry: Arc<Entry>) {
        match self.runs.iter_mut().find(|(conversation, _)| *conversation == entry.conversation) {
            Some((_, run)) => run.push(entry),
            None => self.runs.push((entry.conversation, vec![entry])),
        }
    }

    async fn hand_out(&mut self) {
        for (conversation, mut run) in std::mem::take(&mut self.runs) {
            run.sort_by_key(|entry| entry.seq);
            let last = run.last().map_or(0, |entry| entry.seq);
            if self.comes_next(conversation, &run) {
                self.hand_out_run(conversation, &run);
            } else {
                self.catch_up(conversation, last, run).await;
            }
        }
    }

    /// Whether no entry is missing between what was handed out and the end of this run.
    fn comes_next(&self, conversation: ConversationId, run: &[Arc<Entry>]) -> bool {
        let Some(handed) = self.hub.handed(conversation) else { return true };
        let mut expected = handed + 1;
        run.iter().filter(|entry| entry.seq > handed).all(|entry| {
            let next = entry.seq == expected;
            expected += 1;
            next
        })
    }

    /// Reads what is missing up to `head`, and hands it out. When that fails or is too much, each
    /// connection reads for itself; `run` is what is known of it.
    async fn catch_up(&self, conversation: ConversationId, head: u64, run: Vec<Arc<Entry>>) {
        let Some(handed) = self.hub.handed(conversation).filter(|handed| *handed < head) else {
            return self.hand_out_run(conversation, &run);
        };
        let missing = head - handed;
        if missing <= MISSING {
            let limit = u32::try_from(missing).unwrap_or(u32::MAX);
            match self.store.entries(conversation, handed, limit).await {
                Ok(entries) if entries.last().is_some_and(|entry| entry.seq >= head) => {
                    let entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
                    return self.hand_out_run(conversation, &entries);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "entries that another node wrote could not be read"),
            }
        }
        self.hub.fall_behind(conversation, head);
        self.hand_out_run(conversation, &run);
    }

    /// Hands out entries of one log. A departure takes effect exactly at its entry: what is
    /// behind it goes out only after the one who left was taken from the members. Entries that
    /// were handed out before are not handed out again, but who came and who left is told again,
    /// which does no harm.
    fn hand_out_run(&self, conversation: ConversationId, run: &[Arc<Entry>]) {
        let ends_part = |entry: &Arc<Entry>| {
            matches!(entry.kind, EntryKind::Leave(_) | EntryKind::Removal(_) | EntryKind::GroupDeletion)
        };
        for part in run.split_inclusive(ends_part) {
            if let Some(handed) = self.hub.handed(conversation) {
                let fresh = part.iter().filter(|entry| entry.seq > handed);
                let lines: Vec<_> = fresh.map(|entry| line(entry)).collect();
                if !lines.is_empty() {
                    self.hub.push_batch(&Arc::new(Batch { conversation, lines }));
                }
            }
            for entry in part {
                match entry.kind {
                    EntryKind::Join(user) => self.hub.joined(user, conversation),
                    EntryKind::Leave(user) | EntryKind::Removal(user) => {
                        self.hub.left(user, conversation, entry.seq);
                    }
                    EntryKind::GroupDeletion => self.hub.all_left(conversation, entry.seq),
                    _ => {}
                }
            }
        }
    }
}

/// An entry's frame, encoded once for everybody.
pub(crate) fn line(entry: &Entry) -> Line {
    Line { seq: entry.seq, frame: encode(&ServerFrame::Entry(Box::new(wire::Entry::from(entry)))) }
}

fn close_reason(end: SessionEnd) -> CloseReason {
    match end {
        SessionEnd::SignedOut | SessionEnd::TokenReused => CloseReason::SessionEnded,
        SessionEnd::Banned => CloseReason::Banned,
        SessionEnd::Deleted => CloseReason::Deleted,
    }
}
