use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use parlor_domain::{Clock, NodeId, Presence, PresentUser, Timestamp, User, UserId};
use parlor_wire::{self as wire, PresenceSource, PresenceState};
use tokio::time::Instant;

use super::elsewhere::Elsewhere;
use crate::nodes::{Bell, Ringer};

/// Everybody who is connected or was until just now, how they want to be seen, and what of it is
/// to be told.
///
/// What waits to be told or stored is one mark for each person, so it is bounded by the number of
/// people.
pub(crate) struct People {
    clock: Arc<dyn Clock>,
    grace: Duration,
    /// How the other nodes are rung, when there are others.
    ringer: Option<Arc<Ringer>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    here: HashMap<UserId, Person>,
    /// Those who are connected to other nodes.
    elsewhere: Elsewhere,
    /// Those of whom it is not written down for the other nodes how they are seen here.
    unwritten: HashSet<UserId>,
    /// Those whose last device left, and when their grace is over, in that order.
    leaving: VecDeque<(Instant, UserId)>,
    /// What others were told last, of those who are not offline.
    told: HashMap<UserId, PresenceState>,
    /// Those of whom others may have to be told something, the one waiting longest first.
    changed: VecDeque<UserId>,
    is_changed: HashSet<UserId>,
    /// Those who keep to themselves when they were last seen.
    discreet: HashSet<UserId>,
    /// When people were last seen, as far as it is not stored yet.
    seen: HashMap<UserId, Timestamp>,
    /// The same, for those who left and of whom others were not told yet.
    left_at: HashMap<UserId, Timestamp>,
}

struct Person {
    devices: usize,
    choice: Presence,
    /// The choice that is stored with their account, as it was known last.
    stored: Presence,
    /// When they were last seen by others: the moment they became invisible, or their last device
    /// left.
    seen_at: Option<Timestamp>,
    /// When the grace after the last departure is over.
    leaves_at: Instant,
}

impl PresenceSource for People {
    fn presence_of(&self, user: UserId) -> PresenceState {
        self.state().seen(user)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

impl People {
    pub(crate) fn new(clock: Arc<dyn Clock>, grace: Duration, ringer: Option<Arc<Ringer>>) -> Self {
        Self { clock, grace, ringer, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more device of this person is connected, and shows them as it wants when it says so;
    /// otherwise as their other devices do, or as they have chosen for all times.
    pub(crate) fn arrive(&self, user: UserId, choice: Option<Presence>, stored: Presence) {
        let mut state = self.state();
        let elsewhere = state.elsewhere.of(user);
        let person = state.here.entry(user).or_insert_with(|| Person {
            devices: 0,
            choice: elsewhere.unwrap_or(stored),
            stored,
            seen_at: None,
            leaves_at: Instant::now(),
        });
        person.devices += 1;
        if person.choice != Presence::Invisible {
            person.seen_at = None;
        }
        let first = person.devices == 1;
        state.mark(user);
        if first {
            self.tell_others(&mut state, user, false);
        }
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
    pub(crate) fn choose(&self, user: UserId, choice: Presence) {
        let mut state = self.state();
        self.adopt(&mut state, user, choice);
        self.tell_others(&mut state, user, true);
    }

    /// What a person's account says now.
    pub(crate) fn settle(&self, user: &User) {
        let mut state = self.state();
        if user.shares_last_seen {
            state.discreet.remove(&user.id);
        } else {
            state.discreet.insert(user.id);
        }
        let Some(person) = state.here.get_mut(&user.id) else { return };
        if person.stored != user.presence {
            person.stored = user.presence;
            self.adopt(&mut state, user.id, user.presence);
            self.tell_others(&mut state, user.id, true);
        }
    }

    /// Those who keep to themselves when they were last seen, all of them.
    pub(crate) fn set_discreet(&self, users: Vec<UserId>) {
        self.state().discreet = users.into_iter().collect();
    }

    fn adopt(&self, state: &mut State, user: UserId, choice: Presence) {
        let now = self.clock.now();
        let Some(person) = state.here.get_mut(&user) else { return };
        person.choice = choice;
        if choice == Presence::Invisible {
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
            self.tell_others(&mut state, user, false);
        }
    }

    /// How somebody is seen on another node; `None` when they left it.
    pub(crate) fn hear(&self, node: NodeId, user: UserId, presence: Option<Presence>, chosen: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        let before = state.elsewhere.set(node, user, presence);
        if presence.is_none() && before != Some(Presence::Invisible) {
            state.left_at.insert(user, now);
        }
        if let (true, Some(choice)) = (chosen, presence) {
            self.adopt(&mut state, user, choice);
            state.unwritten.insert(user);
        }
        state.mark(user);
    }

    /// Who is connected to other nodes, all of them.
    pub(crate) fn set_elsewhere(&self, present: &[PresentUser]) {
        let now = self.clock.now();
        let mut state = self.state();
        for (user, left) in state.elsewhere.replace(present) {
            if left {
                state.left_at.entry(user).or_insert(now);
            }
            state.mark(user);
        }
    }

    /// How those are seen here of whom it is not written down yet; `None` for those who left.
    pub(crate) fn unwritten(&self) -> Vec<(UserId, Option<Presence>)> {
        let mut state = self.state();
        let users = std::mem::take(&mut state.unwritten);
        users.into_iter().map(|user| (user, state.here.get(&user).map(|person| person.choice))).collect()
    }

    /// What was written down is lost.
    pub(crate) fn write_all_again(&self) {
        let mut state = self.state();
        let here: Vec<_> = state.here.keys().copied().collect();
        state.unwritten.extend(here);
    }

    fn tell_others(&self, state: &mut State, user: UserId, chosen: bool) {
        if let Some(ringer) = &self.ringer {
            state.unwritten.insert(user);
            let seen = state.here.get(&user).map(|person| person.choice.into());
            ringer.ring(Bell::Presence(user.as_uuid(), seen, chosen));
        }
    }

    /// Up to `most` people of whom others are to be told, those that waited longest first. Who
    /// came and went while waiting is left out.
    pub(crate) fn changes(&self, most: usize) -> Vec<wire::Presence> {
        let mut state = self.state();
        let mut changes = Vec::new();
        while changes.len() < most
            && let Some(user) = state.changed.pop_front()
        {
            state.is_changed.remove(&user);
            let now = state.seen(user);
            let left_at = state.left_at.remove(&user).filter(|_| !state.discreet.contains(&user));
            let before = match now {
                PresenceState::Offline => state.told.remove(&user),
                _ => state.told.insert(user, now),
            };
            if before.unwrap_or(PresenceState::Offline) != now {
                let last_seen_at = left_at.filter(|_| now == PresenceState::Offline).map(Into::into);
                changes.push(wire::Presence { user: user.as_uuid(), state: now, last_seen_at });
            }
        }
        changes
    }

    /// How many people are connected, here or to other nodes, however they want to be seen.
    pub(crate) fn count(&self) -> usize {
        let state = self.state();
        let others = state.elsewhere.users().filter(|user| !state.here.contains_key(user)).count();
        state.here.len() + others
    }

    /// Those whom others see connected, in no particular order.
    pub(crate) fn visible(&self) -> Vec<UserId> {
        let state = self.state();
        let others = state.elsewhere.users().filter(|user| !state.here.contains_key(user));
        let all = state.here.keys().copied().chain(others);
        all.filter(|user| state.seen(*user) != PresenceState::Offline).collect()
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
    /// How others see this person, whatever node they are connected to: where two devices differ,
    /// the one that shows less counts.
    fn seen(&self, user: UserId) -> PresenceState {
        let here = self.here.get(&user).map(|person| person.choice);
        match here.max(self.elsewhere.of(user)) {
            None | Some(Presence::Invisible) => PresenceState::Offline,
            Some(Presence::Online) => PresenceState::Online,
            Some(Presence::Away) => PresenceState::Away,
            Some(Presence::DoNotDisturb) => PresenceState::DoNotDisturb,
        }
    }

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
    pub(crate) fn begin(
        people: &Arc<People>,
        user: UserId,
        choice: Option<Presence>,
        stored: Presence,
    ) -> Self {
        people.arrive(user, choice, stored);
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
#[path = "people_tests.rs"]
mod tests;
