use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor_domain::{Clock, Timestamp, UserId};
use parlor_wire::{Presence, PresenceSource, PresenceState};
use tokio::time::Instant;

use crate::frames::PresenceChoice;

/// Everybody who is connected or was until just now, how they want to be seen, and what of it is
/// to be told.
///
/// What waits to be told or stored is one mark for each person, so it is bounded by the number of
/// people.
pub(crate) struct People {
    clock: Arc<dyn Clock>,
    grace: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    here: HashMap<UserId, Person>,
    /// Those whose last device left, and when their grace is over, in that order.
    leaving: VecDeque<(Instant, UserId)>,
    /// What others were told last, of those who are not offline.
    told: HashMap<UserId, PresenceState>,
    /// Those of whom others may have to be told something, the one waiting longest first.
    changed: VecDeque<UserId>,
    is_changed: HashSet<UserId>,
    /// When people were last seen, as far as it is not stored yet.
    seen: HashMap<UserId, Timestamp>,
    /// The same, for those who left and of whom others were not told yet.
    left_at: HashMap<UserId, Timestamp>,
}

struct Person {
    devices: usize,
    choice: PresenceChoice,
    /// When they were last seen by others: the moment they became invisible, or their last device
    /// left.
    seen_at: Option<Timestamp>,
    /// When the grace after the last departure is over.
    leaves_at: Instant,
}

impl Person {
    fn state(&self) -> PresenceState {
        match self.choice {
            PresenceChoice::Online => PresenceState::Online,
            PresenceChoice::Away => PresenceState::Away,
            PresenceChoice::DoNotDisturb => PresenceState::DoNotDisturb,
            PresenceChoice::Invisible => PresenceState::Offline,
        }
    }
}

impl PresenceSource for People {
    fn presence_of(&self, user: UserId) -> PresenceState {
        self.state().here.get(&user).map_or(PresenceState::Offline, Person::state)
    }
}

impl People {
    pub(crate) fn new(clock: Arc<dyn Clock>, grace: Duration) -> Self {
        Self { clock, grace, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more device of this person is connected, and shows them as it wants when it says so.
    pub(crate) fn arrive(&self, user: UserId, choice: Option<PresenceChoice>) {
        let mut state = self.state();
        let person = state.here.entry(user).or_insert_with(|| Person {
            devices: 0,
            choice: PresenceChoice::Online,
            seen_at: None,
            leaves_at: Instant::now(),
        });
        person.devices += 1;
        if person.choice != PresenceChoice::Invisible {
            person.seen_at = None;
        }
        state.mark(user);
        drop(state);
        if let Some(choice) = choice {
            self.choose(user, choice);
        }
    }

    /// One device less; when it was the last, the grace begins.
    pub(crate) fn depart(&self, user: UserId) {
        let (over, now) = (Instant::now() + self.grace, self.clock.now());
        let mut state = self.state();
        let Some(person) = state.here.get_mut(&user) else { return };
        person.devices = person.devices.saturating_sub(1);
        if person.devices == 0 {
            person.seen_at.get_or_insert(now);
            person.leaves_at = over;
            state.leaving.push_back((over, user));
        }
    }

    /// How the person wants to be seen, as long as one device stays connected.
    pub(crate) fn choose(&self, user: UserId, choice: PresenceChoice) {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(person) = state.here.get_mut(&user) else { return };
        person.choice = choice;
        if choice == PresenceChoice::Invisible {
            // Others see them leave now, and not when they really do.
            let seen_at = *person.seen_at.get_or_insert(now);
            state.left_at.insert(user, seen_at);
        } else {
            person.seen_at = None;
        }
        state.mark(user);
    }

    /// Lets go of those whose grace is over.
    pub(crate) fn sweep(&self) {
        let now = Instant::now();
        let mut state = self.state();
        while let Some((over, user)) = state.leaving.front().copied() {
            if over > now {
                break;
            }
            state.leaving.pop_front();
            // Whoever came back, or left twice within the grace, has no or a later end of it.
            if !state.here.get(&user).is_some_and(|person| person.devices == 0 && person.leaves_at <= now) {
                continue;
            }
            if let Some(seen_at) = state.here.remove(&user).and_then(|person| person.seen_at) {
                state.seen.insert(user, seen_at);
                state.left_at.insert(user, seen_at);
            }
            state.mark(user);
        }
    }

    /// Up to `most` people of whom others are to be told, those that waited longest first. Who
    /// came and went while waiting is left out.
    pub(crate) fn changes(&self, most: usize) -> Vec<Presence> {
        let mut state = self.state();
        let mut changes = Vec::new();
        while changes.len() < most
            && let Some(user) = state.changed.pop_front()
        {
            state.is_changed.remove(&user);
            let now = state.here.get(&user).map_or(PresenceState::Offline, Person::state);
            let left_at = state.left_at.remove(&user);
            let before = match now {
                PresenceState::Offline => state.told.remove(&user),
                _ => state.told.insert(user, now),
            };
            if before.unwrap_or(PresenceState::Offline) != now {
                let last_seen_at = left_at.filter(|_| now == PresenceState::Offline).map(Into::into);
                changes.push(Presence { user: user.as_uuid(), state: now, last_seen_at });
            }
        }
        changes
    }

    /// Takes what is to be stored of when people were last seen.
    pub(crate) fn take_seen(&self) -> Vec<(UserId, Timestamp)> {
        self.state().seen.drain().collect()
    }

    /// Everybody who is still here is seen for the last time.
    pub(crate) fn everybody_leaves(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let here: Vec<_> =
            state.here.drain().map(|(user, person)| (user, person.seen_at.unwrap_or(now))).collect();
        state.seen.extend(here);
    }

    /// Gives back what could not be stored.
    pub(crate) fn give_back_seen(&self, seen: Vec<(UserId, Timestamp)>) {
        let mut state = self.state();
        for (user, at) in seen {
            let latest = state.seen.entry(user).or_insert(at);
            *latest = at.max(*latest);
        }
    }
}

impl State {
    fn mark(&mut self, user: UserId) {
        if self.is_changed.insert(user) {
            self.changed.push_back(user);
        }
    }
}

/// One device's stay. Dropping it, also in a panic, is its departure.
pub(crate) struct Stay {
    people: Arc<People>,
    user: UserId,
}

impl Stay {
    pub(crate) fn begin(people: &Arc<People>, user: UserId, choice: Option<PresenceChoice>) -> Self {
        people.arrive(user, choice);
        Self { people: Arc::clone(people), user }
    }

    pub(crate) fn user(&self) -> UserId {
        self.user
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.people.depart(self.user);
    }
}

#[cfg(test)]
mod tests {
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
        (People::new(clock.clone(), GRACE), clock)
    }

    fn told(people: &People) -> Vec<PresenceState> {
        people.sweep();
        people.changes(40).into_iter().map(|change| change.state).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_person_is_online_until_the_last_device_is_gone_for_a_while() {
        let (people, clock) = people();
        people.arrive(ANA, None);
        people.arrive(ANA, None);
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
        people.arrive(ANA, None);
        assert_eq!(told(&people), [PresenceState::Online]);
        people.depart(ANA);
        tokio::time::advance(GRACE / 2).await;
        people.arrive(ANA, None);
        people.depart(ANA);
        tokio::time::advance(GRACE / 2).await;
        assert_eq!(told(&people), [], "the grace counts from the last departure");
        tokio::time::advance(GRACE / 2).await;
        assert_eq!(told(&people), [PresenceState::Offline]);
    }

    #[tokio::test(start_paused = true)]
    async fn t33_one_who_is_invisible_looks_offline_from_that_moment_on() {
        let (people, clock) = people();
        people.arrive(ANA, None);
        assert_eq!(told(&people), [PresenceState::Online]);
        clock.0.store(3_000, Ordering::Relaxed);
        people.choose(ANA, PresenceChoice::Invisible);
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
        people.arrive(ANA, Some(PresenceChoice::Invisible));
        assert_eq!(told(&people), []);
    }

    #[tokio::test(start_paused = true)]
    async fn many_changes_are_told_a_few_at_a_time() {
        let (people, _) = people();
        for number in 0..100 {
            people.arrive(UserId::from_uuid(Uuid::from_u128(number)), None);
        }
        assert_eq!(people.changes(40).len(), 40);
        assert_eq!(people.changes(40).len(), 40);
        assert_eq!(people.changes(40).len(), 20);
        assert_eq!(people.changes(40).len(), 0);
    }
}
