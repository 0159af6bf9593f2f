use std::fmt;

use thiserror::Error;

/// What one's app and the server share, and codes are made of with the time (RFC 6238): sealed with a
/// key that is not in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(Vec<u8>);

impl TotpSecret {
    /// The secret that was sealed like this.
    pub const fn from_sealed(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// As it is stored.
    pub fn as_sealed(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

/// A secret that was just made, and how an app gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTotp {
    /// The secret, sealed.
    pub secret: TotpSecret,
    /// The address (`otpauth://…`) from which an app takes it; told once.
    pub uri: String,
}

/// The secret was sealed with a key that this server does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the secret was sealed with another key")]
pub struct SealedElsewhere;

/// Somebody's second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Totp {
    /// What its codes are made of.
    pub secret: TotpSecret,
    /// Whether its owner showed that their app has it; signing in asks for codes from then on.
    pub confirmed: bool,
    /// The step of 30 s of the last code that was used. That code and older ones are worth nothing.
    pub last_step: u64,
    /// How many wrong codes were given since the last right one.
    pub failures: u32,
}

impl Totp {
    /// After so many wrong codes in a row none is taken any more: who knows the password and tries from
    /// many places would guess six digits some day. Recovery codes, which nobody guesses, still are.
    pub const MOST_FAILURES: u32 = 100;

    /// One that is being set up.
    pub const fn begun(secret: TotpSecret) -> Self {
        Self { secret, confirmed: false, last_step: 0, failures: 0 }
    }

    /// Whether a code of this step may still be used.
    pub const fn takes(&self, step: u64) -> bool {
        step > self.last_step
    }

    /// Whether it takes no code any more.
    pub const fn is_exhausted(&self) -> bool {
        self.failures >= Self::MOST_FAILURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_and_older_ones_are_worth_nothing_once_it_was_used() {
        let totp = Totp { last_step: 7, ..Totp::begun(TotpSecret::from_sealed(vec![1])) };
        assert_eq!([6, 7, 8].map(|step| totp.takes(step)), [false, false, true]);
    }

    #[test]
    fn the_hundredth_wrong_code_in_a_row_is_the_last() {
        let totp = |failures| Totp { failures, ..Totp::begun(TotpSecret::from_sealed(vec![1])) };
        assert_eq!(
            [0, 99, 100, u32::MAX].map(|failures| totp(failures).is_exhausted()),
            [false, false, true, true]
        );
        assert!(!format!("{:?}", totp(0)).contains('1'), "a secret is not told");
    }
}
