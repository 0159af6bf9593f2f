//! The clock and the ids of a running server.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use parlor_domain::{Clock, IdSource, Timestamp};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{PrimitiveDateTime, UtcDateTime};
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

/// How moments stand in the names of files: `20261121T033000Z`.
const STAMP: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]T[hour][minute][second]Z");

/// A moment as it stands in the names of files, to the second.
pub fn stamp(moment: Timestamp) -> String {
    let moment = UtcDateTime::from_unix_timestamp(moment.as_millis().div_euclid(1_000));
    moment.ok().and_then(|moment| moment.format(STAMP).ok()).unwrap_or_default()
}

/// The moment that a file's name tells.
pub fn stamped(text: &str) -> Option<Timestamp> {
    let moment = PrimitiveDateTime::parse(text, STAMP).ok()?;
    Some(Timestamp::from_millis(moment.as_utc().unix_timestamp() * 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_in_a_name_is_read_as_it_was_written() {
        let moment = Timestamp::from_millis(1_795_231_800_999);
        assert_eq!(stamp(moment), "20261121T033000Z");
        assert_eq!(stamped("20261121T033000Z"), Some(Timestamp::from_millis(1_795_231_800_000)));
        for other in ["20261121T033000", "notes", "20261321T033000Z", "20261121T033000Zx"] {
            assert_eq!(stamped(other), None, "{other}");
        }
    }
}
