use std::fmt;

use super::{InvalidText, TextProblem, line, within};

text!(
    /// What a person is up to: up to 100 characters on one line.
    StatusText,
    "text",
    |input| {
        let text = line(input);
        within(&text, 0, 100)?;
        Ok(text)
    }
);

text!(
    /// A time zone by its name in the IANA database, as `Europe/Bucharest`.
    TimeZone,
    "time_zone",
    |input| {
        let wanted = input.trim();
        let known = include_str!("time_zones.txt").lines().find(|name| name.eq_ignore_ascii_case(wanted));
        known.map(str::to_owned).ok_or(TextProblem::Form { example: "Europe/Bucharest or UTC" })
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_one_that_the_database_has() {
        assert_eq!(TimeZone::parse(" europe/bucharest ").unwrap().as_str(), "Europe/Bucharest");
        assert!(TimeZone::parse("UTC").is_ok());
        for wrong in ["", "Mars/Olympus", "Europe", "+02:00", "../etc/passwd"] {
            assert!(TimeZone::parse(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_status_is_one_short_line() {
        assert_eq!(StatusText::parse(" out\u{202E} for lunch \n").unwrap().as_str(), "out for lunch");
        assert!(StatusText::parse(&"x".repeat(101)).is_err());
    }
}
