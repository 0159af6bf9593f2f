use parlor_domain::OutgoingWebhookError;

use super::sentence;
use crate::problem::Problem;

impl From<OutgoingWebhookError> for Problem {
    fn from(error: OutgoingWebhookError) -> Self {
        let text = sentence(&error.to_string());
        let field = |name| Self::invalid_fields(Vec::new()).with_field(name, "too_short", text.clone());
        match error {
            OutgoingWebhookError::Invalid(invalid) => invalid.into(),
            OutgoingWebhookError::NoEvents => field("events"),
            OutgoingWebhookError::NoGroups => field("groups"),
            OutgoingWebhookError::TooMany => Self::conflict("too_many_webhooks", text),
            OutgoingWebhookError::Unreadable => Self::conflict("unreadable", text),
            OutgoingWebhookError::NoSuchWebhook | OutgoingWebhookError::NoSuchDelivery => {
                Self::not_found(text)
            }
        }
    }
}
