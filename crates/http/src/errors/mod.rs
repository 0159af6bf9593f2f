//! What each refusal of the domain means to an HTTP client: one exhaustive match for each.

mod accounts;
mod api_tokens;
mod files;
mod invites;
mod limits;
mod messages;
mod oidc;
mod outgoing_webhooks;
mod pictures;
mod search;

use std::error::Error;
use std::fmt::Write;

use parlor_domain::{
    Ban, ConversationError, Denied, GroupError, HashError, InvalidText, ReadError, ReceiptError, StoreError,
    TextProblem,
};
use parlor_wire::Time;
use poem::http::StatusCode;

pub(crate) use accounts::totp_setup_required;

use crate::problem::{BanDetail, FieldError, Problem};

/// How long a client should wait when the server has too much to do.
const BUSY_MS: u64 = 1_000;

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotFound => Self::not_found("There is no such conversation or group."),
            Denied::Forbidden => Self::forbidden("You may not do that here."),
            Denied::Blocked => Self::new(
                StatusCode::FORBIDDEN,
                "blocked",
                "You blocked this person; unblock them to write to them.",
            ),
            Denied::Archived => Self::new(
                StatusCode::FORBIDDEN,
                "archived",
                "This group is archived; an owner can bring it back.",
            ),
            Denied::Frozen => Self::new(
                StatusCode::FORBIDDEN,
                "frozen",
                "An admin froze this group; nobody writes here until they lift that.",
            ),
            Denied::SlowMode(wait) => Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "slow_mode",
                "Slow mode is on here; wait before you write again.",
            )
            .retry_after_ms(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            Denied::Muted(until) => Self::new(
                StatusCode::FORBIDDEN,
                "muted",
                format!("You may read here, but not write before {}.", Time(until).text()),
            ),
        }
    }
}

impl From<&StoreError> for Problem {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::Conflict(_) => {
                Self::conflict("conflict", "Somebody changed the same thing in the same moment; try again.")
            }
            StoreError::ReadOnly(message) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "maintenance", message).retry_after_ms(5 * BUSY_MS)
            }
            StoreError::Full(_) => {
                tracing::error!(error = chain(error), "the disk is full");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "storage_full",
                    "The server's disk is full; tell an admin.",
                )
                .retry_after_ms(5 * BUSY_MS)
            }
            StoreError::Clash(_) => {
                tracing::info!(error = chain(error), "two changes stood in each other's way");
                Self::unavailable().retry_after_ms(0)
            }
            StoreError::Unavailable(_) => {
                tracing::warn!(error = chain(error), "the database does not answer");
                Self::unavailable().retry_after_ms(BUSY_MS)
            }
            StoreError::Failed(_) => {
                tracing::error!(error = chain(error), "the database failed");
                Self::internal()
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

impl From<HashError> for Problem {
    fn from(error: HashError) -> Self {
        match error {
            HashError::Busy => Self::busy(BUSY_MS),
            HashError::Broken(_) => {
                tracing::error!(error = chain(&error), "a password could not be hashed");
                Self::internal()
            }
        }
    }
}

impl From<InvalidText> for Problem {
    fn from(invalid: InvalidText) -> Self {
        Self::from(vec![invalid])
    }
}

impl From<Vec<InvalidText>> for Problem {
    fn from(invalid: Vec<InvalidText>) -> Self {
        Self::invalid_fields(invalid.iter().map(field_error).collect())
    }
}

fn field_error(invalid: &InvalidText) -> FieldError {
    let code = match invalid.problem {
        TextProblem::Empty => "required",
        TextProblem::TooShort { .. } => "too_short",
        TextProblem::TooLong { .. } | TextProblem::TooManyBytes { .. } => "too_long",
        TextProblem::Characters { .. } => "invalid_characters",
        TextProblem::Form { .. } => "invalid",
        TextProblem::TooCommon => "too_common",
        TextProblem::Same => "same",
        TextProblem::TooMany { .. } => "too_many",
        TextProblem::Repeated => "repeated",
        TextProblem::NotAskedFor => "not_asked_for",
    };
    FieldError {
        field: invalid.field.into(),
        code: code.into(),
        message: sentence(&invalid.problem.to_string()),
    }
}

/// "must not be empty" → "Must not be empty."
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

impl From<ConversationError> for Problem {
    fn from(error: ConversationError) -> Self {
        match error {
            ConversationError::Denied(denied) => denied.into(),
            ConversationError::NoSuchUser => no_such_user("user"),
            ConversationError::Store(error) => error.into(),
        }
    }
}

fn no_such_user(field: &str) -> Problem {
    Problem::not_found("There is no such user.").with_field(field, "not_found", "There is no such user.")
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Denied(denied) => denied.into(),
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<ReceiptError> for Problem {
    fn from(error: ReceiptError) -> Self {
        match error {
            ReceiptError::Denied(denied) => denied.into(),
            ReceiptError::Store(error) => error.into(),
        }
    }
}

/// Why and until when somebody is banned, as they are told.
fn ban_detail(ban: &Ban) -> BanDetail {
    BanDetail { reason: ban.reason.to_string(), until: ban.until.map(|until| Time(until).text()) }
}

impl From<GroupError> for Problem {
    fn from(error: GroupError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            GroupError::Denied(denied) => denied.into(),
            GroupError::NoSuchUser(user) => Self::invalid_fields(Vec::new()).with_field(
                "members",
                "not_found",
                format!("There is no user {user}."),
            ),
            GroupError::NotToBeAdded(_) => {
                Self::invalid_fields(Vec::new()).with_field("members", "not_allowed", text)
            }
            GroupError::BannedThere(_) => Self::conflict("banned_there", text),
            GroupError::Banned(ban) => Self::banned_from_group(ban_detail(&ban)),
            GroupError::NotBannedThere | GroupError::NotFrozen => Self::not_found(text),
            GroupError::Full { .. } => Self::conflict("group_full", text),
            GroupError::LastOwner => Self::conflict("last_owner", text),
            GroupError::NothingToHandOver => {
                Self::invalid_fields(Vec::new()).with_field("hand_over", "invalid", text)
            }
            GroupError::EndsInThePast => {
                Self::invalid_fields(Vec::new()).with_field("until", "invalid", text)
            }
            GroupError::LinkEndsInThePast => {
                Self::invalid_fields(Vec::new()).with_field("expires_at", "invalid", text)
            }
            GroupError::BadNumberOfUses => {
                Self::invalid_fields(Vec::new()).with_field("max_uses", "invalid", text)
            }
            GroupError::TooManyLinks => Self::conflict("too_many_links", text),
            GroupError::NoSuchLink => Self::new(StatusCode::NOT_FOUND, "invalid_invitation", text),
            GroupError::LobbyIsPublic => {
                Self::invalid_fields(Vec::new()).with_field("visibility", "invalid", text)
            }
            GroupError::Store(error) => error.into(),
        }
    }
}

/// An error with all its causes, for the log.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlor_domain::Username;

    #[test]
    fn a_field_at_fault_is_told_with_a_sentence_and_a_code() {
        let invalid = Username::parse("ab").unwrap_err();
        let error = field_error(&invalid);
        assert_eq!((error.field.as_str(), error.code.as_str()), ("username", "too_short"));
        assert_eq!(error.message, "Must have at least 3 characters.");
    }

    #[test]
    fn the_cause_of_a_failure_is_for_the_log_and_not_for_the_client() {
        let error = StoreError::Failed("no such table: entry".into());
        assert_eq!(chain(&error), "the storage failed: no such table: entry");
        let problem = Problem::from(error);
        assert_eq!(problem.code(), "internal");
        assert!(!problem.to_string().contains("entry"));
    }
}
