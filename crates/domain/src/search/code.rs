//! What an index of three-letter pieces holds of a text.

use super::folding::{Folded, is_dense};

/// A text in the letters a to z, digits and spaces, so that every database cuts it into pieces of
/// three alike. When one folded text is part of another, so is its code; the reverse is checked by
/// whoever finds something.
///
/// A letter of another alphabet is one letter of the code, and one of a script without spaces is
/// three, so that a single one can be found. A space is two, so that the beginning of a word is a
/// piece, even of a word of one letter.
pub(super) fn code(folded: &[char]) -> String {
    let mut code = String::with_capacity(folded.len() + 16);
    for &character in folded {
        let number = u32::from(character);
        match character {
            ' ' => code.push_str("  "),
            'a'..='z' | '0'..='9' => code.push(character),
            _ if is_dense(character) => {
                code.extend([digit(number / 1296), digit(number / 36), digit(number)]);
            }
            _ => code.push(digit(number)),
        }
    }
    code
}

/// The code of a message's text.
pub(super) fn code_of(text: &str) -> String {
    code(&Folded::of(text).chars)
}

fn digit(number: u32) -> char {
    char::from_digit(number % 36, 36).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_has_nothing_but_letters_digits_and_spaces() {
        let code = code_of("Grüße, мир: 漢字 🎈 100 %");
        assert!(code.starts_with("  grusse  "), "{code}");
        assert!(code.chars().all(|one| matches!(one, 'a'..='z' | '0'..='9' | ' ')), "{code}");
    }

    proptest! {
        #[test]
        fn the_code_of_a_part_is_part_of_the_code(text in ".{1,60}", from in 0_usize..60, length in 1_usize..20) {
            let folded = Folded::of(&text).chars;
            let from = from.min(folded.len() - 1);
            let part = &folded[from..(from + length).min(folded.len())];
            prop_assert!(code(&folded).contains(&code(part)));
        }
    }
}
