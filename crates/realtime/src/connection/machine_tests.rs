//! The machine against a model: a log, a bus that loses, repeats and reorders, a store that
//! answers late, and a client that checks everything it is sent.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jsonschema::Validator;
use parlor_domain::{Actor, Authenticated, ConversationId, Cursor, Role, SessionId, UserId};
use parlor_wire as wire;
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use super::events::{Action, Batch, Control, Event, Job, Line, Loaded, Mail, Page, Place, Snapshot};
use super::machine::{Common, Machine};
use crate::frames::{CloseReason, ServerFrame, encode, schema};
use crate::settings::Settings;

const ME: UserId = UserId::from_uuid(Uuid::from_u128(7));
const SESSION: SessionId = SessionId::from_uuid(Uuid::from_u128(8));
const EPOCH: Uuid = Uuid::from_u128(9);
const WINDOW: usize = 8;
const ROOMS: usize = 3;

static FRAMES: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::validator_for(&schema()["server"]).unwrap());

fn conversation(room: usize) -> ConversationId {
    ConversationId::from_uuid(Uuid::from_u128(100 + room as u128))
}

fn room_of(conversation: ConversationId) -> usize {
    usize::try_from(conversation.as_uuid().as_u128() - 100).unwrap()
}

fn who() -> Authenticated {
    Authenticated { actor: Actor { user: ME, role: Role::User }, session: SESSION }
}

fn me() -> wire::Account {
    wire::Account {
        id: ME.as_uuid(),
        user_code: "USR000001".into(),
        username: "ana".into(),
        name: "Ana".into(),
        about: String::new(),
        email: None,
        role: wire::Role::User,
        created_at: parlor_domain::Timestamp::from_millis(0).into(),
    }
}

fn place(room: usize, last_seq: u64) -> Place {
    let id = conversation(room);
    Place {
        id,
        last_seq,
        floor_seq: 0,
        cursor: Cursor::default(),
        shown: wire::Conversation {
            id: id.as_uuid(),
            kind: wire::ConversationKind::Group,
            group: None,
            peer: None,
            peer_cursor: None,
            role: wire::MemberRole::Member,
            last_seq,
            floor_seq: 0,
            read_seq: 0,
            delivered_seq: 0,
            unread: 0,
            last_message: None,
        },
    }
}

fn line(room: usize, seq: u64) -> Line {
    let entry = wire::Entry {
        conversation: conversation(room).as_uuid(),
        seq,
        kind: wire::EntryKind::Join,
        actor: None,
        created_at: parlor_domain::Timestamp::from_millis(0).into(),
        message: None,
        subject: Some(ME.as_uuid()),
        name: None,
    };
    Line { seq, frame: encode(&ServerFrame::Entry(entry)) }
}

fn settings() -> Settings {
    Settings {
        window_entries: WINDOW,
        window_bytes: 1_600,
        resume_entries: 20,
        page_entries: 3,
        ..Settings::default()
    }
}

fn machine_with(settings: Settings) -> Machine {
    Machine::new(Arc::new(Common { settings, metrics: Arc::default(), epoch: EPOCH }), Some(who()))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Message,
    Out,
    In,
}

/// One conversation in the store, and how far the hub is with its events.
#[derive(Default)]
struct Room {
    log: Vec<Entry>,
    member: bool,
    handed_out: usize,
    subscribed: bool,
}

/// What the client knows of one conversation.
struct Shown {
    next: u64,
}

struct World {
    machine: Machine,
    now: Duration,
    rooms: Vec<Room>,
    mail: Mail,
    /// The job being done, with its result as of when it was done.
    done: Option<Loaded>,
    shown: HashMap<usize, Shown>,
    unacknowledged: VecDeque<(usize, u64, usize)>,
    cursors: Vec<(usize, u64)>,
    ready: bool,
    closed: Option<CloseReason>,
    received: usize,
}

#[derive(Debug, Clone)]
enum Step {
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
    fn new(cursors: Vec<(usize, u64)>, lengths: &[usize]) -> Self {
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

    fn say(&mut self, frame: &Value) {
        self.now += Duration::from_secs(10);
        self.machine.handle(Event::Frame(&frame.to_string()), self.now);
        self.act();
    }

    fn step(&mut self, step: &Step) {
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
            Step::Out(_) | Step::In(_) => {}
            Step::HandOut(room, lost) => self.hand_out(room, lost),
            Step::Stray(room, seq, count) => self.stray(room, seq, count),
            Step::TakeMail if self.machine.takes_mail() => {
                self.machine.handle(Event::Mail(&mut self.mail), self.now)
            }
            Step::TakeMail => {}
            Step::DoJob => self.do_job(),
            Step::FinishJob => {
                if let Some(loaded) = self.done.take() {
                    self.machine.handle(Event::Loaded(loaded), self.now);
                }
            }
            Step::Acknowledge(count) => {
                let cursors: Vec<_> =
                    self.unacknowledged.drain(..count.min(self.unacknowledged.len())).collect();
                self.acknowledge(cursors);
            }
            Step::AcknowledgeAll => {
                let cursors: Vec<_> = self.unacknowledged.drain(..).collect();
                self.acknowledge(cursors);
            }
            Step::Tick => {
                for (number, room) in self.rooms.iter().enumerate().filter(|(_, room)| room.subscribed) {
                    self.mail.dirty.push((conversation(number), room.log.len() as u64));
                }
            }
        }
        self.act();
    }

    fn acknowledge(&mut self, entries: Vec<(usize, u64, usize)>) {
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

    fn do_job(&mut self) {
        let Some(job) = self.machine.next_job(self.now) else { return };
        assert!(self.done.is_none(), "one job at a time");
        self.done = Some(match job {
            Job::Confirm(who) => Loaded::Confirmed(who),
            Job::Snapshot => {
                let rooms = self.rooms.iter().enumerate().filter(|(_, room)| room.member);
                let places = rooms.map(|(number, room)| place(number, room.log.len() as u64)).collect();
                Loaded::Snapshot(Box::new(Snapshot { me: me(), places }))
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

    fn act(&mut self) {
        while let Some(action) = self.machine.next_action() {
            match action {
                Action::Send(frame) => self.receive(&frame),
                Action::Subscribe(ids) => {
                    ids.iter().for_each(|(id, _)| self.rooms[room_of(*id)].subscribed = true)
                }
                Action::Unsubscribe(id) => self.rooms[room_of(id)].subscribed = false,
                Action::Listen => self.ready = true,
                Action::Close(reason) => self.closed = Some(reason),
                Action::Move(step) => assert!(step.cursor.delivered_seq > 0),
                Action::Post(..) | Action::Type(..) | Action::Show(_) => {}
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
            "ok" => {}
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
    fn settle(&mut self) {
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

fn step() -> impl Strategy<Value = Step> {
    let room = 0..ROOMS;
    prop_oneof![
        6 => room.clone().prop_map(Step::Append),
        1 => room.clone().prop_map(Step::Out),
        1 => room.clone().prop_map(Step::In),
        6 => (room.clone(), prop::bool::weighted(0.3)).prop_map(|(room, lost)| Step::HandOut(room, lost)),
        2 => (room, 1_u64..40, 1_u64..4).prop_map(|(room, seq, count)| Step::Stray(room, seq, count)),
        6 => Just(Step::TakeMail),
        6 => Just(Step::DoJob),
        6 => Just(Step::FinishJob),
        3 => (1_usize..4).prop_map(Step::Acknowledge),
        1 => Just(Step::AcknowledgeAll),
        1 => Just(Step::Tick),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, max_shrink_iters: 5_000, ..ProptestConfig::default() })]

    #[test]
    fn r15_r19_whatever_the_bus_does_a_client_gets_each_log_without_a_gap(
        lengths in prop::collection::vec(0_usize..30, ROOMS),
        cursors in prop::collection::btree_map(0..ROOMS, 0_u64..35, 0..=ROOMS),
        steps in prop::collection::vec(step(), 1..200),
    ) {
        let mut world = World::new(cursors.into_iter().collect(), &lengths);
        for step in &steps {
            world.step(step);
        }
        world.settle();
    }
}

fn live(lengths: &[usize]) -> World {
    let mut world = World::new(Vec::new(), lengths);
    world.step(&Step::DoJob);
    world.step(&Step::FinishJob);
    world.step(&Step::DoJob);
    world.step(&Step::FinishJob);
    world
}

#[test]
fn an_announced_entry_is_sent_without_asking_the_store() {
    let mut world = live(&[5]);
    world.step(&Step::Append(0));
    world.step(&Step::HandOut(0, false));
    world.step(&Step::TakeMail);
    assert_eq!(world.received, 1);
    assert!(world.machine.next_job(world.now).is_none());
}

#[test]
fn a_full_window_waits_for_acknowledgements_and_reads_the_log_then() {
    let mut world = live(&[0]);
    for _ in 0..20 {
        world.step(&Step::Append(0));
        world.step(&Step::HandOut(0, false));
    }
    world.step(&Step::TakeMail);
    assert_eq!(world.received, WINDOW);
    assert!(world.machine.next_job(world.now).is_none(), "there is no room to read for");
    world.step(&Step::AcknowledgeAll);
    assert!(
        matches!(world.machine.next_job(world.now), Some(Job::Page(_, after, 3)) if after == WINDOW as u64)
    );
}

#[test]
fn long_logs_are_read_in_turn() {
    let mut world = World::new(vec![(0, 0), (1, 0), (2, 0)], &[15, 15, 15]);
    for _ in 0..3 {
        world.step(&Step::DoJob);
        world.step(&Step::FinishJob);
    }
    let mut read = Vec::new();
    for _ in 0..6 {
        if let Some(Job::Page(id, after, _)) = world.machine.next_job(world.now) {
            read.push(room_of(id));
            let lines = vec![line(room_of(id), after + 1)];
            world.machine.handle(
                Event::Loaded(Loaded::Page(id, Some(Page { last_seq: 15, floor_seq: 0, lines }))),
                world.now,
            );
            world.act();
        }
    }
    read.sort_unstable();
    read.dedup();
    assert_eq!(read, [0, 1, 2]);
}

#[test]
fn r06_a_cursor_that_is_too_old_is_reset() {
    let world = {
        let mut world = World::new(vec![(0, 3), (1, 4)], &[24, 24]);
        world.step(&Step::DoJob);
        world.step(&Step::FinishJob);
        world
    };
    assert_eq!(world.machine.common.metrics.resets.get(), 1);
    assert_eq!((world.shown[&0].next, world.shown[&1].next), (25, 5));
}

#[test]
fn r26_cursors_of_another_database_are_reset() {
    let mut machine = machine_with(settings());
    let hello = json!({"id": 1, "type": "hello", "epoch": Uuid::from_u128(1), "cursors": [[conversation(0).as_uuid(), 1]]});
    machine.handle(Event::Loaded(Loaded::Confirmed(who())), Duration::ZERO);
    machine.handle(Event::Frame(&hello.to_string()), Duration::ZERO);
    let snapshot = Snapshot { me: me(), places: vec![place(0, 2)] };
    machine.handle(Event::Loaded(Loaded::Snapshot(Box::new(snapshot))), Duration::ZERO);
    let frames = answers(&mut machine);
    assert_eq!((frames[1]["type"].as_str(), frames[1]["last_seq"].as_u64()), (Some("reset"), Some(2)));
}

#[test]
fn a_client_that_finds_a_gap_is_put_back_to_its_cursor() {
    let mut world = live(&[5]);
    world.say(&json!({"id": 3, "type": "hello", "cursors": [[conversation(0).as_uuid(), 2]]}));
    assert_eq!(world.machine.common.metrics.gap_hellos.get(), 1);
    world.shown.get_mut(&0).unwrap().next = 3;
    world.step(&Step::DoJob);
    world.step(&Step::FinishJob);
    assert_eq!(world.received, 3);
}

fn answers(machine: &mut Machine) -> Vec<Value> {
    let mut answers = Vec::new();
    while let Some(action) = machine.next_action() {
        if let Action::Send(frame) = action {
            let frame = serde_json::from_str(frame.as_str()).unwrap();
            assert!(FRAMES.is_valid(&frame), "{frame} is not in the schema");
            answers.push(frame);
        }
    }
    answers
}

#[test]
fn commands_beyond_the_rate_are_refused_and_abuse_ends_the_connection() {
    let mut machine = live(&[0]).machine;
    let now = Duration::from_secs(3_600);
    let typing = json!({"id": 5, "type": "typing", "conversation": Uuid::nil()}).to_string();
    for _ in 0..100 {
        machine.handle(Event::Frame(&typing), now);
    }
    assert!(answers(&mut machine).iter().all(|answer| answer["code"] == "not_found"));
    machine.handle(Event::Frame(&typing), now);
    let refused = answers(&mut machine);
    assert_eq!(
        (refused[0]["code"].as_str(), refused[0]["retry_after_ms"].as_u64()),
        (Some("rate_limited"), Some(20))
    );
    for _ in 0..200 {
        machine.handle(Event::Frame(&typing), now);
    }
    let mut last = None;
    while let Some(action) = machine.next_action() {
        last = Some(action);
    }
    assert!(matches!(last, Some(Action::Close(CloseReason::Rate))));
}

#[test]
fn posts_beyond_those_in_flight_wait_in_the_socket() {
    let mut machine = live(&[0]).machine;
    for number in 0..64_u128 {
        let frame = json!({"id": 1, "type": "message.send", "conversation": conversation(0).as_uuid(),
            "client_id": Uuid::from_u128(number), "body": "Hi"});
        machine.handle(Event::Frame(&frame.to_string()), Duration::from_secs(100));
    }
    assert!(!machine.reads());
    machine.handle(Event::Posted(1, Err(parlor_domain::PostError::Busy)), Duration::from_secs(100));
    assert!(machine.reads());
    let busy = answers(&mut machine);
    assert_eq!((busy[0]["code"].as_str(), busy[0]["retryable"].as_bool()), (Some("busy"), Some(true)));
}

#[test]
fn r10_at_a_restart_posts_in_flight_are_answered_before_the_end() {
    let mut machine = live(&[0]).machine;
    let frame = json!({"id": 9, "type": "message.send", "conversation": conversation(0).as_uuid(),
        "client_id": Uuid::nil(), "body": "Hi"});
    machine.handle(Event::Frame(&frame.to_string()), Duration::from_secs(100));
    assert!(matches!(machine.next_action(), Some(Action::Post(9, _))));
    machine.handle(Event::End(CloseReason::Restarting), Duration::from_secs(100));
    assert!(machine.next_action().is_none() && !machine.reads());
    machine.handle(Event::Posted(9, Err(parlor_domain::PostError::Busy)), Duration::from_secs(101));
    assert!(matches!(machine.next_action(), Some(Action::Send(_))));
    assert!(matches!(machine.next_action(), Some(Action::Close(CloseReason::Restarting))));
}

#[test]
fn r18_when_the_session_ends_nothing_that_waits_is_sent() {
    let mut world = live(&[0]);
    world.step(&Step::Append(0));
    world.step(&Step::HandOut(0, false));
    world.machine.handle(Event::Mail(&mut world.mail), world.now);
    world.machine.handle(Event::End(CloseReason::Banned), world.now);
    assert!(matches!(world.machine.next_action(), Some(Action::Close(CloseReason::Banned))));
    assert!(world.machine.next_action().is_none());
}

#[test]
fn one_who_is_unknown_may_only_say_who_they_are() {
    let common = Common { settings: settings(), metrics: Arc::default(), epoch: EPOCH };
    let mut machine = Machine::new(Arc::new(common), None);
    machine.handle(Event::Frame(r#"{"id":1,"type":"hello","cursors":[]}"#), Duration::ZERO);
    assert_eq!(answers(&mut machine)[0]["code"], "unauthenticated");
    machine.handle(Event::Frame(r#"{"id":2,"type":"authenticate","access_token":"t"}"#), Duration::ZERO);
    assert!(!machine.reads(), "nothing is read until it is known who this is");
    assert!(matches!(machine.next_job(Duration::ZERO), Some(Job::Authenticate(_))));
    machine.handle(Event::Loaded(Loaded::Known(2, Ok(who()))), Duration::ZERO);
    assert_eq!(answers(&mut machine), [json!({"type": "ok", "re": 2})]);
    assert!(machine.reads());
}

#[test]
fn a_cursor_that_this_client_reported_is_no_news_to_it() {
    let mut world = live(&[5]);
    let read = json!({"id": 4, "type": "read", "conversation": conversation(0).as_uuid(), "seq": 5});
    world.say(&read);
    let cursor = |seq| Control::Cursor(conversation(0), ME, Cursor { delivered_seq: seq, read_seq: seq });
    let mut mail = Mail { control: vec![cursor(5)], ..Mail::default() };
    world.machine.handle(Event::Mail(&mut mail), world.now);
    assert_eq!(answers(&mut world.machine), Vec::<Value>::new());
    let mut mail = Mail { control: vec![cursor(6)], ..Mail::default() };
    world.machine.handle(Event::Mail(&mut mail), world.now);
    assert_eq!(answers(&mut world.machine)[0]["read_seq"], 6);
}

#[test]
fn a_store_that_fails_is_asked_again_after_a_pause() {
    let mut world = World::new(vec![(0, 0)], &[3]);
    let job = world.machine.next_job(world.now).unwrap();
    world.machine.handle(Event::Loaded(Loaded::Failed(job)), world.now);
    assert!(world.machine.next_job(world.now).is_none());
    let later = world.machine.wakes_at().unwrap();
    assert!(matches!(world.machine.next_job(later), Some(Job::Snapshot)));
}
