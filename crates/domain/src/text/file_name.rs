use std::fmt;

use super::{InvalidText, TextProblem, is_deceptive};

text!(
    /// What somebody calls a file: 1 to 4,096 bytes, kept as given. It names nothing on any disk.
    FileName,
    "name",
    |input| {
        match input.len() {
            0 => Err(TextProblem::Empty),
            1..=FileName::MAX_BYTES => Ok(input.to_owned()),
            _ => Err(TextProblem::TooManyBytes { max: FileName::MAX_BYTES }),
        }
    }
);

impl FileName {
    /// The most bytes of UTF-8 a file's name may have: more than any file system takes, so that nobody
    /// has to call a file something else to share it.
    pub const MAX_BYTES: usize = 4_096;

    /// What stands behind its last dot, in small letters; empty when there is none.
    pub fn ending(&self) -> String {
        self.0.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
    }

    /// The name in a line of text: without what would break the line, or turn around what stands
    /// beside it, and without the middle of what is too long for a line.
    pub fn shown(&self) -> String {
        const BEGINNING: usize = 185;
        const END: usize = 70;
        let shown: Vec<char> =
            self.0.chars().filter(|character| !character.is_control() && !is_deceptive(*character)).collect();
        if shown.len() <= BEGINNING + END {
            return shown.into_iter().collect();
        }
        let end = shown.len() - END;
        shown[..BEGINNING].iter().chain(&['…']).chain(&shown[end..]).collect()
    }
}
