use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{Network, TooOften};

/// For how long a failure counts.
const COUNTS: Duration = Duration::from_mins(30);

/// How long one waits at first; each further failure doubles it, up to [`COUNTS`].
const FIRST_WAIT: Duration = Duration::from_mins(1);

/// The most accounts, and the most pairs of an account and a network, that are remembered.
const MOST: usize = 100_000;

/// An account, as the limits know it: nothing that tells whether there is one.
pub(crate) type Account = u64;

/// Counts failures to prove who one is.
///
/// An account has a few of them for free. After that whoever fails waits, longer each time; who
/// comes from a network that has not failed at this account has one try at once. So nobody is ever
/// shut out by what others do, and somebody with many networks gets one try from each, not many.
///
/// Full: what counts no more is forgotten. When that is not enough everything is.
pub(crate) struct Failures {
    free: u32,
    tallies: Mutex<Tallies>,
}

#[derive(Default)]
struct Tallies {
    accounts: HashMap<Account, Tally>,
    pairs: HashMap<(Account, Network), Tally>,
}

#[derive(Clone, Copy)]
struct Tally {
    count: u32,
    last: Instant,
}

/// A try that is under way. It counts as a failure from its beginning, so that a thousand at once
/// are no way around the limit.
pub(crate) struct Try<'a> {
    failures: &'a Failures,
    pair: (Account, Network),
}

impl Failures {
    pub(crate) fn new(free: u32) -> Self {
        Self { free, tallies: Mutex::default() }
    }

    /// Begins a try, or says how long to wait for it.
    pub(crate) fn begin(&self, account: Account, from: Network, now: Instant) -> Result<Try<'_>, TooOften> {
        let mut tallies = self.tallies();
        let pair = (account, from);
        let of_account = current(&tallies.accounts, &account, now);
        let of_pair = current(&tallies.pairs, &pair, now);
        if of_account.count >= self.free && of_pair.count > 0 {
            let next = of_pair.last + self.wait(of_pair.count);
            if next > now {
                return Err(TooOften(next - now));
            }
        }
        make_room(&mut tallies.accounts, now);
        make_room(&mut tallies.pairs, now);
        tallies.accounts.insert(account, Tally { count: of_account.count + 1, last: now });
        tallies.pairs.insert(pair, Tally { count: of_pair.count + 1, last: now });
        Ok(Try { failures: self, pair })
    }

    fn wait(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(self.free).min(10);
        (FIRST_WAIT * (1 << doublings)).min(COUNTS)
    }

    /// Forgets what counts no more.
    pub(crate) fn forget_old(&self, now: Instant) {
        let mut tallies = self.tallies();
        forget(&mut tallies.accounts, now);
        forget(&mut tallies.pairs, now);
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes back this many failures of the pair, or all of them.
    fn take_back(&self, pair: (Account, Network), count: u32) {
        let mut tallies = self.tallies();
        let Some(tally) = tallies.pairs.get_mut(&pair) else { return };
        let taken = count.min(tally.count);
        tally.count -= taken;
        if tally.count == 0 {
            tallies.pairs.remove(&pair);
        }
        if let Some(tally) = tallies.accounts.get_mut(&pair.0) {
            tally.count = tally.count.saturating_sub(taken);
            if tally.count == 0 {
                tallies.accounts.remove(&pair.0);
            }
        }
    }
}

impl Try<'_> {
    /// It was right: what failed from this network before is forgiven.
    pub(crate) fn succeeded(self) {
        self.failures.take_back(self.pair, u32::MAX);
    }

    /// Nothing was found out.
    pub(crate) fn undecided(self) {
        self.failures.take_back(self.pair, 1);
    }
}

fn current<K: Hash + Eq>(tallies: &HashMap<K, Tally>, key: &K, now: Instant) -> Tally {
    let fresh = tallies.get(key).copied().filter(|tally| now.saturating_duration_since(tally.last) < COUNTS);
    fresh.unwrap_or(Tally { count: 0, last: now })
}

fn forget<K: Hash + Eq>(tallies: &mut HashMap<K, Tally>, now: Instant) {
    tallies.retain(|_, tally| now.saturating_duration_since(tally.last) < COUNTS);
    tallies.shrink_to_fit();
}

fn make_room<K: Hash + Eq>(tallies: &mut HashMap<K, Tally>, now: Instant) {
    if tallies.len() < MOST {
        return;
    }
    forget(tallies, now);
    if tallies.len() > MOST / 2 {
        tallies.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn network(last: u8) -> Network {
        Network::of([9, 9, 9, last].into())
    }

    /// The wait, when the try is refused; otherwise it fails.
    fn fail(failures: &Failures, from: u8, now: Instant) -> Option<Duration> {
        failures.begin(7, network(from), now).err().map(|TooOften(wait)| wait)
    }

    #[test]
    fn t05_after_five_failures_each_further_one_waits_longer() {
        let (failures, start) = (Failures::new(5), Instant::now());
        for _ in 0..5 {
            assert_eq!(fail(&failures, 1, start), None);
        }
        let mut now = start;
        for minutes in [1, 2, 4, 8, 16] {
            assert_eq!(fail(&failures, 1, now), Some(MINUTE * minutes));
            now += MINUTE * minutes;
            assert_eq!(fail(&failures, 1, now), None);
        }
        assert_eq!(fail(&failures, 1, now), Some(COUNTS));
    }

    #[test]
    fn t05_who_is_attacked_still_signs_in_from_elsewhere() {
        let (failures, now) = (Failures::new(5), Instant::now());
        for _ in 0..5 {
            fail(&failures, 1, now);
        }
        assert!(fail(&failures, 1, now).is_some());
        failures.begin(7, network(2), now).ok().unwrap().succeeded();
        // And again, because it was right.
        failures.begin(7, network(2), now).ok().unwrap().succeeded();
        // Another attacker has one try, not five.
        assert_eq!(fail(&failures, 3, now), None);
        assert_eq!(fail(&failures, 3, now), Some(MINUTE));
    }

    #[test]
    fn t05_a_right_password_forgives_what_was_mistyped_before_it() {
        let (failures, now) = (Failures::new(5), Instant::now());
        for _ in 0..3 {
            for _ in 0..4 {
                assert_eq!(fail(&failures, 1, now), None);
            }
            failures.begin(7, network(1), now).ok().unwrap().succeeded();
        }
        assert!(failures.tallies().accounts.is_empty() && failures.tallies().pairs.is_empty());
    }

    #[test]
    fn t05_a_thousand_tries_at_once_are_five() {
        let (failures, now) = (Failures::new(5), Instant::now());
        let under_way: Vec<_> = (0..1_000).filter_map(|_| failures.begin(7, network(1), now).ok()).collect();
        assert_eq!(under_way.len(), 5);
        // What the server was too busy for is no failure.
        under_way.into_iter().for_each(Try::undecided);
        assert_eq!(fail(&failures, 1, now), None);
    }

    #[test]
    fn a_failure_counts_for_half_an_hour() {
        let (failures, start) = (Failures::new(1), Instant::now());
        fail(&failures, 1, start);
        assert_eq!(fail(&failures, 1, start), Some(MINUTE));
        assert_eq!(fail(&failures, 1, start + COUNTS), None);
        failures.forget_old(start + 2 * COUNTS);
        assert!(failures.tallies().pairs.is_empty());
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let (failures, now) = (Failures::new(5), Instant::now());
        for account in 0..150_000 {
            assert!(failures.begin(account, network(1), now).is_ok());
        }
        assert!(failures.tallies().accounts.len() <= MOST);
    }
}
