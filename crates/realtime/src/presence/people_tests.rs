use std::sync::atomic::{AtomicI64, Ordering};

use uuid::Uuid;

use super::*;

#[derive(Default)]
struct FakeClock(AtomicI64);

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

const ANA: UserId = UserId::from_uuid(Uuid::from_u128(1));
const GRACE: Duration = Duration::from_secs(5);

fn people() -> (People, Arc<FakeClock>) {
    let clock = Arc::new(FakeClock::default());
    (People::new(clock.clone(), GRACE, None), clock)
}

fn told(people: &People) -> Vec<PresenceState> {
    people.sweep();
    people.changes(40).into_iter().map(|change| change.state).collect()
}

#[tokio::test(start_paused = true)]
async fn a_person_is_online_until_the_last_device_is_gone_for_a_while() {
    let (people, clock) = people();
    people.arrive(ANA, None, Presence::Online);
    people.arrive(ANA, None, Presence::Online);
    assert_eq!(told(&people), [PresenceState::Online]);
    people.depart(ANA);
    tokio::time::advance(GRACE).await;
    assert_eq!(told(&people), []);
    clock.0.store(7_000, Ordering::Relaxed);
    people.depart(ANA);
    assert_eq!(told(&people), []);
    tokio::time::advance(GRACE).await;
    assert_eq!(told(&people), [PresenceState::Offline]);
    assert_eq!(people.take_seen(), [(ANA, Timestamp::from_millis(7_000))]);
}

#[tokio::test(start_paused = true)]
async fn a_reconnect_within_the_grace_is_no_news() {
    let (people, _) = people();
    people.arrive(ANA, None, Presence::Online);
    assert_eq!(told(&people), [PresenceState::Online]);
    people.depart(ANA);
    tokio::time::advance(GRACE / 2).await;
    people.arrive(ANA, None, Presence::Online);
    people.depart(ANA);
    tokio::time::advance(GRACE / 2).await;
    assert_eq!(told(&people), [], "the grace counts from the last departure");
    tokio::time::advance(GRACE / 2).await;
    assert_eq!(told(&people), [PresenceState::Offline]);
}

#[tokio::test(start_paused = true)]
async fn t33_one_who_is_invisible_looks_offline_from_that_moment_on() {
    let (people, clock) = people();
    people.arrive(ANA, None, Presence::Online);
    assert_eq!(told(&people), [PresenceState::Online]);
    clock.0.store(3_000, Ordering::Relaxed);
    people.choose(ANA, Presence::Invisible);
    assert_eq!(people.presence_of(ANA), PresenceState::Offline);
    let changes = people.changes(40);
    assert_eq!(changes[0].last_seen_at, Some(Timestamp::from_millis(3_000).into()));
    clock.0.store(9_000, Ordering::Relaxed);
    people.depart(ANA);
    tokio::time::advance(GRACE).await;
    assert_eq!(told(&people), [], "leaving is no news either");
    assert_eq!(people.take_seen(), [(ANA, Timestamp::from_millis(3_000))]);
}

#[tokio::test(start_paused = true)]
async fn one_who_arrives_invisible_is_never_shown() {
    let (people, _) = people();
    people.arrive(ANA, Some(Presence::Invisible), Presence::Online);
    assert_eq!(told(&people), []);
}

#[tokio::test(start_paused = true)]
async fn many_changes_are_told_a_few_at_a_time() {
    let (people, _) = people();
    for number in 0..100 {
        people.arrive(UserId::from_uuid(Uuid::from_u128(number)), None, Presence::Online);
    }
    assert_eq!(people.changes(40).len(), 40);
    assert_eq!(people.changes(40).len(), 40);
    assert_eq!(people.changes(40).len(), 20);
    assert_eq!(people.changes(40).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn everybody_who_is_connected_is_counted_and_the_invisible_are_not_named() {
    let (people, _) = people();
    let [ben, cleo] = [UserId::from_uuid(Uuid::from_u128(8)), UserId::from_uuid(Uuid::from_u128(9))];
    let node = NodeId::from_uuid(Uuid::from_u128(7));
    people.arrive(ANA, None, Presence::Online);
    people.arrive(ben, None, Presence::Invisible);
    for user in [ANA, cleo] {
        people.hear(node, user, Some(Presence::Away), false);
    }
    let mut visible = people.visible();
    visible.sort_unstable();
    let mut expected = vec![ANA, cleo];
    expected.sort_unstable();
    assert_eq!((people.count(), visible), (3, expected));
}
