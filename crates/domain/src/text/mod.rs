//! Text that people type, checked once at the edge.

use std::fmt;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// Why a text is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextProblem {
    /// Nothing, or nothing but white space.
    #[error("must not be empty")]
    Empty,
    /// Fewer than `min` characters.
    #[error("must have at least {min} characters")]
    TooShort {
        /// The fewest characters allowed.
        min: usize,
    },
    /// More than `max` characters.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The most characters allowed.
        max: usize,
    },
    /// More than `max` bytes of UTF-8.
    #[error("must have at most {max} bytes")]
    TooManyBytes {
        /// The most bytes allowed.
        max: usize,
    },
    /// Characters that this text may not have.
    #[error("may only have {allowed}")]
    Characters {
        /// What is allowed, for people.
        allowed: &'static str,
    },
    /// Not of the form that such a text has.
    #[error("must look like {example}")]
    Form {
        /// A text of the right form.
        example: &'static str,
    },
    /// A password that is among the first an attacker tries.
    #[error("is among the most common passwords; choose another")]
    TooCommon,
    /// The same as the one whose place it is to take.
    #[error("must be another one than before")]
    Same,
    /// More things than may belong together.
    #[error("may be {max} at most")]
    TooMany {
        /// How many may.
        max: usize,
    },
    /// The same thing twice.
    #[error("may each be given once")]
    Repeated,
    /// A value where none belongs.
    #[error("is not asked for; leave it out")]
    NotAskedFor,
}

/// A text that is not acceptable: which field's, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} {problem}")]
pub struct InvalidText {
    /// The field, as the API names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: TextProblem,
}

impl InvalidText {
    /// Takes a parsed text, or adds its problem to those of the other fields, so that people are
    /// told all of them at once.
    pub fn gather<T>(problems: &mut Vec<Self>, parsed: Result<T, Self>) -> Option<T> {
        parsed.map_err(|problem| problems.push(problem)).ok()
    }
}

/// Format characters that change how text around them is shown (bidirectional overrides) or that
/// are not shown at all; in a name they let one person pass for another.
fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// One line for people: composed (NFC), without deceptive or control characters, trimmed.
fn line(input: &str) -> String {
    let kept: String = input.nfc().filter(|c| !c.is_control() && !is_deceptive(*c)).collect();
    kept.trim().to_owned()
}

/// Many lines for people: as [`line`], but line breaks and tabs stay.
fn paragraph(input: &str) -> String {
    let unified = input.replace("\r\n", "\n");
    let kept: String = unified
        .nfc()
        .filter(|c| {
            matches!(c, '\n' | '\t')
                || !(c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        })
        .collect();
    kept.trim().to_owned()
}

fn within(text: &str, min: usize, max: usize) -> Result<(), TextProblem> {
    let length = text.chars().count();
    match () {
        () if length == 0 && min > 0 => Err(TextProblem::Empty),
        () if length < min => Err(TextProblem::TooShort { min }),
        () if length > max => Err(TextProblem::TooLong { max }),
        () => Ok(()),
    }
}

macro_rules! text {
    ($(#[$meta:meta])* $name:ident, $field:literal, $check:expr) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes the text, put into its proper form, or says what is wrong with it.
            pub fn parse(input: &str) -> Result<Self, InvalidText> {
                let check: fn(&str) -> Result<String, TextProblem> = $check;
                check(input).map(Self).map_err(|problem| InvalidText { field: $field, problem })
            }

            /// A text that was checked when it was stored.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

// Behind the macro, which it uses.
mod emoji;
mod file_name;
mod password;
mod profile;

pub use emoji::Emoji;
pub use file_name::FileName;
pub use password::Password;
pub use profile::{StatusText, TimeZone};

text!(
    /// A handle: 3 to 32 of `a-z 0-9 . _ -`, lower case.
    Username,
    "username",
    |input| {
        let text = input.trim().to_ascii_lowercase();
        within(&text, 3, 32)?;
        if text.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_' | '-')) {
            Ok(text)
        } else {
            Err(TextProblem::Characters { allowed: "the letters a to z, digits, and . _ -" })
        }
    }
);

text!(
    /// The name people see: 1 to 64 characters on one line.
    DisplayName,
    "name",
    |input| {
        let text = line(input);
        within(&text, 1, 64)?;
        Ok(text)
    }
);

text!(
    /// An e-mail address: one `@` with something on both sides, at most 254 characters, lower case.
    Email,
    "email",
    |input| {
        const FORM: TextProblem = TextProblem::Form { example: "name@example.org" };
        let text = line(input).to_lowercase();
        within(&text, 1, 254)?;
        let (name, host) = text.rsplit_once('@').ok_or(FORM)?;
        let proper = !name.is_empty()
            && name.len() <= 64
            && !name.contains('@')
            && host.contains('.')
            && !host.starts_with('.')
            && !host.ends_with('.')
            && !text.contains(char::is_whitespace);
        if proper { Ok(text) } else { Err(FORM) }
    }
);

text!(
    /// What a person says about themselves: up to 500 characters.
    About,
    "about",
    |input| {
        let text = paragraph(input);
        within(&text, 0, 500)?;
        Ok(text)
    }
);

text!(
    /// A group's name: 1 to 128 characters on one line.
    GroupName,
    "name",
    |input| {
        let text = line(input);
        within(&text, 1, 128)?;
        Ok(text)
    }
);

text!(
    /// What somebody calls a token or a webhook: 1 to 64 characters on one line.
    TokenName,
    "name",
    |input| {
        let text = line(input);
        within(&text, 1, 64)?;
        Ok(text)
    }
);

text!(
    /// What a group is for: up to 1,000 characters.
    GroupDescription,
    "description",
    |input| {
        let text = paragraph(input);
        within(&text, 0, 1_000)?;
        Ok(text)
    }
);

text!(
    /// Why somebody was banned or muted, or a group frozen: up to 500 characters.
    BanReason,
    "reason",
    |input| {
        let text = paragraph(input);
        within(&text, 0, 500)?;
        Ok(text)
    }
);

text!(
    /// A word or phrase that is not to be written: 1 to 100 characters on one line.
    FilterPhrase,
    "phrase",
    |input| {
        let text = line(input);
        within(&text, 1, 100)?;
        Ok(text)
    }
);

text!(
    /// What somebody says about a message that they report: up to 1,000 characters.
    ReportNote,
    "note",
    |input| {
        let text = paragraph(input);
        within(&text, 0, 1_000)?;
        Ok(text)
    }
);

text!(
    /// A message's text: 1 to 8,000 characters and at most 32 KiB.
    MessageBody,
    "body",
    |input| {
        let text = message_text(input)?;
        within(&text, 1, MessageBody::MAX_CHARACTERS)?;
        Ok(text)
    }
);

fn message_text(input: &str) -> Result<String, TextProblem> {
    if input.len() > MessageBody::MAX_BYTES {
        return Err(TextProblem::TooManyBytes { max: MessageBody::MAX_BYTES });
    }
    Ok(if is_plain(input) { input.trim().to_owned() } else { paragraph(input) })
}

impl MessageBody {
    /// The most characters a message may have.
    pub const MAX_CHARACTERS: usize = 8_000;
    /// The most bytes of UTF-8 a message may have.
    pub const MAX_BYTES: usize = 32 * 1024;

    /// Takes the text that goes with files: what a message may say, or nothing.
    pub fn parse_caption(input: &str) -> Result<Self, InvalidText> {
        message_text(input)
            .and_then(|text| within(&text, 0, Self::MAX_CHARACTERS).map(|()| Self(text)))
            .map_err(|problem| InvalidText { field: "body", problem })
    }
}

/// Printable ASCII and line breaks need no normalising; most messages are nothing else.
fn is_plain(input: &str) -> bool {
    input.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | 0x20..=0x7E))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_lower_case_and_plain() {
        assert_eq!(Username::parse(" Ana.Pop ").unwrap().as_str(), "ana.pop");
        for wrong in ["", "ab", "ana pop", "аna", "ana!", &"a".repeat(33)] {
            assert!(Username::parse(wrong).is_err(), "{wrong:?} was taken");
        }
    }

    #[test]
    fn a_display_name_loses_what_deceives() {
        assert_eq!(DisplayName::parse("A\u{202E}na\u{200B}\u{7}").unwrap().as_str(), "Ana");
        assert_eq!(DisplayName::parse("\u{200B} ").unwrap_err().problem, TextProblem::Empty);
        assert_eq!(DisplayName::parse("e\u{301}").unwrap().as_str(), "é");
    }

    #[test]
    fn a_message_keeps_its_lines_and_loses_control_characters() {
        assert_eq!(MessageBody::parse("one\r\ntwo\u{0}\u{1b}[31m\n").unwrap().as_str(), "one\ntwo[31m");
        assert!(MessageBody::parse(" \n ").is_err());
        assert!(MessageBody::parse(&"x".repeat(8_000)).is_ok());
        assert_eq!(
            MessageBody::parse(&"x".repeat(8_001)).unwrap_err().problem,
            TextProblem::TooLong { max: 8_000 }
        );
    }

    #[test]
    fn an_emoji_sequence_in_a_message_stays_whole() {
        let family = "👨\u{200D}👩\u{200D}👧";
        assert_eq!(MessageBody::parse(family).unwrap().as_str(), family);
    }

    #[test]
    fn an_address_needs_a_name_and_a_host() {
        assert_eq!(Email::parse("Ana@Example.org").unwrap().as_str(), "ana@example.org");
        for wrong in ["ana", "@example.org", "ana@", "ana@host", "a b@example.org", "a@b@example.org"] {
            assert!(Email::parse(wrong).is_err(), "{wrong:?} was taken");
        }
    }
}
