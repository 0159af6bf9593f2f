use std::time::Duration;

use super::signing_in::SignInError;
use super::{Accounts, RegisterError, SignIn};
use crate::{InvalidText, Password, PasswordHash, StoredPassword, TextProblem, Timestamp, User};

/// How long a password that somebody else chose gets its owner in.
pub(crate) const TEMPORARY_FOR: Duration = Duration::from_hours(24);

/// What a password is good for at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It is the owner's own: it signs in.
    Own,
    /// Somebody else chose it: it lets the owner choose another.
    Temporary,
    /// Nobody chose another while it was good.
    Over,
}

impl StoredPassword {
    fn worth(&self, now: Timestamp) -> Worth {
        match self.temporary_until {
            None => Worth::Own,
            Some(until) if now < until => Worth::Temporary,
            Some(_) => Worth::Over,
        }
    }
}

impl Accounts {
    /// The hash of a password that somebody else chose for this person; of a new one, which is answered
    /// too, when nothing was chosen.
    pub(crate) async fn hash_for_somebody(
        &self,
        user: &User,
        chosen: Option<&str>,
    ) -> Result<(PasswordHash, Option<Password>), RegisterError> {
        let Some(text) = chosen.filter(|text| !text.trim().is_empty()) else {
            let made = self.tokens.password();
            return Ok((self.hasher.hash(&made).await?, Some(made)));
        };
        let password = self
            .choose(text, Some(&user.username), user.email.as_ref())
            .map_err(|problem| RegisterError::Invalid(vec![problem]))?;
        Ok((self.hasher.hash(&password).await?, None))
    }

    /// The password that takes the place of a temporary one at this sign-in, whose password was the
    /// right one; nothing when it is the owner's own.
    pub(super) async fn replacement(
        &self,
        attempt: &SignIn,
        user: &User,
        stored: &StoredPassword,
    ) -> Result<Option<StoredPassword>, SignInError> {
        let invalid = |problem| InvalidText { field: "new_password", problem };
        match (stored.worth(self.clock.now()), attempt.new_password.as_deref()) {
            (Worth::Over, _) => Err(SignInError::PasswordOver),
            (Worth::Own, None) => Ok(None),
            (Worth::Own, Some(_)) => Err(invalid(TextProblem::NotAskedFor).into()),
            (Worth::Temporary, None) => Err(SignInError::NewPasswordRequired),
            (Worth::Temporary, Some(new)) if new == attempt.password => {
                Err(invalid(TextProblem::Same).into())
            }
            (Worth::Temporary, Some(new)) => {
                let new = self.new_password_of(Some(user), new)?;
                Ok(Some(self.hasher.hash(&new).await?.into()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_password_is_over_at_its_moment() {
        let until = Timestamp::from_millis(1_000);
        let own = StoredPassword::from(PasswordHash::from_phc(String::new()));
        let temporary = StoredPassword { temporary_until: Some(until), ..own.clone() };
        assert_eq!(own.worth(until), Worth::Own);
        assert_eq!(temporary.worth(Timestamp::from_millis(999)), Worth::Temporary);
        assert_eq!(temporary.worth(until), Worth::Over);
    }
}
