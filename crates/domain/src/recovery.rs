use std::fmt;

/// The letters of a code, by Crockford: none is mistaken for another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code that gives an account back to somebody who lost their password. It works once.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl RecoveryCode {
    /// How many somebody gets at a time.
    pub const COUNT: usize = 10;

    /// Letters of a code; with five bits each nobody guesses one.
    const LENGTH: usize = 24;

    /// The code of these random bytes.
    pub fn from_random(bytes: [u8; 24]) -> Self {
        Self(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
    }

    /// Reads what somebody typed: in any case, with or without dashes, and with `O` for zero and `I`
    /// or `L` for one. `None` when no code looks like that.
    pub fn parse(text: &str) -> Option<Self> {
        let typed = text.chars().filter(|c| *c != '-' && !c.is_whitespace());
        let letters: String = typed
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let is_code =
            letters.len() == Self::LENGTH && letters.bytes().all(|letter| ALPHABET.contains(&letter));
        is_code.then_some(Self(letters))
    }

    /// The letters, as they are hashed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// In groups of six, which are easy to copy.
impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, letter) in self.0.chars().enumerate() {
            if number > 0 && number % 6 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{letter}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_copy_it() {
        let code = RecoveryCode::from_random(std::array::from_fn(|index| u8::try_from(index).unwrap()));
        let shown = code.to_string();
        assert_eq!(shown, "012345-6789AB-CDEFGH-JKMNPQ");
        for typed in [
            &*shown,
            "o12345 6789ab cdefgh jkmnpq",
            "0l23456789ABCDEFGHJKMNPQ",
            " 0i2345-6789AB-CDEFGH-JKMNPQ\n",
        ] {
            assert_eq!(RecoveryCode::parse(typed), Some(code.clone()), "{typed}");
        }
        for wrong in ["", "012345", "012345-6789AB-CDEFGH-JKMNPU", "012345-6789AB-CDEFGH-JKMNPQR", "éé"] {
            assert_eq!(RecoveryCode::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
    }
}
