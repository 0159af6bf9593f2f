use std::fmt;

use crate::Timestamp;

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    /// Days since 1970-01-01.
    number: i64,
}

impl Day {
    /// How long a day is.
    pub const MILLISECONDS: i64 = 24 * 60 * 60 * 1_000;

    /// The day that is so many days after 1970-01-01.
    pub const fn from_number(number: i64) -> Self {
        Self { number }
    }

    /// How many days it is after 1970-01-01.
    pub const fn number(self) -> i64 {
        self.number
    }

    /// The day on which a moment is, in UTC.
    pub const fn of(moment: Timestamp) -> Self {
        Self { number: moment.as_millis().div_euclid(Self::MILLISECONDS) }
    }

    /// Reads a date such as `2026-03-31`; `None` when there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits)?;
            part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let is_leap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0;
        let length = match month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        let is_day = (1..=length).contains(&day) && parts.next().is_none();
        is_day.then(|| Self { number: days_before(year, month) + day - 1 })
    }

    /// The day after.
    #[must_use]
    pub fn next(self) -> Self {
        Self { number: self.number + 1 }
    }

    /// When it begins, for somebody whose clock is this many minutes ahead of UTC.
    pub fn begins(self, minutes_ahead: i32) -> Timestamp {
        Timestamp::from_millis(self.number * Self::MILLISECONDS - i64::from(minutes_ahead) * 60_000)
    }
}

impl fmt::Display for Day {
    /// As a date such as `2026-03-31`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Years are counted from March here, too, in eras of 400 years, which are equally long.
        let days = self.number + 719_468;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march_is_0 = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march_is_0 + 2) / 5 + 1;
        let month = if march_is_0 < 10 { march_is_0 + 3 } else { march_is_0 - 9 };
        let year = era * 400 + year + i64::from(month <= 2);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// The days from 1970 to the first of this month. Years are counted from March, so that a leap day
/// is the last of its year.
fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leaps + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (date, seconds) in [
            ("1970-01-01", 0),
            ("2000-02-29", 951_782_400),
            ("2000-03-01", 951_868_800),
            ("2026-11-21", 1_795_219_200),
        ] {
            assert_eq!(Day::parse(date).unwrap().begins(0).as_millis(), seconds * 1_000, "{date}");
        }
        for wrong in ["2026-02-29", "2026-13-01", "2026-00-01", "2026-1-1", "2026-01-01-", "+026-01-01", ""] {
            assert_eq!(Day::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_earlier_where_clocks_are_ahead() {
        let day = Day::parse("1970-01-02").unwrap();
        assert_eq!(day.begins(120).as_millis(), 22 * 3_600_000);
    }

    proptest! {
        #[test]
        fn the_days_of_a_month_follow_each_other(year in 1000_i32..9999, month in 1_i32..=12, day in 1_i32..28) {
            let parse = |day: i32| Day::parse(&format!("{year:04}-{month:02}-{day:02}")).unwrap();
            prop_assert_eq!(parse(day).next(), parse(day + 1));
            prop_assert_eq!(Day::of(parse(day).begins(0)), parse(day));
        }

        #[test]
        fn a_day_is_written_as_it_is_read(number in 0_i64..2_932_896) {
            let day = Day::from_number(number);
            prop_assert_eq!(Day::parse(&day.to_string()), Some(day));
        }

        #[test]
        fn any_text_is_a_day_or_not(text in ".{0,12}") {
            let _ = Day::parse(&text);
        }
    }
}
