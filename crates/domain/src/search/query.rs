//! What people type to search: words, phrases and filters.

use std::ops::Range;

use thiserror::Error;

use super::code::code;
use super::folding::{Folded, is_dense};
use super::{Contents, tokens::Token, tokens::tokens};
use crate::Day;

/// Why a query cannot be searched for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum QueryError {
    /// There is nothing to look for.
    #[error("type a word to look for, or a filter such as from:me")]
    Empty,
    /// Only what is not to be found.
    #[error("add a word to look for: what begins with - only leaves messages out")]
    OnlyExclusions,
    /// Too many characters.
    #[error("must have at most {} characters", SearchQuery::MAX_CHARACTERS)]
    TooLong,
    /// Too many words and filters.
    #[error("must have at most {} words and filters", SearchQuery::MAX_TERMS)]
    TooManyTerms,
    /// No such filter.
    #[error(
        "there is no filter {0}: — use from:, in:, before:, after:, on: or has:, or put the text into quotes"
    )]
    UnknownFilter(String),
    /// A filter without a value.
    #[error("{0}: needs something behind it, such as {1}")]
    NoValue(&'static str, &'static str),
    /// A filter that is to leave messages out.
    #[error("only words can be left out with -, not the filter {0}:")]
    ExcludedFilter(&'static str),
    /// Not a date.
    #[error("{0}: needs a date such as 2026-03-31, and {1:?} is none")]
    BadDate(&'static str, String),
    /// Not something a message has.
    #[error("has: is followed by link, file or image, not by {0:?}")]
    UnknownContents(String),
}

/// Something that a message's text has or has not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    /// Part of the folded text; a space at an end stands for the end of a word.
    needle: Vec<char>,
}

/// A query, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SearchQuery {
    wanted: Vec<Term>,
    excluded: Vec<Term>,
    /// Whose messages: usernames, or `me`. Any of them; everybody's when there are none.
    pub from: Vec<String>,
    /// Where: names of groups, or usernames of direct conversations. Any of them.
    pub places: Vec<String>,
    /// From this day on.
    pub since: Option<Day>,
    /// Before this day.
    pub before: Option<Day>,
    /// What messages must have, all of it.
    pub has: Contents,
}

impl SearchQuery {
    /// The most characters a query may have.
    pub const MAX_CHARACTERS: usize = 300;
    /// The most words and filters.
    pub const MAX_TERMS: usize = 20;

    /// Takes a query apart.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        if text.chars().count() > Self::MAX_CHARACTERS {
            return Err(QueryError::TooLong);
        }
        let tokens = tokens(text);
        if tokens.len() > Self::MAX_TERMS {
            return Err(QueryError::TooManyTerms);
        }
        let mut query = Self::default();
        for token in &tokens {
            query.take(token)?;
        }
        if query.wanted.is_empty() && !query.has_filter() {
            return Err(if query.excluded.is_empty() {
                QueryError::Empty
            } else {
                QueryError::OnlyExclusions
            });
        }
        Ok(query)
    }

    /// What every matching message's code has.
    pub(super) fn codes(&self) -> Vec<String> {
        self.wanted.iter().map(|term| code(&term.needle)).collect()
    }

    /// The parts of a message's text that match, in bytes and in order; `None` when it does not
    /// match. Without words every text matches, and no part of it.
    pub(super) fn matches(&self, text: &str) -> Option<Vec<Range<usize>>> {
        let folded = Folded::of(text);
        if self.excluded.iter().any(|term| term.find_in(&folded).next().is_some()) {
            return None;
        }
        let mut places = Vec::new();
        for term in &self.wanted {
            let before = places.len();
            places.extend(term.find_in(&folded).map(|found| folded.place(found)));
            if places.len() == before {
                return None;
            }
        }
        Some(united(places))
    }

    fn has_filter(&self) -> bool {
        !self.from.is_empty()
            || !self.places.is_empty()
            || self.since.is_some()
            || self.before.is_some()
            || self.has != Contents::default()
    }

    fn take(&mut self, token: &Token<'_>) -> Result<(), QueryError> {
        let Some((name, value)) = token.filter() else {
            // A sign alone is no word; it is passed over as in any text.
            let into = if token.excluded { &mut self.excluded } else { &mut self.wanted };
            into.extend(Term::of(token.text, token.quoted));
            return Ok(());
        };
        let name = name.to_ascii_lowercase();
        let known = FILTERS.iter().find(|(known, _)| *known == name);
        let &(name, example) = known.ok_or_else(|| QueryError::UnknownFilter(name.clone()))?;
        if token.excluded {
            return Err(QueryError::ExcludedFilter(name));
        }
        if value.is_empty() {
            return Err(QueryError::NoValue(name, example));
        }
        let day = || Day::parse(value).ok_or_else(|| QueryError::BadDate(name, value.to_owned()));
        match name {
            "from" => self.from.push(value.trim_start_matches('@').to_lowercase()),
            "in" => self.places.push(value.trim_start_matches(['@', '#']).to_owned()),
            "before" => self.before_at_most(day()?),
            "after" => self.since_at_least(day()?.next()),
            "on" => {
                self.since_at_least(day()?);
                self.before_at_most(day()?.next());
            }
            _ => self.has = self.has.and(value)?,
        }
        Ok(())
    }

    fn since_at_least(&mut self, day: Day) {
        self.since = Some(self.since.map_or(day, |other| other.max(day)));
    }

    fn before_at_most(&mut self, day: Day) {
        self.before = Some(self.before.map_or(day, |other| other.min(day)));
    }
}

/// The filters, and what stands behind them, for example.
const FILTERS: [(&str, &str); 6] = [
    ("from", "from:me"),
    ("in", "in:lobby"),
    ("before", "before:2026-03-31"),
    ("after", "after:2026-03-31"),
    ("on", "on:2026-03-31"),
    ("has", "has:link"),
];

impl Contents {
    fn and(self, name: &str) -> Result<Self, QueryError> {
        match name.to_lowercase().as_str() {
            "link" => Ok(Self { link: true, ..self }),
            "file" => Ok(Self { file: true, ..self }),
            "image" => Ok(Self { image: true, ..self }),
            _ => Err(QueryError::UnknownContents(name.to_owned())),
        }
    }
}

impl Term {
    /// A word matches the beginning of a word and, from three letters on or in a script without
    /// spaces, any part of one; a phrase in quotes matches whole words.
    fn of(text: &str, quoted: bool) -> Option<Self> {
        let folded = Folded::of(text).chars;
        let (first, last) = (*folded.get(1)?, folded[folded.len() - 2]);
        let word = folded[1..].iter().position(|one| *one == ' ').unwrap_or(0);
        let is_bound = |edge: char| quoted && !is_dense(edge);
        let from = usize::from(!is_bound(first) && (is_dense(first) || word >= SUBSTRING));
        let until = folded.len() - usize::from(!is_bound(last));
        Some(Self { needle: folded[from..until].to_vec() })
    }

    /// Where it is in a text, from left to right.
    fn find_in<'a>(&'a self, text: &'a Folded) -> impl Iterator<Item = Range<usize>> + 'a {
        let length = self.needle.len();
        let found = text.chars.windows(length).enumerate().filter(|(_, part)| *part == self.needle);
        found.map(move |(start, _)| start..start + length)
    }
}

/// From how many letters on a word is found inside of others.
const SUBSTRING: usize = 3;

/// The same places in order, those that touch as one.
fn united(mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.sort_unstable_by_key(|place| place.start);
    let mut united: Vec<Range<usize>> = Vec::with_capacity(places.len());
    for place in places {
        match united.last_mut() {
            Some(last) if place.start <= last.end => last.end = last.end.max(place.end),
            _ => united.push(place),
        }
    }
    united
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> SearchQuery {
        SearchQuery::parse(text).unwrap()
    }

    fn matches(query: &str, text: &str) -> bool {
        parse(query).matches(text).is_some()
    }

    #[test]
    fn words_are_found_by_their_beginning_and_from_three_letters_on_anywhere() {
        assert!(matches("de", "my Deploy"));
        assert!(!matches("lo", "my deploy"));
        assert!(matches("plo", "my deploy"));
        assert!(matches("my plo", "my deploy"));
        assert!(!matches("my plan", "my deploy"));
        assert!(matches("字", "漢字です"));
    }

    #[test]
    fn a_phrase_is_whole_words_in_order() {
        assert!(matches("\"the deploy\"", "is the\n Deploy done?"));
        assert!(!matches("\"the deploy\"", "the deployment"));
        assert!(!matches("\"deploy the\"", "the deploy"));
        assert!(matches("“the deploy”", "the deploy"));
        assert!(matches("deploy.the-cha", "please deploy the chart"));
        assert!(!matches("deploy -\"the chart\"", "please deploy the chart"));
    }

    #[test]
    fn filters_are_read_in_any_order_and_case() {
        let query = parse("From:@Ana has:LINK in:\"my group\" word after:2026-01-31 before:2026-02-02");
        assert_eq!((query.from, query.places), (vec!["ana".to_owned()], vec!["my group".to_owned()]));
        assert_eq!(query.has, Contents { link: true, ..Contents::default() });
        assert_eq!((query.since, query.before), (Day::parse("2026-02-01"), Day::parse("2026-02-02")));
        assert_eq!(parse("on:2026-02-01"), parse("after:2026-01-31 before:2026-02-02"));
    }

    #[test]
    fn what_cannot_be_searched_for_is_told() {
        use QueryError::{
            BadDate, Empty, ExcludedFilter, NoValue, OnlyExclusions, TooLong, TooManyTerms, UnknownContents,
            UnknownFilter,
        };
        for (text, expected) in [
            ("", Empty),
            ("?! …", Empty),
            ("-word", OnlyExclusions),
            ("by:ana", UnknownFilter("by".into())),
            ("from:", NoValue("from", "from:me")),
            ("word -has:link", ExcludedFilter("has")),
            ("before:yesterday", BadDate("before", "yesterday".into())),
            ("after:2026-02-30", BadDate("after", "2026-02-30".into())),
            ("has:love", UnknownContents("love".into())),
            (&"x".repeat(301), TooLong),
            (&"x ".repeat(21), TooManyTerms),
        ] {
            assert_eq!(SearchQuery::parse(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn an_address_and_a_time_are_no_filters() {
        assert!(matches("https://example.org/a", "see https://example.org/a/b"));
        assert!(matches("12:30", "at 12:30 then"));
        assert!(matches("\"note: this\"", "Note: this"));
    }

    #[test]
    fn what_matches_is_told_in_order_and_once() {
        let text = "Ein Straßenfest, ein Fest";
        let parts: Vec<&str> =
            parse("fest strasse sen").matches(text).unwrap().into_iter().map(|place| &text[place]).collect();
        assert_eq!(parts, ["Straßenfest", "Fest"]);
    }

    proptest! {
        #[test]
        fn no_query_and_no_text_makes_it_fall_over(query in ".{0,80}", text in ".{0,80}") {
            if let Ok(query) = SearchQuery::parse(&query) {
                for place in query.matches(&text).unwrap_or_default() {
                    prop_assert!(text.get(place).is_some());
                }
            }
        }

        #[test]
        fn whoever_types_part_of_a_text_finds_it(text in "[a-zäß漢字ก ]{3,40}", from in 0_usize..40) {
            let part: String = text.chars().skip(from).take(6).collect();
            if let Ok(query) = SearchQuery::parse(&part)
                && part.split(' ').all(|word| word.chars().count() >= 3 && !word.chars().any(is_dense))
            {
                prop_assert!(query.matches(&text).is_some(), "{part:?} in {text:?}");
            }
        }

        #[test]
        fn the_code_of_what_matches_has_all_codes_of_the_query(query in "[a-cß漢ก\" -]{1,12}", text in "[a-cß漢ก ]{1,30}") {
            if let Ok(query) = SearchQuery::parse(&query) && query.matches(&text).is_some() {
                let code = super::super::code::code_of(&text);
                for one in query.codes() {
                    prop_assert!(one.len() >= 3 && code.contains(&one), "{one:?} in {code:?}");
                }
            }
        }
    }
}
