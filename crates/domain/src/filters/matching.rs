use aho_corasick::{AhoCorasick, BuildError};

use super::{FilterAction, FilterRule};
use crate::FilterPhrase;
use crate::search::{Folded, is_dense};

/// All rules as one automaton, so that a text is looked through once, however many there are.
///
/// Case, accents and the forms of letters make no difference, and whole words are found only; in
/// scripts that put no spaces between words, a phrase is found wherever it stands.
#[derive(Debug)]
pub struct WordFilter {
    automaton: AhoCorasick,
    rules: Vec<(FilterAction, FilterPhrase)>,
}

impl WordFilter {
    /// The filter of these rules; `None` when there are none, so that nothing has to be done.
    pub fn of(rules: &[FilterRule]) -> Result<Option<Self>, BuildError> {
        if rules.is_empty() {
            return Ok(None);
        }
        let automaton = AhoCorasick::new(rules.iter().map(|rule| pattern(&rule.phrase)))?;
        let rules = rules.iter().map(|rule| (rule.action, rule.phrase.clone())).collect();
        Ok(Some(Self { automaton, rules }))
    }

    /// The rule that a text breaks; one that refuses goes before one that holds. Where nothing can be
    /// held, rules that hold do not count.
    pub fn judge(&self, text: &str, can_hold: bool) -> Option<(FilterAction, &FilterPhrase)> {
        let text: String = Folded::of(text).chars.into_iter().collect();
        let found = self.automaton.find_overlapping_iter(&text);
        let broken = found.filter_map(|found| self.rules.get(found.pattern().as_usize()));
        broken
            .filter(|(action, _)| can_hold || *action == FilterAction::Refuse)
            .min_by_key(|(action, _)| *action)
            .map(|(action, phrase)| (*action, phrase))
    }
}

/// What is looked for: the words of the phrase, with the spaces that end a word on both sides where
/// the script has any.
fn pattern(phrase: &FilterPhrase) -> String {
    let folded = Folded::of(phrase.as_str()).chars;
    let words = folded.strip_prefix(&[' ']).unwrap_or(&folded);
    let words = words.strip_suffix(&[' ']).unwrap_or(words);
    let space = |edge: Option<&char>| if edge.is_some_and(|edge| !is_dense(*edge)) { " " } else { "" };
    let text: String = words.iter().collect();
    format!("{}{text}{}", space(words.first()), space(words.last()))
}

/// Whether there is anything in a phrase that can be looked for: a letter, a digit or an emoji.
pub(crate) fn says_something(phrase: &FilterPhrase) -> bool {
    Folded::of(phrase.as_str()).chars.iter().any(|character| *character != ' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FilterRuleId, Timestamp};
    use uuid::Uuid;

    fn filter(rules: &[(&str, FilterAction)]) -> WordFilter {
        let rules: Vec<FilterRule> = rules
            .iter()
            .map(|(phrase, action)| FilterRule {
                id: FilterRuleId::from_uuid(Uuid::nil()),
                phrase: FilterPhrase::parse(phrase).unwrap(),
                action: *action,
                created_by: None,
                created_at: Timestamp::from_millis(0),
            })
            .collect();
        WordFilter::of(&rules).unwrap().unwrap()
    }

    fn found(filter: &WordFilter, text: &str) -> Option<String> {
        filter.judge(text, true).map(|(_, phrase)| phrase.to_string())
    }

    #[test]
    fn whole_words_are_found_in_any_case_and_with_any_accents() {
        let casino = filter(&[("Casinò", FilterAction::Refuse), ("free money", FilterAction::Refuse)]);
        for text in
            ["casino", "A CASINO!", "come to the cásino.", "casino-royale", "ｃａｓｉｎｏ", "cas\u{AD}ino"]
        {
            assert_eq!(found(&casino, text).as_deref(), Some("Casinò"), "{text}");
        }
        for text in ["Free   money", "free-money", "FREE\nMONEY"] {
            assert_eq!(found(&casino, text).as_deref(), Some("free money"), "{text}");
        }
        for text in ["", "casinos", "occasino", "free", "money free", "freemoney"] {
            assert_eq!(found(&casino, text), None, "{text}");
        }
    }

    #[test]
    fn where_words_have_no_spaces_a_phrase_is_found_anywhere() {
        let filter = filter(&[("赌场", FilterAction::Refuse), ("🎰", FilterAction::Refuse)]);
        assert_eq!(found(&filter, "最好的赌场在这里").as_deref(), Some("赌场"));
        assert_eq!(found(&filter, "win🎰now").as_deref(), Some("🎰"));
        assert_eq!(found(&filter, "赌和场"), None);
    }

    #[test]
    fn what_refuses_goes_before_what_holds_and_words_that_touch_are_both_seen() {
        let filter =
            filter(&[("a", FilterAction::Hold), ("a b", FilterAction::Hold), ("b", FilterAction::Refuse)]);
        assert_eq!(filter.judge("a b", true).map(|(action, _)| action), Some(FilterAction::Refuse));
        assert_eq!(filter.judge("a", true).map(|(action, _)| action), Some(FilterAction::Hold));
        assert_eq!(filter.judge("a", false).map(|(action, _)| action), None);
        assert_eq!(filter.judge("a b", false).map(|(action, _)| action), Some(FilterAction::Refuse));
    }

    #[test]
    fn a_phrase_of_signs_says_nothing() {
        assert!(!says_something(&FilterPhrase::parse("...").unwrap()));
        assert!(says_something(&FilterPhrase::parse("c++").unwrap()));
        assert!(WordFilter::of(&[]).unwrap().is_none());
    }
}
