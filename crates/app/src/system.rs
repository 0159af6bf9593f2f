//! The clock and the ids of a running server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parlor_domain::{Clock, IdSource, Timestamp};
use uuid::Uuid;

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everything else asks")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// UUIDs of version 7, which grow with time.
pub struct TimeOrderedIds;

impl IdSource for TimeOrderedIds {
    #[expect(clippy::disallowed_methods, reason = "this is the source of ids that everything else asks")]
    fn next_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}
