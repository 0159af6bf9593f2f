use parlor_domain::ApiTokenError;

use super::accounts::unconfirmed;
use super::sentence;
use crate::problem::Problem;

impl From<ApiTokenError> for Problem {
    fn from(error: ApiTokenError) -> Self {
        let text = sentence(&error.to_string());
        let field = |name, code| Self::invalid_fields(Vec::new()).with_field(name, code, text.clone());
        match error {
            ApiTokenError::Invalid(invalid) => invalid.into(),
            ApiTokenError::NoScopes => field("scopes", "too_short"),
            ApiTokenError::NotAnAdmin => field("scopes", "not_allowed"),
            ApiTokenError::EndsInThePast => field("expires_at", "invalid"),
            ApiTokenError::TooMany => Self::conflict("too_many_tokens", text),
            ApiTokenError::Unconfirmed => unconfirmed(),
            ApiTokenError::NoSuchToken => Self::not_found(text),
            ApiTokenError::Store(error) => error.into(),
        }
    }
}
