//! Entries: from the mailbox when they come next, from the log when they do not.

use parlor_domain::{ConversationId, Cursor, Role, UserId};
use parlor_wire as wire;

use super::events::{Action, Batch, Control, Line, Mail, Page};
use super::machine::Machine;
use crate::frames::{CursorMoved, Me, Removed, ServerFrame};

impl Machine {
    /// Takes in what the hub has put into the mailbox.
    ///
    /// Removals are looked at first, because they bound which entries may be sent; they are
    /// completed last, so that the entries up to them come before the news.
    pub(super) fn mail(&mut self, mail: &mut Mail) {
        let mut left = Vec::new();
        for control in mail.control.drain(..) {
            self.control(control, &mut left);
        }
        for batch in mail.live.drain(..) {
            self.live(&batch);
        }
        for (conversation, head) in mail.dirty.drain(..) {
            self.reaches(conversation, head);
        }
        if std::mem::take(&mut mail.resync) {
            (self.wants.resync, self.wants.recheck) = (true, true);
        }
        for conversation in left {
            self.leave(conversation);
        }
        for ephemeral in mail.ephemeral.drain(..) {
            if ephemeral.conversation.is_none_or(|conversation| self.tracks.get(conversation).is_some()) {
                self.act(Action::Send(ephemeral.frame));
            }
        }
    }

    fn control(&mut self, control: Control, left: &mut Vec<ConversationId>) {
        match control {
            Control::Joined(conversation) => {
                let is_in = self.tracks.get(conversation).is_some_and(|track| track.ends_at.is_none());
                if !is_in && !self.wants.views.contains(&conversation) {
                    self.wants.views.push(conversation);
                }
            }
            Control::Left(conversation, seq) => {
                // A view that is still to be read will show by itself that this is over.
                let Some(track) = self.tracks.get_mut(conversation) else { return };
                if track.confirmed < seq {
                    track.ends_at = Some(seq);
                    left.push(conversation);
                } else {
                    // They are in again since; only the hub has let go of them.
                    let head = track.head;
                    self.follow(vec![(conversation, head)]);
                }
            }
            Control::Cursor(conversation, user, cursor) => self.cursor(conversation, user, cursor),
            // What the client reports from now on is news again.
            Control::Unread(conversation, read_seq) => {
                if let Some(track) = self.tracks.get_mut(conversation) {
                    track.reported.read_seq = track.reported.read_seq.min(read_seq);
                }
            }
            Control::About(conversation, frame) => {
                if self.tracks.get(conversation).is_some_and(|track| track.ends_at.is_none()) {
                    self.act(Action::Send(frame));
                }
            }
            Control::Notice(frame) => self.act(Action::Send(frame)),
            Control::Me(user) => {
                // Less counts at once. What is more depends on the session, which is looked up.
                match &mut self.who {
                    Some(who) if user.role == Role::User => who.actor.role = Role::User,
                    _ => self.wants.recheck = true,
                }
                self.send(&ServerFrame::Me(Me { me: wire::Account::from(&*user) }));
            }
        }
    }

    /// Somebody's cursor moved. What this very client reported is no news to it.
    fn cursor(&mut self, conversation: ConversationId, user: UserId, cursor: Cursor) {
        let own = self.actor().is_some_and(|actor| actor.user == user);
        let Some(track) = self.tracks.get_mut(conversation) else { return };
        if own {
            let merged = track.reported.merge(cursor);
            if merged == track.reported {
                return;
            }
            track.reported = merged;
        }
        self.send(&ServerFrame::Cursor(CursorMoved {
            conversation: conversation.as_uuid(),
            user: user.as_uuid(),
            delivered_seq: cursor.delivered_seq,
            read_seq: cursor.read_seq,
        }));
    }

    fn live(&mut self, batch: &Batch) {
        let mut sent = 0;
        for line in &batch.lines {
            if self.offer(batch.conversation, line) {
                sent += 1;
            }
        }
        self.common.metrics.entries_sent.add(sent);
    }

    /// Sends an entry if it is the next one and there is room; otherwise the log is behind and
    /// will be read.
    fn offer(&mut self, conversation: ConversationId, line: &Line) -> bool {
        let Some(track) = self.tracks.get_mut(conversation) else { return false };
        if !track.expects(line.seq) || !self.window.admits(line.frame.as_str().len()) {
            return false;
        }
        track.sent = line.seq;
        self.window.note_sent(conversation, line.seq, line.frame.as_str().len());
        self.act(Action::Send(line.frame.clone()));
        true
    }

    /// A log is known to reach this far.
    pub(super) fn reaches(&mut self, conversation: ConversationId, head: u64) {
        if let Some(track) = self.tracks.get_mut(conversation) {
            track.head = track.head.max(head);
        }
    }

    /// A page of a log that was behind. Without one, the membership is over.
    pub(super) fn page(&mut self, conversation: ConversationId, page: Option<Page>) {
        let Some(page) = page else { return self.leave(conversation) };
        self.common.metrics.pages.one();
        let Some(track) = self.tracks.get_mut(conversation) else { return };
        track.sent = track.sent.max(page.floor_seq);
        track.confirmed = track.confirmed.max(page.last_seq);
        track.head = track.head.max(page.last_seq);
        if page.lines.is_empty() {
            // The log ends before what was announced; what it says is true.
            track.head = track.sent;
        }
        let sent = page.lines.iter().filter(|line| self.offer(conversation, line)).count();
        self.common.metrics.entries_sent.add(sent as u64);
    }

    /// The membership is over, as far as this connection goes. One that lags does not get the
    /// entries it lacks up to the removal: the log is no longer its to read.
    pub(super) fn leave(&mut self, conversation: ConversationId) {
        if self.tracks.remove(conversation).is_none() {
            return;
        }
        self.window.acknowledge(conversation, u64::MAX);
        self.act(Action::Unsubscribe(conversation));
        self.send(&ServerFrame::Removed(Removed { conversation: conversation.as_uuid() }));
    }
}
