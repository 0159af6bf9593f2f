use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::TooOften;

/// The most keys that are remembered.
const MOST: usize = 100_000;

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, DefaultClock>;

/// Counts for each key how often something happened: so many at once, and then one after each
/// pause.
///
/// Full: what is as if it had never happened is forgotten. When that is not enough everything is,
/// because whoever commands a hundred thousand networks is not held by a limit for each of them,
/// and everybody else must not suffer for it.
pub(crate) struct Rate<K: Hash + Eq + Clone> {
    quota: Quota,
    limiter: RwLock<Limiter<K>>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// `most` within any `period`, which come back evenly.
    pub(crate) fn new(most: u32, period: Duration) -> Self {
        Self::with_burst(most, most, period)
    }

    /// `burst` at once, and `most` more within each `period`.
    pub(crate) fn with_burst(burst: u32, most: u32, period: Duration) -> Self {
        let positive = |number: u32| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let pause = (period / positive(most).get()).max(Duration::from_nanos(1));
        let quota = Quota::with_period(pause).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        let quota = quota.allow_burst(positive(burst));
        Self { quota, limiter: RwLock::new(RateLimiter::hashmap(quota)), clock: DefaultClock::default() }
    }

    /// Counts once more, unless it is too often.
    pub(crate) fn take(&self, key: &K) -> Result<(), TooOften> {
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        let taken = limiter.check_key(key).map_err(|until| TooOften(until.wait_time_from(self.clock.now())));
        let is_full = limiter.len() >= MOST;
        drop(limiter);
        if is_full {
            self.make_room();
        }
        taken
    }

    /// Forgets what is as if it had never happened.
    pub(crate) fn forget_old(&self) {
        let limiter = self.limiter.read().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        limiter.shrink_to_fit();
    }

    fn make_room(&self) {
        let mut limiter = self.limiter.write().unwrap_or_else(PoisonError::into_inner);
        limiter.retain_recent();
        if limiter.len() > MOST / 2 {
            *limiter = RateLimiter::hashmap(self.quota);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t32_a_burst_is_taken_and_whoever_is_refused_learns_how_long_to_wait() {
        let rate = Rate::with_burst(20, 5, Duration::from_secs(1));
        let taken = (0..20).filter(|_| rate.take(&"ana").is_ok()).count();
        assert_eq!(taken, 20);
        let TooOften(wait) = rate.take(&"ana").unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_millis(200), "{wait:?}");
        assert!(rate.take(&"ben").is_ok(), "one does not wait for another");
    }

    #[test]
    fn what_is_remembered_has_a_bound() {
        let rate = Rate::new(1, Duration::from_hours(1));
        for key in 0..150_000 {
            let _ = rate.take(&key);
        }
        assert!(rate.limiter.read().unwrap().len() < MOST);
        // What happened last is still known.
        assert!(rate.take(&149_999).is_err());
    }

    #[test]
    fn what_is_as_if_it_had_never_happened_is_forgotten() {
        let rate = Rate::new(1_000, Duration::from_millis(1));
        for key in 0..100 {
            rate.take(&key).unwrap();
        }
        while !rate.limiter.read().unwrap().is_empty() {
            rate.forget_old();
        }
    }
}
