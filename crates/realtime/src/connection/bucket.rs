use std::time::Duration;

/// How often a connection may send commands: so many a second, and some more after a pause.
#[derive(Debug)]
pub(crate) struct Bucket {
    per_second: u32,
    burst: u32,
    /// Thousandths of a command that may be sent now.
    filled: u64,
    seen: Duration,
    refused: u32,
}

impl Bucket {
    pub(crate) fn new(per_second: u32, burst: u32) -> Self {
        Self { per_second, burst, filled: u64::from(burst) * 1_000, seen: Duration::ZERO, refused: 0 }
    }

    /// Takes one command, or says how many milliseconds to wait for it.
    pub(crate) fn take(&mut self, now: Duration) -> Result<(), u64> {
        let passed = u64::try_from(now.saturating_sub(self.seen).as_millis()).unwrap_or(u64::MAX);
        if passed > 0 {
            self.seen = now;
            let full = u64::from(self.burst) * 1_000;
            self.filled =
                self.filled.saturating_add(passed.saturating_mul(u64::from(self.per_second))).min(full);
            if self.filled == full {
                self.refused = 0;
            }
        }
        if self.filled >= 1_000 {
            self.filled -= 1_000;
            return Ok(());
        }
        self.refused += 1;
        Err((1_000 - self.filled).div_ceil(u64::from(self.per_second.max(1))))
    }

    /// How many commands were refused since it was last full.
    pub(crate) fn refused(&self) -> u32 {
        self.refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_so_many_a_second() {
        let mut bucket = Bucket::new(50, 100);
        let start = Duration::from_secs(5);
        assert_eq!((0..150).filter(|_| bucket.take(start).is_ok()).count(), 100);
        let second = start + Duration::from_secs(1);
        assert_eq!((0..150).filter(|_| bucket.take(second).is_ok()).count(), 50);
        assert_eq!(bucket.refused(), 150);
    }

    #[test]
    fn whoever_is_refused_learns_when_to_come_back() {
        let mut bucket = Bucket::new(50, 1);
        assert_eq!(bucket.take(Duration::ZERO), Ok(()));
        assert_eq!(bucket.take(Duration::ZERO), Err(20));
        assert_eq!(bucket.take(Duration::from_millis(20)), Ok(()));
    }

    #[test]
    fn a_pause_makes_refusals_forgotten() {
        let mut bucket = Bucket::new(50, 1);
        let _ = (bucket.take(Duration::ZERO), bucket.take(Duration::ZERO));
        let _ = bucket.take(Duration::from_secs(1));
        assert_eq!(bucket.refused(), 0);
    }
}
