//! The machine against a model of everything around it.

mod fixtures;
mod world;

use std::sync::Arc;
use std::time::Duration;

use parlor_domain::Cursor;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use self::fixtures::{
    EPOCH, FRAMES, ME, ROOMS, WINDOW, conversation, line, machine_with, me, notifications, place, room_of,
    settings, who,
};
use self::world::{Step, World};
use super::events::{Action, Control, Event, Job, Loaded, Mail, Page, Snapshot};
use super::machine::{Common, Machine};
use crate::frames::CloseReason;

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
    let snapshot = Snapshot {
        blocked: Vec::new(),
        me: me(),
        places: vec![place(0, 2)],
        notifications: notifications(),
        maintenance: None,
    };
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
    let now = Duration::from_hours(1);
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
fn one_who_has_read_too_much_is_still_heard_when_there_is_more() {
    let mut world = live(&[5]);
    let mut moves = |seq: u64| {
        let read = json!({"id": 4, "type": "read", "conversation": conversation(0).as_uuid(), "seq": seq});
        world.now += Duration::from_secs(10);
        world.machine.handle(Event::Frame(&read.to_string()), world.now);
        let actions = std::iter::from_fn(|| world.machine.next_action());
        actions.filter(|action| matches!(action, Action::Move(_))).count()
    };
    assert_eq!(moves(1_000_000), 1, "the store knows where the log ends");
    assert_eq!(moves(5), 0, "that is no news");
    assert_eq!(moves(6), 1);
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

#[test]
fn mail_waits_while_memberships_are_read() {
    let mut world = live(&[5]);
    let mut mail = Mail { control: vec![Control::Joined(conversation(1))], ..Mail::default() };
    world.machine.handle(Event::Mail(&mut mail), world.now);
    assert!(world.machine.takes_mail());
    assert!(matches!(world.machine.next_job(world.now), Some(Job::View(_))));
    assert!(!world.machine.takes_mail());
    world.machine.handle(Event::Loaded(Loaded::View(conversation(1), None)), world.now);
    assert!(world.machine.takes_mail());
}

#[test]
fn an_old_removal_does_not_end_a_newer_membership() {
    let mut world = live(&[5]);
    let mut mail = Mail { control: vec![Control::Left(conversation(0), 4)], ..Mail::default() };
    world.machine.handle(Event::Mail(&mut mail), world.now);
    assert!(matches!(world.machine.next_action(), Some(Action::Subscribe(_))), "the hub let go of it");
    assert_eq!(answers(&mut world.machine), Vec::<Value>::new());
}
