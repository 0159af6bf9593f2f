use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_properties::{EmojiStatus, UnicodeEmoji};
use unicode_segmentation::UnicodeSegmentation;

use super::{InvalidText, TextProblem};

text!(
    /// One emoji, as people react with it.
    Emoji,
    "emoji",
    |input| {
        let text: String = input.trim().nfc().collect();
        if text.len() > Emoji::MAX_BYTES || text.graphemes(true).count() != 1 || !is_emoji(&text) {
            return Err(TextProblem::Form { example: "one emoji" });
        }
        Ok(presented(text))
    }
);

impl Emoji {
    /// The most bytes of UTF-8 of one emoji; families and flags of regions have about 30.
    pub const MAX_BYTES: usize = 64;
}

/// Whether what is seen as one character is an emoji. Digits, `#` and `*` are only within the frame
/// that makes them keys.
fn is_emoji(text: &str) -> bool {
    let first = text.chars().next();
    first.is_some_and(|first| first.is_emoji_char() && (!first.is_ascii() || text.ends_with('\u{20E3}')))
}

/// The sign that a character is to be shown as an emoji.
const AS_EMOJI: char = '\u{FE0F}';

/// An emoji of one character has the sign exactly where it would be shown as text without it:
/// keyboards and pickers differ in that, and it is to be one reaction.
fn presented(emoji: String) -> String {
    let mut letters = emoji.chars().filter(|letter| *letter != AS_EMOJI);
    let (Some(only), None) = (letters.next(), letters.next()) else { return emoji };
    match only.emoji_status() {
        EmojiStatus::EmojiPresentation
        | EmojiStatus::EmojiPresentationAndModifierBase
        | EmojiStatus::EmojiPresentationAndEmojiComponent
        | EmojiStatus::EmojiPresentationAndModifierAndEmojiComponent => only.to_string(),
        _ => format!("{only}{AS_EMOJI}"),
    }
}
