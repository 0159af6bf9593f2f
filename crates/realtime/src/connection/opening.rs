//! From an unknown client to a stream, and conversations that come later.

use parlor_domain::{Authenticated, ConversationId};

use super::events::{Action, Job, Phase, Place, Snapshot};
use super::machine::Machine;
use super::refusals::Refusal;
use super::tracks::Track;
use crate::frames::{
    Added, Authenticate, Hello, Limits, NotificationsChanged, Personal, PersonalChanged, Position, Ready,
    Reset, ServerFrame,
};

/// Where a stream starts.
enum Start {
    /// After what the client has.
    After(u64),
    /// What the client has is too old, or of another database: after the newest entry.
    Reset,
}

impl Machine {
    pub(super) fn authenticate(&mut self, frame: Authenticate) {
        match self.phase {
            Phase::Anonymous => self.wants.first = Some(Job::Authenticate(frame)),
            _ => self.refuse(frame.id, Refusal::known_already()),
        }
    }

    pub(super) fn known(&mut self, re: u64, who: Authenticated) {
        self.who = Some(who);
        self.phase = Phase::Known;
        self.done(re);
    }

    pub(super) fn hello(&mut self, hello: Hello) {
        if let Err(refusal) = self.check_hello(&hello) {
            return self.refuse(hello.id, refusal);
        }
        match self.phase {
            Phase::Known => {
                self.act(Action::Listen);
                self.wants.first = Some(Job::Snapshot);
                self.phase = Phase::Loading(hello);
            }
            Phase::Live => self.again(&hello),
            _ => self.refuse(hello.id, Refusal::hello_first()),
        }
    }

    fn check_hello(&self, hello: &Hello) -> Result<(), Refusal> {
        let settings = &self.common.settings;
        if hello.cursors.len() > settings.cursors_per_frame {
            return Err(Refusal::request(
                "cursors",
                &format!("there may be {} of them", settings.cursors_per_frame),
            ));
        }
        let largest = settings.window_entries;
        match hello.window {
            Some(window) if window == 0 || usize::from(window) > largest => {
                Err(Refusal::request("window", &format!("it goes from 1 to {largest}")))
            }
            _ => Ok(()),
        }
    }

    /// The snapshot is there: it is sent, and the stream begins. While connected, it repairs what
    /// may have been missed instead.
    pub(super) fn snapshot(&mut self, snapshot: Snapshot) {
        match std::mem::replace(&mut self.phase, Phase::Live) {
            Phase::Loading(hello) => self.begin(&hello, snapshot),
            _ => self.repair(snapshot),
        }
    }

    fn begin(&mut self, hello: &Hello, mut snapshot: Snapshot) {
        let Some(who) = self.who.clone() else { return };
        if let Some(window) = hello.window {
            self.window.lower(usize::from(window));
        }
        let mut resets = Vec::new();
        let mut conversations = Vec::with_capacity(snapshot.places.len());
        let mut ids = Vec::with_capacity(snapshot.places.len());
        for place in std::mem::take(&mut snapshot.places) {
            let cursor = hello.cursors.iter().find(|position| position.0 == place.id.as_uuid());
            let start = cursor.map(|position| self.start(hello, position.1, place.floor_seq, place.last_seq));
            if matches!(start, Some(Start::Reset)) {
                resets.push(Reset { conversation: place.id.as_uuid(), last_seq: place.last_seq });
            }
            let sent = match start {
                Some(Start::After(seq)) => seq,
                _ => place.last_seq,
            };
            self.track(&place, sent);
            ids.push((place.id, place.last_seq));
            conversations.push(place.shown);
        }
        let settings = &self.common.settings;
        let limits = Limits {
            message_length: settings.message_length,
            frame_bytes: settings.frame_bytes,
            window: self.window.size(),
            typing_interval_ms: millis(settings.typing_every),
        };
        let heartbeat_ms = millis(settings.ping_every);
        let (epoch, session) = (self.common.epoch, who.session.as_uuid());
        let Snapshot { me, blocked, notifications, maintenance, .. } = snapshot;
        let ready = Ready {
            re: hello.id,
            epoch,
            session,
            me,
            blocked,
            conversations,
            notifications,
            heartbeat_ms,
            limits,
            maintenance,
        };
        self.send(&ServerFrame::Ready(Box::new(ready)));
        self.common.metrics.resets.add(resets.len() as u64);
        for reset in resets {
            self.send(&ServerFrame::Reset(reset));
        }
        self.follow(ids);
    }

    fn start(&self, hello: &Hello, cursor: u64, floor_seq: u64, last_seq: u64) -> Start {
        let elsewhere = hello.epoch.is_some_and(|epoch| epoch != self.common.epoch);
        let from = cursor.max(floor_seq);
        if elsewhere || from > last_seq || last_seq - from > self.common.settings.resume_entries {
            Start::Reset
        } else {
            Start::After(from)
        }
    }

    /// Entries between reading the snapshot and following the log would be missed, so the log's
    /// end is looked at once more afterwards.
    pub(super) fn follow(&mut self, conversations: Vec<(ConversationId, u64)>) {
        if !conversations.is_empty() {
            self.wants.heads.extend(conversations.iter().map(|(conversation, _)| *conversation));
            self.act(Action::Subscribe(conversations));
        }
    }

    fn track(&mut self, place: &Place, sent: u64) {
        self.tracks.insert(Track {
            conversation: place.id,
            sent,
            head: place.last_seq.max(sent),
            confirmed: place.last_seq,
            ends_at: None,
            reported: place.cursor,
        });
    }

    /// A client says hello again for some conversations: it found a gap, which is a fault
    /// somewhere, or it lost what it had. They are put back to its cursors.
    fn again(&mut self, hello: &Hello) {
        if let Some(window) = hello.window {
            self.window.lower(usize::from(window));
        }
        self.common.metrics.gap_hellos.one();
        for &Position(conversation, cursor) in &hello.cursors {
            let conversation = ConversationId::from_uuid(conversation);
            let Some(head) = self.tracks.get(conversation).map(|track| track.head) else { continue };
            let start = self.start(hello, cursor, 0, head);
            self.window.acknowledge(conversation, u64::MAX);
            if let Start::Reset = start {
                self.common.metrics.resets.one();
                self.send(&ServerFrame::Reset(Reset {
                    conversation: conversation.as_uuid(),
                    last_seq: head,
                }));
            }
            if let Some(track) = self.tracks.get_mut(conversation) {
                track.sent = match start {
                    Start::After(seq) => seq,
                    Start::Reset => head,
                };
            }
        }
        self.done(hello.id);
    }

    /// Compares with the store what this connection believes to be in, after news may have been
    /// lost.
    fn repair(&mut self, snapshot: Snapshot) {
        let everything =
            PersonalChanged { what: Personal::Everything, message: None, conversation: None, version: None };
        self.send(&ServerFrame::Personal(everything));
        let gone: Vec<_> = self
            .tracks
            .iter()
            .map(|track| track.conversation)
            .filter(|id| !snapshot.places.iter().any(|place| place.id == *id))
            .collect();
        for conversation in gone {
            self.leave(conversation);
        }
        let notifications = snapshot.notifications;
        self.send(&ServerFrame::NotificationsChanged(NotificationsChanged { notifications }));
        for place in snapshot.places {
            match self.tracks.get_mut(place.id) {
                Some(track) => {
                    track.head = track.head.max(place.last_seq);
                    track.confirmed = track.confirmed.max(place.last_seq);
                    self.follow(vec![(place.id, place.last_seq)]);
                }
                None => self.enter(place),
            }
        }
    }

    /// A conversation that the person came into.
    pub(super) fn viewed(&mut self, conversation: ConversationId, place: Option<Box<Place>>) {
        if let Some(place) = place
            && self.tracks.get(conversation).is_none()
        {
            self.enter(*place);
        }
    }

    fn enter(&mut self, place: Place) {
        let (id, last_seq) = (place.id, place.last_seq);
        self.track(&place, last_seq);
        self.send(&ServerFrame::Added(Box::new(Added { conversation: place.shown })));
        self.follow(vec![(id, last_seq)]);
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
