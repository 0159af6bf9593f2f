use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;
use serde_json::{Value, json};

/// How long things took, counted in buckets of 0.1 %, so that millions take no more memory than
/// one.
#[derive(Debug, Clone)]
pub struct Latencies(Histogram<u64>);

/// Latencies that many tasks add to. They share one thread, so the lock never waits.
pub type Shared = Arc<Mutex<Latencies>>;

impl Latencies {
    /// None yet.
    pub fn new() -> Result<Self> {
        // From 1 µs to a minute; what takes longer counts as a minute.
        Ok(Self(Histogram::new_with_bounds(1, 60_000_000, 3)?))
    }

    /// One more.
    pub fn record(&mut self, took: Duration) {
        self.0.saturating_record(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// Those of another measurement, too.
    pub fn add(&mut self, other: &Self) -> Result<()> {
        Ok(self.0.add(&other.0)?)
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The time within which this share of them was done, in milliseconds.
    #[expect(clippy::cast_precision_loss, reason = "a minute in microseconds is far below 2^52")]
    pub fn milliseconds(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1_000.0
    }

    /// What is worth keeping of them.
    pub fn summary(&self) -> Value {
        json!({
            "count": self.count(),
            "p50_ms": self.milliseconds(0.5),
            "p90_ms": self.milliseconds(0.9),
            "p99_ms": self.milliseconds(0.99),
            "p999_ms": self.milliseconds(0.999),
            "max_ms": self.milliseconds(1.0),
        })
    }
}

/// New latencies to share.
pub fn shared() -> Result<Shared> {
    Ok(Arc::new(Mutex::new(Latencies::new()?)))
}

/// Adds one.
pub fn record(shared: &Shared, took: Duration) {
    shared.lock().unwrap_or_else(PoisonError::into_inner).record(took);
}

/// Hands over what was collected and begins anew.
pub fn take(shared: &Shared) -> Result<Latencies> {
    let mut latencies = shared.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(std::mem::replace(&mut *latencies, Latencies::new()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let mut latencies = Latencies::new().unwrap();
        (1..=1_000).for_each(|number| latencies.record(Duration::from_micros(number * 100)));
        assert_eq!(latencies.count(), 1_000);
        for (share, expected) in [(0.5, 50.0), (0.99, 99.0), (1.0, 100.0)] {
            let error = (latencies.milliseconds(share) - expected).abs() / expected;
            assert!(error < 0.002, "{share}: {}", latencies.milliseconds(share));
        }
    }

    #[test]
    fn what_takes_longer_than_a_minute_counts_as_a_minute() {
        let mut latencies = Latencies::new().unwrap();
        latencies.record(Duration::from_hours(1));
        assert!((latencies.milliseconds(1.0) - 60_000.0).abs() < 100.0);
    }

    #[test]
    fn taking_leaves_nothing_behind() {
        let shared = shared().unwrap();
        record(&shared, Duration::from_millis(1));
        assert_eq!(take(&shared).unwrap().count(), 1);
        assert_eq!(take(&shared).unwrap().count(), 0);
    }
}
