use std::fmt;

use super::{InvalidText, TextProblem, within};

/// A password in the clear. It never shows itself in logs and is not kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The most bytes a password may have, so that hashing one costs the same for all.
    pub const MAX_BYTES: usize = 1_024;

    /// A password somebody presents: any text of at most 1,024 bytes.
    pub fn presented(input: &str) -> Result<Self, InvalidText> {
        if input.len() > Self::MAX_BYTES {
            return Err(Self::invalid(TextProblem::TooManyBytes { max: Self::MAX_BYTES }));
        }
        Ok(Self(input.to_owned()))
    }

    /// A password somebody chooses: long enough, and not one that is tried first. `names` are words
    /// that are tried first for this account: its handle, its address, the server's name.
    pub fn chosen(input: &str, min_characters: usize, names: &[&str]) -> Result<Self, InvalidText> {
        let password = Self::presented(input)?;
        within(input, min_characters, Self::MAX_BYTES).map_err(Self::invalid)?;
        if is_common(input) || names.iter().any(|name| is_made_of(input, name)) {
            return Err(Self::invalid(TextProblem::TooCommon));
        }
        Ok(password)
    }

    /// The password itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn invalid(problem: TextProblem) -> InvalidText {
        InvalidText { field: "password", problem }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The most used passwords of eight characters and more, from the frequency list in
/// `@zxcvbn-ts/language-common` 4.1.3 (MIT licence).
const PASSWORDS: &str = include_str!("common_passwords.txt");

/// The most used passwords of four to seven letters, from the same list: too short to be chosen, but
/// people lengthen them with a year and an exclamation mark.
const WORDS: &str = include_str!("common_words.txt");

/// How many digits and signs around a common word make nothing new of it.
const TRIMMINGS: usize = 8;

/// The fewest different characters of a password that is not only one key held down.
const DIFFERENT: usize = 4;

/// How much of a password must be something else than a name that is tried first.
const BESIDE_NAMES: usize = 6;

/// Whether a password is one that is tried first: a common one in any case, with digits in place of
/// letters or a few digits and signs around it, or hardly more than one character.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let plain = unmasked(&lower);
    is_listed(&lower)
        || is_listed(&plain)
        || is_trimmed(&lower)
        || is_trimmed(&plain)
        || is_monotonous(&lower)
}

fn is_listed(text: &str) -> bool {
    PASSWORDS.lines().any(|common| common == text)
}

/// Whether digits and signs around it are all that it has besides a common word.
fn is_trimmed(text: &str) -> bool {
    let word = text.trim_matches(|sign: char| !sign.is_alphabetic());
    let around = text.chars().count() - word.chars().count();
    around <= TRIMMINGS && (is_listed(word) || WORDS.lines().any(|common| common == word))
}

fn is_monotonous(text: &str) -> bool {
    let mut different: Vec<char> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    different.len() < DIFFERENT
}

/// With letters where people put the digits and signs that look like them.
fn unmasked(text: &str) -> String {
    let letter = |sign| match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    text.chars().map(letter).collect()
}

/// Whether a password is little more than a name, however often and with whatever signs in it.
fn is_made_of(password: &str, name: &str) -> bool {
    let name = letters_and_digits(&name.to_lowercase());
    let lower = password.to_lowercase();
    let variants = [letters_and_digits(&lower), letters_and_digits(&unmasked(&lower))];
    let is_name = |text: &String| {
        text.contains(&name) && text.replace(name.as_str(), "").chars().count() < BESIDE_NAMES
    };
    name.chars().count() >= 3 && variants.iter().any(is_name)
}

fn letters_and_digits(text: &str) -> String {
    text.chars().filter(|sign| sign.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(password: &str) -> bool {
        let names = ["ana.pop", "ana.pop@example.org", "garden"];
        Password::chosen(password, 10, &names).is_err()
    }

    #[test]
    fn t05_every_password_of_the_list_is_refused_with_and_without_trimmings() {
        let is_word = |common: &&str| common.chars().all(char::is_alphabetic);
        let words = PASSWORDS.lines().chain(WORDS.lines()).filter(is_word);
        let trimmed = words.flat_map(|word| [format!("{word}2026!"), format!("1{}123", word.to_uppercase())]);
        let all = PASSWORDS.lines().map(str::to_owned).chain(trimmed);
        let long: Vec<String> = all.filter(|password| password.chars().count() >= 10).collect();
        for password in &long {
            assert!(is_refused(password), "{password} was taken");
        }
        assert!(long.len() >= 3_000, "{}", long.len());
    }

    #[test]
    fn t05_what_is_tried_first_is_refused_in_disguise() {
        for wrong in [
            "password123",
            "P@ssw0rd123",
            "Passw0rd!!",
            "dragon2026!",
            "!!!monkey2026",
            "qwertyuiop",
            "aaaaaaaaaaaa",
            "1212121212121",
            "ana.pop123",
            "Ana.Pop2026!",
            "garden2026",
            "G4rden!2026",
            "gardengarden",
            "ana.pop@example.org",
        ] {
            assert!(is_refused(wrong), "{wrong} was taken");
        }
    }

    #[test]
    fn a_password_that_nobody_tries_first_is_taken() {
        for right in [
            "kT9-vQ2x-81",
            "seven purple kettles",
            "dragonfly over the pond",
            "garden gnome parade",
            "ana.pop likes rain",
        ] {
            assert!(!is_refused(right), "{right} was refused");
        }
        assert!(Password::chosen("kT9-vQ2x", 10, &[]).is_err());
        assert!(Password::presented(&"x".repeat(1_025)).is_err());
    }

    #[test]
    fn a_password_does_not_show_itself() {
        assert_eq!(format!("{:?}", Password::presented("secret").unwrap()), "Password(…)");
    }
}
