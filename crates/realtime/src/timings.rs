use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

/// How long things took since the start, by what they are.
///
/// Each kind is counted in buckets of 1 %, in 12 KB however often it happened. Kinds are names in
/// the program, such as the patterns of routes, so that there are a few hundred at most.
#[derive(Debug, Default)]
pub struct Timings(Mutex<Kinds>);

/// The counts, by the group of kinds and the kind.
type Kinds = HashMap<&'static str, HashMap<String, Histogram<u32>>>;

/// How long one kind of things took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// What it is: its group and its name.
    pub kind: String,
    /// How often it happened.
    pub count: u64,
    /// Within which time half of them were done.
    pub p50: Duration,
    /// Within which time 99 of 100 were done.
    pub p99: Duration,
    /// How long the slowest one took.
    pub max: Duration,
}

/// What takes longer counts as ten minutes, in microseconds.
const LONGEST: u64 = 600_000_000;

impl Timings {
    /// Notes that something took so long.
    pub fn record(&self, group: &'static str, name: &str, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(LONGEST);
        let mut kinds = self.kinds();
        let kinds = kinds.entry(group).or_default();
        if let Some(known) = kinds.get_mut(name) {
            known.saturating_record(micros);
        } else if let Ok(mut new) = Histogram::new_with_bounds(1, LONGEST, 2) {
            new.saturating_record(micros);
            kinds.insert(name.to_owned(), new);
        }
    }

    /// Those that take longest, by what 99 of 100 were done in.
    pub fn slowest(&self, most: usize) -> Vec<Timing> {
        let kinds = self.kinds();
        let named = kinds.iter().flat_map(|(group, kinds)| kinds.iter().map(move |kind| (group, kind)));
        let mut timings: Vec<_> = named
            .map(|(group, (name, times))| Timing {
                kind: format!("{group} {name}"),
                count: times.len(),
                p50: Duration::from_micros(times.value_at_quantile(0.5)),
                p99: Duration::from_micros(times.value_at_quantile(0.99)),
                max: Duration::from_micros(times.max()),
            })
            .collect();
        drop(kinds);
        timings.sort_by(|one, other| other.p99.cmp(&one.p99).then_with(|| one.kind.cmp(&other.kind)));
        timings.truncate(most);
        timings
    }

    fn kinds(&self) -> MutexGuard<'_, Kinds> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slowest_kinds_come_first_with_how_long_they_took() {
        let timings = Timings::default();
        for milliseconds in 1..=100 {
            timings.record("GET", "/users", Duration::from_millis(milliseconds));
            timings.record("PUT", "/users", Duration::from_micros(milliseconds));
        }
        timings.record("GET", "/search", Duration::from_hours(1));
        let slowest = timings.slowest(2);
        let kinds: Vec<_> = slowest.iter().map(|timing| timing.kind.as_str()).collect();
        assert_eq!(kinds, ["GET /search", "GET /users"]);
        let users = &slowest[1];
        assert_eq!(users.count, 100);
        // Within a hundredth.
        for (found, expected) in [(users.p50, 50), (users.p99, 99), (users.max, 100)] {
            let expected = Duration::from_millis(expected);
            assert!(found >= expected && found <= expected.mul_f64(1.01), "{found:?} for {expected:?}");
        }
        assert!(slowest[0].max >= Duration::from_mins(10));
    }
}
