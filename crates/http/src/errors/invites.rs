use parlor_domain::InviteError;
use poem::http::StatusCode;

use super::sentence;
use crate::problem::Problem;

impl From<InviteError> for Problem {
    fn from(error: InviteError) -> Self {
        let text = sentence(&error.to_string());
        let field = |name, code| Self::invalid_fields(Vec::new()).with_field(name, code, text.clone());
        match error {
            InviteError::Invalid(invalid) => invalid.into(),
            InviteError::EndsInThePast => field("expires_at", "invalid"),
            InviteError::AdminTooLong => field("expires_at", "out_of_range"),
            InviteError::SeveralUses | InviteError::BadNumberOfUses => field("max_uses", "out_of_range"),
            InviteError::NoSuchInvite => Self::new(StatusCode::NOT_FOUND, "invalid_invite", text),
            InviteError::Store(error) => error.into(),
        }
    }
}
