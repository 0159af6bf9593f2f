use std::ops::Range;

/// The part of a message's text around what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The text on one line; `…` stands for what was left out.
    pub text: String,
    /// Which parts of it were found, in UTF-16 code units, in order.
    pub highlights: Vec<Range<usize>>,
}

/// How long a snippet is, in characters, and how much of it comes before what was found.
const LENGTH: usize = 200;
const BEFORE: usize = 50;

impl Snippet {
    /// The part of `text` around the first of these places, which are in bytes and in order.
    pub(super) fn of(text: &str, found: &[Range<usize>]) -> Self {
        let part = part(text, found.first().map_or(0, |first| first.start));
        let mut snippet = Self { text: String::new(), highlights: Vec::new() };
        if part.start > 0 {
            snippet.text.push('…');
        }
        let mut units = snippet.text.encode_utf16().count();
        let mut found = found.iter().peekable();
        for (offset, character) in text[part.clone()].char_indices() {
            let at = part.start + offset;
            while found.next_if(|place| place.end <= at).is_some() {}
            let length = character.len_utf16();
            if found.peek().is_some_and(|place| place.start <= at) {
                match snippet.highlights.last_mut() {
                    Some(last) if last.end == units => last.end += length,
                    _ => snippet.highlights.push(units..units + length),
                }
            }
            snippet.text.push(if character.is_whitespace() { ' ' } else { character });
            units += length;
        }
        if part.end < text.len() {
            snippet.text.push('…');
        }
        snippet
    }
}

/// The bytes of the text that are shown: from the beginning of a word, where one is near.
fn part(text: &str, first: usize) -> Range<usize> {
    let before: Vec<usize> = text[..first].char_indices().rev().take(BEFORE).map(|(at, _)| at).collect();
    let start = match before.last() {
        Some(&start) if start > 0 => {
            let word = text[start..first].find(char::is_whitespace).map_or(start, |at| start + at);
            text[word..].find(|one: char| !one.is_whitespace()).map_or(word, |at| word + at)
        }
        _ => 0,
    };
    let end = text[start..].char_indices().nth(LENGTH).map_or(text.len(), |(at, _)| start + at);
    start..end
}

#[cfg(test)]
mod tests {
    use super::super::SearchQuery;
    use super::*;
    use proptest::prelude::*;

    fn snippet(query: &str, text: &str) -> Snippet {
        Snippet::of(text, &SearchQuery::parse(query).unwrap().matches(text).unwrap())
    }

    fn highlighted(snippet: &Snippet) -> Vec<String> {
        let units: Vec<u16> = snippet.text.encode_utf16().collect();
        snippet.highlights.iter().map(|range| String::from_utf16(&units[range.clone()]).unwrap()).collect()
    }

    #[test]
    fn a_short_text_is_shown_as_a_whole() {
        let found = snippet("deploy 漢", "🎈 The\ndeploy, 漢字");
        assert_eq!(found.text, "🎈 The deploy, 漢字");
        assert_eq!(highlighted(&found), ["deploy", "漢"]);
        assert_eq!(found.highlights[0], 7..13);
    }

    #[test]
    fn of_a_long_text_the_part_around_what_was_found_is_shown() {
        let text = format!("{} needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let found = snippet("needle", text.trim());
        assert!(found.text.starts_with("…hay ") && found.text.ends_with('…'), "{}", found.text);
        assert_eq!(highlighted(&found), ["needle"]);
    }

    #[test]
    fn two_words_beside_each_other_stay_two() {
        assert_eq!(highlighted(&snippet("one two", "one two")), ["one", "two"]);
    }

    proptest! {
        #[test]
        fn highlights_lie_within_any_snippet(text in "[a-c🎈漢 \n]{1,400}", query in "[a-c漢]{1,3}") {
            if let Ok(query) = SearchQuery::parse(&query) && let Some(found) = query.matches(&text) {
                let snippet = Snippet::of(&text, &found);
                let highlighted = highlighted(&snippet);
                prop_assert!(!highlighted.is_empty());
                prop_assert!(snippet.text.chars().count() <= LENGTH + 2);
            }
        }
    }
}
