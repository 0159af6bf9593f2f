//! A model of everything around the machine: logs, a hub whose news may get lost, a store that
//! answers late, and a client that checks everything it is sent.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;

use super::fixtures::{
    EPOCH, FRAMES, WINDOW, conversation, line, machine_with, me, notifications, place, room_of, settings, who,
};
use crate::connection::events::{Action, Batch, Control, Event, Job, Loaded, Mail, Page, Snapshot};
use crate::connection::machine::Machine;
use crate::frames::CloseReason;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Message,
    Out,
    In,
}

/// One conversation in the store, and how far the hub is with its events.
#[derive(Default)]
pub(super) struct Room {
    log: Vec<Entry>,
    member: bool,
    handed_out: usize,
    subscribed: bool,
}

/// What the client knows of one conversation.
pub(super) struct Shown {
    pub(super) next: u64,
}

pub(super) struct World {
    pub(super) machine: Machine,
    pub(super) now: Duration,
    pub(super) rooms: Vec<Room>,
    pub(super) mail: Mail,
    /// The job being done, with its result as of when it was done.
    done: Option<Loaded>,
    pub(super) shown: HashMap<usize, Shown>,
    unacknowledged: VecDeque<(usize, u64, usize)>,
    pub(super) cursors: Vec<(usize, u64)>,
    ready: bool,
    closed: Option<CloseReason>,
    pub(super) received: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Append(usize),
    Out(usize),
    In(usize),
    /// The hub hears of the next event, or never does.
    HandOut(usize, bool),
    /// An announcement comes once more, or ahead of others.
    Stray(usize, u64, u64),
    TakeMail,
    DoJob,
    FinishJob,
    Acknowledge(usize),
    AcknowledgeAll,
    Tick,
}

impl World {
    pub(super) fn new(cursors: Vec<(usize, u64)>, lengths: &[usize]) -> Self {
        let rooms = lengths.iter().map(|length| Room {
            log: vec![Entry::Message; *length],
            member: true,
            handed_out: *length,
            subscribed: false,
        });
        let mut world = Self {
            machine: machine_with(settings()),
            now: Duration::ZERO,
            rooms: rooms.collect(),
            mail: Mail::default(),
            done: None,
            shown: HashMap::new(),
            unacknowledged: VecDeque::new(),
            cursors,
            ready: false,
            closed: None,
            received: 0,
        };
        world.step(&Step::DoJob);
        world.step(&Step::FinishJob);
        let cursors: Vec<_> =
            world.cursors.iter().map(|(room, seq)| json!([conversation(*room).as_uuid(), seq])).collect();
        world.say(&json!({"id": 1, "type": "hello", "epoch": EPOCH, "cursors": cursors, "window": WINDOW}));
        world
    }

    pub(super) fn say(&mut self, frame: &Value) {
        self.now += Duration::from_secs(10);
        self.machine.handle(Event::Frame(&frame.to_string()), self.now);
        self.act();
    }

    pub(super) fn step(&mut self, step: &Step) {
        match *step {
            Step::Append(room) => self.rooms[room].log.push(Entry::Message),
            Step::Out(room) if self.rooms[room].member => {
                self.rooms[room].log.push(Entry::Out);
                self.rooms[room].member = false;
            }
            Step::In(room) if !self.rooms[room].member => {
                self.rooms[room].log.push(Entry::In);
                self.rooms[room].member = true;
            }
            Step::HandOut(room, lost) => self.hand_out(room, lost),
            Step::Stray(room, seq, count) => self.stray(room, seq, count),
            Step::TakeMail if self.machine.takes_mail() => {
                self.machine.handle(Event::Mail(&mut self.mail), self.now);
            }
            Step::Out(_) | Step::In(_) | Step::TakeMail => {}
            Step::DoJob => self.do_job(),
            Step::FinishJob => {
                if let Some(loaded) = self.done.take() {
                    self.machine.handle(Event::Loaded(loaded), self.now);
                }
            }
            Step::Acknowledge(count) => {
                let cursors: Vec<_> =
                    self.unacknowledged.drain(..count.min(self.unacknowledged.len())).collect();
                self.acknowledge(&cursors);
            }
            Step::AcknowledgeAll => {
                let cursors: Vec<_> = self.unacknowledged.drain(..).collect();
                self.acknowledge(&cursors);
            }
            Step::Tick => {
                for (number, room) in self.rooms.iter().enumerate().filter(|(_, room)| room.subscribed) {
                    self.mail.dirty.push((conversation(number), room.log.len() as u64));
                }
            }
        }
        self.act();
    }

    fn acknowledge(&mut self, entries: &[(usize, u64, usize)]) {
        if !entries.is_empty() {
            let cursors: Vec<_> =
                entries.iter().map(|(room, seq, _)| json!([conversation(*room).as_uuid(), seq])).collect();
            self.say(&json!({"id": 2, "type": "ack", "cursors": cursors}));
        }
    }

    /// The hub works through each log in order; a lost event is as if it had not been published.
    fn hand_out(&mut self, number: usize, lost: bool) {
        let room = &mut self.rooms[number];
        let Some(entry) = room.log.get(room.handed_out).copied() else { return };
        room.handed_out += 1;
        let seq = room.handed_out as u64;
        if lost || !self.ready {
            return;
        }
        if room.subscribed {
            let batch = Batch { conversation: conversation(number), lines: vec![line(number, seq)] };
            self.mail.live.push(Arc::new(batch));
        }
        match entry {
            Entry::Out => {
                room.subscribed = false;
                self.mail.control.push(Control::Left(conversation(number), seq));
            }
            Entry::In => self.mail.control.push(Control::Joined(conversation(number))),
            Entry::Message => {}
        }
    }

    /// Entries that were or will be announced, but no departures: those the hub always announces
    /// together with their effect.
    fn stray(&mut self, number: usize, seq: u64, count: u64) {
        let room = &self.rooms[number];
        let log = &room.log;
        let lines = (seq..seq + count).filter(|seq| {
            usize::try_from(*seq)
                .ok()
                .and_then(|seq| log.get(seq - 1))
                .is_some_and(|entry| *entry == Entry::Message)
        });
        let lines: Vec<_> = lines.map(|seq| line(number, seq)).collect();
        if room.subscribed && !lines.is_empty() {
            self.mail.live.push(Arc::new(Batch { conversation: conversation(number), lines }));
        }
    }

    pub(super) fn do_job(&mut self) {
        let Some(job) = self.machine.next_job(self.now) else { return };
        assert!(self.done.is_none(), "one job at a time");
        self.done = Some(match job {
            Job::Confirm(who) => Loaded::Confirmed(who),
            Job::Snapshot => {
                let rooms = self.rooms.iter().enumerate().filter(|(_, room)| room.member);
                let places = rooms.map(|(number, room)| place(number, room.log.len() as u64)).collect();
                Loaded::Snapshot(Box::new(Snapshot {
                    blocked: Vec::new(),
                    me: me(),
                    places,
                    notifications: notifications(),
                    maintenance: None,
                }))
            }
            Job::View(id) => {
                let room = &self.rooms[room_of(id)];
                Loaded::View(id, room.member.then(|| Box::new(place(room_of(id), room.log.len() as u64))))
            }
            Job::Heads(ids) => Loaded::Heads(
                ids.into_iter().map(|id| (id, self.rooms[room_of(id)].log.len() as u64)).collect(),
            ),
            Job::Page(id, after, limit) => {
                let (number, room) = (room_of(id), &self.rooms[room_of(id)]);
                assert!(limit <= 3);
                let last_seq = room.log.len() as u64;
                let lines =
                    (after + 1..=last_seq).take(limit as usize).map(|seq| line(number, seq)).collect();
                Loaded::Page(id, room.member.then_some(Page { last_seq, floor_seq: 0, lines }))
            }
            Job::Recheck => Loaded::Rechecked(Some(who())),
            Job::Authenticate(_) => unreachable!("the upgrade said who it is"),
        });
    }

    pub(super) fn act(&mut self) {
        while let Some(action) = self.machine.next_action() {
            match action {
                Action::Send(frame) => self.receive(&frame),
                Action::Subscribe(ids) => {
                    for (id, _) in ids {
                        self.rooms[room_of(id)].subscribed = true;
                    }
                }
                Action::Unsubscribe(id) => self.rooms[room_of(id)].subscribed = false,
                Action::Listen => self.ready = true,
                Action::Close(reason) => self.closed = Some(reason),
                Action::Move(step) => assert!(step.cursor.delivered_seq > 0),
                Action::Post(..) | Action::Change(..) | Action::Type(..) | Action::Show(_) => {}
            }
        }
    }

    /// The client. It believes nothing.
    fn receive(&mut self, text: &Utf8Bytes) {
        let frame: Value = serde_json::from_str(text.as_str()).unwrap();
        assert!(FRAMES.is_valid(&frame), "{frame} is not in the schema");
        let room = |frame: &Value| room_of(frame["conversation"].as_str().unwrap().parse().unwrap());
        match frame["type"].as_str().unwrap() {
            "ready" => {
                for shown in frame["conversations"].as_array().unwrap() {
                    let number = room_of(shown["id"].as_str().unwrap().parse().unwrap());
                    let cursor = self.cursors.iter().find(|(room, _)| *room == number).map(|(_, seq)| *seq);
                    let last_seq = shown["last_seq"].as_u64().unwrap();
                    self.shown.insert(number, Shown { next: cursor.unwrap_or(last_seq) + 1 });
                }
            }
            "reset" => {
                let next = frame["last_seq"].as_u64().unwrap() + 1;
                self.shown.get_mut(&room(&frame)).unwrap().next = next;
            }
            "entry" => self.entry(room(&frame), frame["seq"].as_u64().unwrap(), text.as_str().len()),
            "conversation.added" => {
                let shown = &frame["conversation"];
                let number = room_of(shown["id"].as_str().unwrap().parse().unwrap());
                let earlier =
                    self.shown.insert(number, Shown { next: shown["last_seq"].as_u64().unwrap() + 1 });
                assert!(earlier.is_none(), "it was there already");
            }
            "conversation.removed" => {
                let number = room(&frame);
                assert!(self.shown.remove(&number).is_some(), "it was not there");
                // What is gone needs no acknowledgement.
                self.unacknowledged.retain(|(room, ..)| *room != number);
            }
            "ok" | "personal.changed" | "notifications.changed" => {}
            other => panic!("{other} was not expected"),
        }
    }

    fn entry(&mut self, number: usize, seq: u64, bytes: usize) {
        let shown = self.shown.get_mut(&number).expect("an entry of a conversation that is not the client's");
        assert_eq!(seq, shown.next, "a gap or a repeat");
        shown.next += 1;
        self.received += 1;
        // Nothing behind a removal, unless they are in again by now.
        let log = &self.rooms[number].log;
        let before = &log[..usize::try_from(seq).unwrap() - 1];
        if let Some(out) = before.iter().rposition(|entry| *entry == Entry::Out) {
            assert!(log[out..].contains(&Entry::In), "an entry behind the removal");
        }
        self.unacknowledged.push_back((number, seq, bytes));
        assert!(self.unacknowledged.len() <= WINDOW, "more entries than the window");
        let in_flight: usize = self.unacknowledged.iter().map(|(.., bytes)| bytes).sum();
        assert!(in_flight <= 1_600, "more bytes than the window");
    }

    /// News stops being lost; everything that is behind catches up.
    pub(super) fn settle(&mut self) {
        self.mail.resync = true;
        for _ in 0..400 {
            for room in 0..self.rooms.len() {
                self.step(&Step::HandOut(room, false));
            }
            for step in [Step::Tick, Step::TakeMail, Step::DoJob, Step::FinishJob, Step::AcknowledgeAll] {
                self.step(&step);
            }
        }
        for (number, room) in self.rooms.iter().enumerate() {
            let next = self.shown.get(&number).map(|shown| shown.next);
            assert_eq!(next, room.member.then_some(room.log.len() as u64 + 1), "conversation {number}");
        }
        assert_eq!(self.machine.window.in_flight(), (0, 0));
        assert_eq!(self.closed, None);
    }
}
