//! Which bytes of a file are asked for (RFC 9110, 13 and 14).

use std::ops::Range;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    All,
    /// These bytes.
    Part(Range<u64>),
    /// Bytes that there are not.
    Nothing,
}

/// Which of so many bytes a `Range` asks for. One that this server does not know, of several parts or
/// in another unit, is as good as none.
pub(super) fn wanted(range: Option<&str>, bytes: u64) -> Wanted {
    let Some((unit, parts)) = range.and_then(|range| range.split_once('=')) else { return Wanted::All };
    if !unit.trim().eq_ignore_ascii_case("bytes") || parts.contains(',') {
        return Wanted::All;
    }
    match part(parts.trim(), bytes) {
        Some(part) if part.start < part.end => Wanted::Part(part),
        _ => Wanted::Nothing,
    }
}

/// `a-b`, `a-`, or `-n` for the last ones.
fn part(text: &str, bytes: u64) -> Option<Range<u64>> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    match text.split_once('-')? {
        ("", last) => Some(bytes.saturating_sub(number(last)?)..bytes),
        (first, "") => Some(number(first)?..bytes),
        (first, last) => {
            let (first, last): (u64, u64) = (number(first)?, number(last)?);
            (first <= last).then(|| first..last.saturating_add(1).min(bytes))
        }
    }
}

/// Whether a list of entity tags names this one, or any. Whether one is called weak makes no
/// difference when nothing but sameness is asked for.
pub(super) fn names(list: Option<&str>, tag: &str) -> bool {
    list.is_some_and(|list| {
        list.split(',').map(str::trim).any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag)
    })
}

/// Whether a part may be added to what the client has: it has the same file, or does not ask.
pub(super) fn is_same(if_range: Option<&str>, tag: &str) -> bool {
    if_range.is_none_or(|one| one.trim() == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_in_its_three_forms() {
        for (range, part) in [
            ("bytes=0-0", 0..1),
            ("bytes=2-4", 2..5),
            ("bytes=8-", 8..10),
            ("bytes=5-5000", 5..10),
            ("bytes=-3", 7..10),
            ("bytes=-5000", 0..10),
            ("Bytes = 1-2", 1..3),
            ("bytes=0-18446744073709551615", 0..10),
        ] {
            assert_eq!(wanted(Some(range), 10), Wanted::Part(part), "{range}");
        }
    }

    #[test]
    fn what_there_is_not_cannot_be_had() {
        for range in [
            "bytes=10-",
            "bytes=10-12",
            "bytes=-0",
            "bytes=4-2",
            "bytes=a-b",
            "bytes=",
            "bytes=-",
            "bytes=+1-2",
            "bytes=99999999999999999999-",
        ] {
            assert_eq!(wanted(Some(range), 10), Wanted::Nothing, "{range}");
        }
        assert_eq!(wanted(Some("bytes=0-0"), 0), Wanted::Nothing);
    }

    #[test]
    fn what_is_not_known_is_as_good_as_nothing() {
        for range in [None, Some("bytes"), Some("lines=1-2"), Some("bytes=0-1,4-5")] {
            assert_eq!(wanted(range, 10), Wanted::All, "{range:?}");
        }
    }

    #[test]
    fn tags_are_compared() {
        assert!(names(Some("\"x\", W/\"y\""), "\"y\"") && names(Some("*"), "\"y\""));
        assert!(!names(Some("\"x\""), "\"y\"") && !names(None, "\"y\"") && !names(Some("y"), "\"y\""));
        assert!(is_same(None, "\"y\"") && is_same(Some("\"y\""), "\"y\""));
        assert!(
            !is_same(Some("W/\"y\""), "\"y\"") && !is_same(Some("Sun, 22 Nov 2026 03:00:00 GMT"), "\"y\"")
        );
    }
}
