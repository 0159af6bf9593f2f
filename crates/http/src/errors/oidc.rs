//! What is refused of those who come from the identity provider.

use parlor_domain::{OidcError, OidcFailure};
use poem::http::StatusCode;

use super::accounts::{banned, unconfirmed};
use super::sentence;
use crate::problem::Problem;

impl From<OidcError> for Problem {
    fn from(error: OidcError) -> Self {
        let text = sentence(&error.to_string());
        let forbidden = |code| Self::new(StatusCode::FORBIDDEN, code, text.clone());
        match error {
            OidcError::Off => Self::new(StatusCode::NOT_FOUND, "oidc_off", text),
            OidcError::Provider(failure) => failure.into(),
            OidcError::Strayed => forbidden("oidc_strayed"),
            OidcError::EmailNotAllowed => forbidden("oidc_email_not_allowed"),
            OidcError::AccountExists => Self::conflict("oidc_account_exists", text),
            OidcError::Register(error) => error.into(),
            OidcError::Banned(ban) => banned(&ban),
            OidcError::SecondFactor(error) => error.into(),
            OidcError::LinkedElsewhere => Self::conflict("oidc_linked_elsewhere", text),
            OidcError::AlreadyLinked => Self::conflict("oidc_already_linked", text),
            OidcError::NotLinked => Self::conflict("oidc_not_linked", text),
            OidcError::PasswordFirst => Self::conflict("password_first", text),
            OidcError::AnotherPerson => forbidden("oidc_another_person"),
            OidcError::NotFresh => forbidden("oidc_not_fresh"),
            OidcError::Unconfirmed => unconfirmed(),
            OidcError::SignedOut => Self::unauthenticated(),
            OidcError::Store(error) => error.into(),
        }
    }
}

/// Why it failed is for the log: whoever operates the server can do something about it.
impl From<OidcFailure> for Problem {
    fn from(failure: OidcFailure) -> Self {
        match failure {
            OidcFailure::Unavailable(why) => {
                tracing::warn!(why, "the identity provider could not be asked");
                let detail = "The identity provider does not answer; try again later, or use your password.";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "oidc_unavailable", detail)
            }
            OidcFailure::Refused(why) => {
                tracing::warn!(why, "a sign-in at the identity provider was not accepted");
                let detail = "What the identity provider says is not accepted; begin anew, or tell an admin.";
                Self::new(StatusCode::FORBIDDEN, "oidc_refused", detail)
            }
        }
    }
}
