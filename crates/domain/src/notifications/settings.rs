use super::NotificationKind;
use crate::Timestamp;

/// Kinds of notifications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// Those that the bits stand for, counted from the kind's place in [`NotificationKind::ALL`].
    pub fn from_bits(bits: u16) -> Self {
        NotificationKind::ALL.into_iter().filter(|kind| bits & bit(*kind) != 0).collect()
    }

    /// A bit for each.
    pub fn bits(self) -> u16 {
        self.0
    }

    /// Whether this one is among them.
    pub fn contains(self, kind: NotificationKind) -> bool {
        self.0 & bit(kind) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = NotificationKind> {
        NotificationKind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }
}

fn bit(kind: NotificationKind) -> u16 {
    1 << (kind as u16)
}

impl FromIterator<NotificationKind> for Kinds {
    fn from_iter<I: IntoIterator<Item = NotificationKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().fold(0, |bits, kind| bits | bit(kind)))
    }
}

/// What somebody wants to be told, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSettings {
    /// What they are not told of.
    pub off: Kinds,
    /// When nothing may draw their attention; what they are told of is there afterwards.
    pub quiet: Option<QuietHours>,
    /// Whether a sound is played.
    pub sound: bool,
    /// Whether the program's icon shows a number.
    pub badge: bool,
    /// Whether what somebody wrote is shown outside of the page, where others may look.
    pub preview: bool,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self { off: Kinds::default(), quiet: None, sound: true, badge: true, preview: true }
    }
}

/// Hours of the day in which somebody is not to be disturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    from: u16,
    to: u16,
    days: u8,
    utc_offset: i16,
}

impl QuietHours {
    const DAY: i64 = 24 * 60;

    /// From one minute of the day to another, on the following day if that is not later, beginning
    /// on these days (a bit for each, Monday's first), where clocks are so many minutes ahead of
    /// UTC. `None` when there is no such time.
    pub fn new(from: u16, to: u16, days: u8, utc_offset: i16) -> Option<Self> {
        let proper = i64::from(from) < Self::DAY
            && i64::from(to) < Self::DAY
            && (1..=0x7f).contains(&days)
            && (-12 * 60..=14 * 60).contains(&utc_offset);
        proper.then_some(Self { from, to, days, utc_offset })
    }

    /// The minute of the day in which they begin.
    pub fn from(self) -> u16 {
        self.from
    }

    /// The minute of the day in which they are over.
    pub fn to(self) -> u16 {
        self.to
    }

    /// The days on which they begin: a bit for each, Monday's first.
    pub fn days(self) -> u8 {
        self.days
    }

    /// How many minutes the person's clock is ahead of UTC.
    pub fn utc_offset(self) -> i16 {
        self.utc_offset
    }

    /// Whether this moment lies in them.
    pub fn covers(self, now: Timestamp) -> bool {
        let minutes = now.as_millis().div_euclid(60_000) + i64::from(self.utc_offset);
        let (day, minute) = (minutes.div_euclid(Self::DAY), minutes.rem_euclid(Self::DAY));
        let (from, to) = (i64::from(self.from), i64::from(self.to));
        // 1970 began on a Thursday.
        let begins_on = |day: i64| self.days & (1 << (day + 3).rem_euclid(7)) != 0;
        if from < to {
            begins_on(day) && (from..to).contains(&minute)
        } else {
            begins_on(day) && minute >= from || begins_on(day - 1) && minute < to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Thursday the 1st of January 1970, this hour, where clocks show UTC.
    fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
        Timestamp::from_millis(((day * 24 + hour) * 60 + minute) * 60_000)
    }

    const EVERY_DAY: u8 = 0x7f;

    #[test]
    fn quiet_hours_may_last_over_midnight() {
        let night = QuietHours::new(22 * 60, 7 * 60, EVERY_DAY, 0).unwrap();
        for (hour, minute, quiet) in
            [(21, 59, false), (22, 0, true), (0, 0, true), (6, 59, true), (7, 0, false)]
        {
            assert_eq!(night.covers(at(10, hour, minute)), quiet, "{hour}:{minute}");
        }
        let noon = QuietHours::new(12 * 60, 13 * 60, EVERY_DAY, 0).unwrap();
        assert!(noon.covers(at(0, 12, 0)) && !noon.covers(at(0, 13, 0)) && !noon.covers(at(0, 11, 59)));
        let whole_day = QuietHours::new(0, 0, EVERY_DAY, 0).unwrap();
        assert!(whole_day.covers(at(3, 0, 0)) && whole_day.covers(at(3, 23, 59)));
    }

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let friday = QuietHours::new(22 * 60, 7 * 60, 1 << 4, 0).unwrap();
        assert!(!friday.covers(at(0, 23, 0)), "Thursday");
        assert!(!friday.covers(at(1, 6, 0)), "Friday morning");
        assert!(friday.covers(at(1, 23, 0)) && friday.covers(at(2, 6, 0)));
    }

    #[test]
    fn quiet_hours_are_those_of_the_persons_clock() {
        let here = QuietHours::new(22 * 60, 23 * 60, EVERY_DAY, 120).unwrap();
        assert!(here.covers(at(0, 20, 30)) && !here.covers(at(0, 22, 30)));
        let west = QuietHours::new(22 * 60, 23 * 60, 1 << 2, -300).unwrap();
        assert!(west.covers(at(0, 3, 30)), "it is still Wednesday there");
    }

    #[test]
    fn there_is_no_such_time() {
        for (from, to, days, offset) in [(1_440, 0, 1, 0), (0, 1_440, 1, 0), (0, 1, 0, 0), (0, 1, 1, 900)] {
            assert_eq!(QuietHours::new(from, to, days, offset), None);
        }
    }

    #[test]
    fn kinds_are_what_was_put_in() {
        let kinds: Kinds = [NotificationKind::Reply, NotificationKind::Announcement].into_iter().collect();
        assert!(kinds.contains(NotificationKind::Reply) && !kinds.contains(NotificationKind::Mention));
        assert_eq!(Kinds::from_bits(kinds.bits()), kinds);
        assert_eq!(kinds.iter().count(), 2);
        assert_eq!(Kinds::from_bits(u16::MAX).iter().count(), NotificationKind::ALL.len());
    }
}
