use parlor_domain::{
    ChangeError, Denied, DraftError, ForwardError, PostError, ReportError, SaveError, ScheduleError,
    ThreadError,
};
use parlor_limits::TooOften;
use poem::http::StatusCode;

use super::{BUSY_MS, sentence};
use crate::problem::Problem;

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            ChangeError::Denied(Denied::NotFound) => no_such_message(),
            ChangeError::Denied(denied) => denied.into(),
            ChangeError::Deleted => Self::conflict("deleted", text),
            ChangeError::Invalid(invalid) => invalid.into(),
            ChangeError::Filtered(_) => filtered(text),
            ChangeError::Forwarded => Self::conflict("forwarded", text),
            ChangeError::TooLate(_) => Self::conflict("too_late", text),
            ChangeError::TooMany => Self::conflict("too_many_reactions", text),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<DraftError> for Problem {
    fn from(error: DraftError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            DraftError::Denied(denied) => denied.into(),
            DraftError::NoSuchThread => {
                Self::invalid_fields(Vec::new()).with_field("thread", "not_found", text)
            }
            DraftError::TooMany => Self::conflict("too_many_drafts", text),
            DraftError::Store(error) => error.into(),
        }
    }
}

impl From<ScheduleError> for Problem {
    fn from(error: ScheduleError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            ScheduleError::Denied(denied) => denied.into(),
            ScheduleError::NoSuchMessage => Self::not_found(text),
            ScheduleError::BadTime => Self::invalid_fields(Vec::new()).with_field("at", "out_of_range", text),
            ScheduleError::BeingSent => Self::conflict("being_sent", text),
            ScheduleError::TooMany => Self::conflict("too_many_scheduled", text),
            ScheduleError::Post(error) => error.into(),
            ScheduleError::Store(error) => error.into(),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            ReportError::Denied(Denied::NotFound) => no_such_message(),
            ReportError::Denied(denied) => denied.into(),
            ReportError::Deleted => Self::conflict("deleted", text),
            ReportError::OwnMessage => Self::conflict("own_message", text),
            ReportError::AlreadyReported => Self::conflict("already_reported", text),
            ReportError::TooMany => Self::conflict("too_many_reports", text),
            ReportError::Store(error) => error.into(),
        }
    }
}

impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            SaveError::Denied(Denied::NotFound) => no_such_message(),
            SaveError::Denied(denied) => denied.into(),
            SaveError::Deleted => Self::conflict("deleted", text),
            SaveError::TooMany => Self::conflict("too_many_saved", text),
            SaveError::Store(error) => error.into(),
        }
    }
}

impl From<ForwardError> for Problem {
    fn from(error: ForwardError) -> Self {
        match error {
            ForwardError::NoSuchMessage => {
                no_such_message().with_field("message", "not_found", "There is no such message.")
            }
            ForwardError::Deleted => Self::conflict("deleted", "The message was deleted."),
            ForwardError::Post(error) => error.into(),
            ForwardError::Store(error) => error.into(),
        }
    }
}

impl From<ThreadError> for Problem {
    fn from(error: ThreadError) -> Self {
        match error {
            ThreadError::Denied(Denied::NotFound) => no_such_message(),
            ThreadError::Denied(denied) => denied.into(),
            ThreadError::Store(error) => error.into(),
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Denied(denied) => denied.into(),
            PostError::IdempotencyConflict => Self::conflict(
                "idempotency_conflict",
                "This client id was used for another message; make a new one for a new message.",
            ),
            PostError::NoSuchReply => Self::invalid_fields(Vec::new()).with_field(
                "reply_to",
                "not_found",
                "The message it replies to is not in this conversation.",
            ),
            PostError::NoSuchThread => Self::invalid_fields(Vec::new()).with_field(
                "thread",
                "not_found",
                "The message that the thread is about is not in this conversation.",
            ),
            PostError::NoSuchFile => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "no_such_file",
                "One of the files is not there any more; upload it again.",
            ),
            PostError::NestedThread => Self::conflict(
                "nested_thread",
                "A message in a thread has no thread of its own; answer the message that its thread is about.",
            ),
            PostError::Filtered(_) => filtered(sentence(&error.to_string())),
            // Where it may happen it is an answer and no problem.
            PostError::Held => Self::new(
                StatusCode::ACCEPTED,
                "held",
                "This message is posted as soon as an admin has let it through.",
            ),
            PostError::Rejected => {
                Self::new(StatusCode::FORBIDDEN, "rejected", "An admin did not let this message through.")
            }
            PostError::TooManyHeld => Self::conflict("too_many_held", sentence(&error.to_string())),
            PostError::Busy => Self::busy(BUSY_MS),
            PostError::TooFast(wait) => TooOften(wait).into(),
            PostError::Store(error) => Self::from(&*error),
        }
    }
}

/// 422: it says what is not to be written on this server.
fn filtered(text: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "filtered", text)
}

fn no_such_message() -> Problem {
    Problem::not_found("There is no such message.")
}
