//! The time that the server goes by.
//!
//! It is the database's time, so that all nodes of a community agree, and it runs as evenly as the
//! kernel counts: a clock that somebody sets, or that a time service corrects, is followed slowly.
//! Otherwise an hour forward would sign everybody out and end every ban, and an hour back would
//! refuse the access tokens that were just issued.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parlor_domain::{Clock, Store, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// How often the database is asked what time it is.
const LOOK: Duration = Duration::from_secs(5);

/// An answer that took longer says too little about the present.
const PROMPT: Duration = Duration::from_millis(500);

/// A sixtieth of the time is caught up with: in an hour a minute at most.
const CATCH_UP: u32 = 60;

/// A clock that is further off than this was wrong, and it is set: a machine without a battery
/// for its clock learns the time only after its start.
const FAR: Duration = Duration::from_hours(2);

/// A clock that is further off than this is told of in the log.
const WORTH_TELLING: Duration = Duration::from_mins(1);

/// A clock that follows another one and does not jump with it.
pub struct SteadyClock(Mutex<Pace>);

/// What time it was, and when that was, counted by the kernel.
#[derive(Debug, Clone, Copy)]
struct Pace {
    at: Timestamp,
    counted: Duration,
}

impl SteadyClock {
    /// A clock that shows this time now.
    pub fn showing(now: Timestamp) -> Self {
        Self(Mutex::new(Pace { at: now, counted: counted() }))
    }

    /// Comes closer to a clock that shows this time now; how far off that still is.
    fn follow(&self, now: Timestamp) -> Duration {
        let mut pace = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *pace = pace.after_following(now, counted());
        pace.at.since(now).max(now.since(pace.at))
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now(counted())
    }
}

impl Pace {
    fn now(&self, counted: Duration) -> Timestamp {
        self.at.plus(counted.saturating_sub(self.counted))
    }

    fn after_following(&self, other: Timestamp, counted: Duration) -> Self {
        let own = self.now(counted);
        let most = counted.saturating_sub(self.counted) / CATCH_UP;
        let (ahead, behind) = (own.since(other), other.since(own));
        let at = if ahead.max(behind) > FAR {
            other
        } else if behind.is_zero() {
            // Slower, and never back.
            own.minus(ahead.min(most))
        } else {
            own.plus(behind.min(most))
        };
        Self { at, counted }
    }
}

/// What the kernel has counted since the machine was started, the time it slept too.
fn counted() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Keeps the clock close to the database's, for as long as it is run.
pub async fn follow(clock: Arc<SteadyClock>, store: Arc<dyn Store>) {
    let mut told = false;
    loop {
        tokio::time::sleep(LOOK).await;
        let asked = counted();
        let Ok(now) = store.now().await else { continue };
        if counted().saturating_sub(asked) > PROMPT {
            continue;
        }
        let off = clock.follow(now);
        if off > WORTH_TELLING && !told {
            tracing::warn!(
                seconds = off.as_secs(),
                "the database's clock was set; it is followed by a minute in an hour, and at once by a restart"
            );
        }
        told = off > WORTH_TELLING;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const NOON: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    /// What the clock shows after following for so long one that is ahead or behind, asked every
    /// five seconds.
    fn following(span: Duration, other: impl Fn(Timestamp) -> Timestamp) -> Timestamp {
        let mut pace = Pace { at: NOON, counted: Duration::ZERO };
        let mut passed = Duration::ZERO;
        while passed < span {
            passed += LOOK;
            pace = pace.after_following(other(NOON.plus(passed)), passed);
        }
        pace.now(span)
    }

    #[test]
    fn r17_a_jump_of_an_hour_is_a_minute_in_an_hour() {
        let ahead = following(HOUR, |now| now.plus(HOUR)).since(NOON.plus(HOUR));
        let behind = NOON.plus(HOUR).since(following(HOUR, |now| now.minus(HOUR)));
        for off in [ahead, behind] {
            assert!((Duration::from_secs(59)..=Duration::from_mins(1)).contains(&off), "{off:?}");
        }
    }

    #[test]
    fn a_clock_that_drifts_is_followed_all_the_way() {
        let drifting = |now: Timestamp| now.plus(now.since(NOON) / 1_000);
        let shown = following(24 * HOUR, drifting);
        assert!(drifting(NOON.plus(24 * HOUR)).since(shown) < Duration::from_millis(10));
        assert_eq!(following(120 * HOUR, |now| now.plus(HOUR)), NOON.plus(121 * HOUR));
    }

    #[test]
    fn a_clock_that_was_wrong_by_hours_is_set() {
        assert_eq!(following(LOOK, |now| now.plus(1_000 * HOUR)), NOON.plus(LOOK + 1_000 * HOUR));
    }

    #[test]
    fn the_time_never_goes_back_when_a_clock_is_followed() {
        let pace = Pace { at: NOON, counted: Duration::ZERO };
        let later = pace.after_following(NOON.minus(HOUR), LOOK);
        assert!(later.at > NOON && later.at < NOON.plus(LOOK));
    }
}
