//! Texts as they are compared: without case, accents and the difference between a letter's forms.

use std::iter;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{compose, is_combining_mark};
use unicode_properties::UnicodeEmoji;

/// A text as words with one space before, between and after them, and where each of its characters
/// came from.
///
/// A word is a run of letters and digits. Scripts that put no spaces between words, and emoji, are
/// runs of their own, in which every character may begin something.
pub(crate) struct Folded {
    pub(crate) chars: Vec<char>,
    /// The bytes of the text that each character stands for; none for a space.
    places: Vec<Range<usize>>,
}

impl Folded {
    pub(crate) fn of(text: &str) -> Self {
        let mut folded =
            Self { chars: Vec::with_capacity(text.len() + 2), places: Vec::with_capacity(text.len() + 2) };
        folded.push(' ', 0..0);
        for (start, character) in text.char_indices() {
            let place = start..start + character.len_utf8();
            if character.is_ascii() {
                folded.add(character.to_ascii_lowercase(), &place);
            } else {
                forms(character).for_each(|form| folded.add(form, &place));
            }
        }
        folded.separate();
        folded
    }

    /// The bytes of the text that these characters stand for.
    pub(super) fn place(&self, characters: Range<usize>) -> Range<usize> {
        let mut places = self.places[characters].iter().filter(|place| !place.is_empty());
        let Some(first) = places.next() else { return 0..0 };
        first.start..places.next_back().unwrap_or(first).end
    }

    fn add(&mut self, character: char, place: &Range<usize>) {
        let last = self.chars.last().copied().unwrap_or(' ');
        if is_ignored(character) {
            // A mark belongs to the letter before it; two may be one letter, as か and its mark.
            if last != ' '
                && let Some(end) = self.places.last_mut()
            {
                end.end = place.end;
                if let (Some(whole), Some(slot)) = (voiced(last, character), self.chars.last_mut()) {
                    *slot = whole;
                }
            }
            return;
        }
        if !is_word(character) {
            return self.separate();
        }
        if last != ' ' && is_dense(last) != is_dense(character) {
            self.separate();
        }
        self.push(character, place.clone());
    }

    fn separate(&mut self) {
        if self.chars.last() != Some(&' ') {
            self.push(' ', 0..0);
        }
    }

    fn push(&mut self, character: char, place: Range<usize>) {
        self.chars.push(character);
        self.places.push(place);
    }
}

/// What a character is compared as. By way of its capital, because several letters share one: ß and
/// ss, σ and ς. By way of the small letter before, because ẞ is its own capital.
fn forms(character: char) -> impl Iterator<Item = char> {
    iter::once(character)
        .nfkd()
        .filter(|form| !is_accent(*form))
        .nfc()
        .flat_map(char::to_lowercase)
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
}

/// Marks on Latin, Greek, Cyrillic, Hebrew and Arabic letters that people leave out as they type.
fn is_accent(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' | '\u{670}')
}

/// What is neither a letter nor a separator: marks, joiners, and how an emoji is to look.
fn is_ignored(character: char) -> bool {
    match character {
        '\u{AD}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2060}'
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'
        | '\u{1F3FB}'..='\u{1F3FF}' => true,
        _ => is_accent(character) || !character.is_alphanumeric() && is_combining_mark(character),
    }
}

fn voiced(letter: char, mark: char) -> Option<char> {
    matches!(mark, '\u{3099}' | '\u{309A}').then(|| compose(letter, mark)).flatten()
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || is_dense(character)
}

/// Whether a character belongs to a script without spaces between words, or is an emoji.
pub(crate) fn is_dense(character: char) -> bool {
    if character.is_ascii() {
        return false;
    }
    if !character.is_alphanumeric() {
        return character.is_emoji_char();
    }
    matches!(character,
        // Thai, Lao, Tibetan, Burmese, Hangul letters, Khmer.
        '\u{E00}'..='\u{109F}' | '\u{1100}'..='\u{11FF}' | '\u{1780}'..='\u{17FF}'
        // Kana, Bopomofo, Hangul, Han.
        | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{318F}' | '\u{31F0}'..='\u{31FF}'
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7AF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fold(text: &str) -> String {
        Folded::of(text).chars.into_iter().collect()
    }

    #[test]
    fn case_accents_and_forms_make_no_difference() {
        for (one, other) in [
            ("GRÜSSE", "grüße"),
            ("Straße", "STRASSE"),
            ("ẞ", "ss"),
            ("Çà", "ca"),
            ("ﬁne", "FINE"),
            ("Ｆｕｌｌ", "full"),
            ("ΟΔΟΣ", "οδος"),
            ("Ёлка", "елка"),
            ("ｶﾞﾗｽ", "ガラス"),
            ("e\u{301}te", "été"),
            ("👍🏽", "👍"),
            ("İstanbul", "istanbul"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("か"), fold("が"));
    }

    #[test]
    fn words_have_one_space_around_them() {
        for (text, expected) in [
            ("", " "),
            ("  ...  ", " "),
            ("Don't  stop", " don t stop "),
            ("a-b_c.d", " a b c d "),
            ("版本2.0ok", " 版本 2 0ok "),
            ("good🎈news", " good 🎈 news "),
            ("नमस्ते दुनिया", " नमसते दुनिया "),
        ] {
            assert_eq!(fold(text), expected);
        }
    }

    #[test]
    fn each_character_knows_where_it_came_from() {
        let folded = Folded::of("x ŉ Straße!");
        let position = folded.chars.windows(2).position(|pair| pair == ['s', 's']).unwrap();
        assert_eq!(folded.place(position..position + 2), "x ŉ Stra".len().."x ŉ Straß".len());
    }

    proptest! {
        #[test]
        fn any_text_is_folded_and_every_place_is_in_it(text in ".{0,60}") {
            let folded = Folded::of(&text);
            prop_assert_eq!(folded.chars.len(), folded.places.len());
            for at in 0..folded.chars.len() {
                prop_assert!(text.get(folded.place(at..at + 1)).is_some());
            }
        }
    }
}
