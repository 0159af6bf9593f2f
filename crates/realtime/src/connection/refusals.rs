use parlor_domain::{ChangeError, Denied, FactorError, HashError, PostError, Scope, SignInError, StoreError};
use parlor_limits::TooOften;
use parlor_wire::Time;

use crate::frames::{Refused, ServerFrame};

/// Why a command was not done, before it is known which frame it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    code: &'static str,
    message: String,
    field: Option<String>,
    retry_after_ms: Option<u64>,
    retryable: bool,
}

/// When a client may try again what the server was too busy for.
const SHORTLY_MS: u64 = 500;

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), field: None, retry_after_ms: None, retryable: false }
    }

    fn after(mut self, millis: u64) -> Self {
        self.retryable = true;
        self.retry_after_ms = Some(millis);
        self
    }

    /// The frame itself is wrong.
    pub(crate) fn request(field: impl Into<String>, problem: &str) -> Self {
        let field = field.into();
        Self {
            field: Some(field.clone()),
            ..Self::new("invalid_request", format!("The field {field} is wrong: {problem}."))
        }
    }

    /// A field's value is not acceptable.
    pub(crate) fn field(field: &'static str, message: String) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new("invalid_fields", message) }
    }

    pub(crate) fn rate_limited(retry_after_ms: u64) -> Self {
        Self::new("rate_limited", "Too many commands; try again shortly.").after(retry_after_ms)
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new("unauthenticated", "Say who you are first: send authenticate with a valid access token.")
    }

    pub(crate) fn scope_required(scope: Scope) -> Self {
        let message =
            format!("This API token does not have the scope `{}`; make one that has.", scope.word());
        Self::new("scope_required", message)
    }

    pub(crate) fn no_such_conversation() -> Self {
        Self::new("not_found", "There is no such conversation.")
    }

    pub(crate) fn hello_first() -> Self {
        Self::new("invalid_request", "Send hello first, once, and wait for ready.")
    }

    pub(crate) fn known_already() -> Self {
        Self::new("invalid_request", "This connection is authenticated already.")
    }

    /// The frame that says so.
    pub(crate) fn answer(self, re: u64) -> ServerFrame {
        let Self { code, message, field, retry_after_ms, retryable } = self;
        ServerFrame::Refused(Refused { re, code: code.to_owned(), message, retryable, field, retry_after_ms })
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::NotFound => Self::no_such_conversation(),
            Denied::Forbidden => Self::new("forbidden", "You may not do that here."),
            Denied::Blocked => {
                Self::new("blocked", "You blocked this person; unblock them to write to them.")
            }
            Denied::Archived => Self::new("archived", "This group is archived; an owner can bring it back."),
            Denied::Frozen => {
                Self::new("frozen", "An admin froze this group; nobody writes here until they lift that.")
            }
            Denied::SlowMode(wait) => {
                Self::new("slow_mode", "Slow mode is on here; wait before you write again.")
                    .after(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))
            }
            Denied::Muted(until) => {
                let until = Time(until).text();
                Self::new("muted", format!("You may read here, but not write before {until}."))
            }
        }
    }
}

impl From<TooOften> for Refusal {
    fn from(refused: TooOften) -> Self {
        Self::new("rate_limited", "This is too often; wait and try again.").after(refused.millis())
    }
}

impl From<&StoreError> for Refusal {
    fn from(error: &StoreError) -> Self {
        match error {
            StoreError::ReadOnly(message) => Self::new("maintenance", message).after(5_000),
            StoreError::Full(_) => {
                Self::new("storage_full", "The server's storage is full; try again later.").after(5_000)
            }
            StoreError::Clash(_) | StoreError::Unavailable(_) => {
                Self::new("unavailable", "The server cannot do this now; try again shortly.").after(1_000)
            }
            // Whether it was stored may be unknown; the same client id makes trying again safe.
            StoreError::Conflict(_) | StoreError::Failed(_) => {
                Self::new("internal", "Something went wrong on the server; try again shortly.").after(1_000)
            }
        }
    }
}

/// "this says “x”" → "This says “x”."
fn sentence(error: &impl std::fmt::Display) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    letters.next().map(|first| format!("{}{}.", first.to_uppercase(), letters.as_str())).unwrap_or_default()
}

impl From<&PostError> for Refusal {
    fn from(error: &PostError) -> Self {
        match error {
            PostError::Denied(denied) => (*denied).into(),
            PostError::IdempotencyConflict => Self::new(
                "idempotency_conflict",
                "This client_id was used for another message; use a new one.",
            ),
            PostError::NoSuchReply => {
                Self::field("reply_to", "The message it replies to is not in this conversation.".to_owned())
            }
            PostError::NoSuchThread => Self::field(
                "thread",
                "The message that the thread is about is not in this conversation.".to_owned(),
            ),
            PostError::NoSuchFile => Self::new("no_such_file", sentence(error)),
            PostError::NestedThread => Self::new(
                "nested_thread",
                "A message in a thread has no thread of its own; answer the message that its thread is about.",
            ),
            PostError::Filtered(_) => Self::new("filtered", sentence(error)),
            PostError::Held => {
                Self::new("held", "This message is posted as soon as an admin has let it through.")
            }
            PostError::Rejected => Self::new("rejected", "An admin did not let this message through."),
            PostError::TooManyHeld => Self::new("too_many_held", sentence(error)),
            PostError::Busy => {
                Self::new("busy", "Too many messages are waiting to be stored; try again shortly.")
                    .after(SHORTLY_MS)
            }
            PostError::TooFast(wait) => TooOften(*wait).into(),
            PostError::Store(error) => error.as_ref().into(),
        }
    }
}

impl From<&ChangeError> for Refusal {
    fn from(error: &ChangeError) -> Self {
        let text = format!("{error}.");
        match error {
            ChangeError::Denied(Denied::NotFound) => Self::new("not_found", "There is no such message."),
            ChangeError::Denied(denied) => (*denied).into(),
            ChangeError::Forwarded => Self::new(
                "forwarded",
                "A forwarded message says what somebody else said and cannot be changed.",
            ),
            ChangeError::Invalid(invalid) => {
                Self::field(invalid.field, format!("The message {}.", invalid.problem))
            }
            ChangeError::Filtered(_) => Self::new("filtered", sentence(error)),
            ChangeError::Deleted => Self::new("deleted", text),
            ChangeError::TooLate(_) => Self::new("too_late", text),
            ChangeError::TooMany => Self::new("too_many_reactions", text),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<&SignInError> for Refusal {
    fn from(error: &SignInError) -> Self {
        match error {
            SignInError::WrongCredentials | SignInError::WrongRole => {
                Self::new("wrong_credentials", "The login or the password is wrong.")
            }
            SignInError::Banned(ban) => {
                Self::new("banned", format!("This account is banned: {}", ban.reason))
            }
            SignInError::TotpRequired => Self::new(
                "totp_required",
                "This account has two-factor sign-in; sign in with `totp` at POST /auth/login.",
            ),
            SignInError::NewPasswordRequired => Self::new(
                "new_password_required",
                "This password is a temporary one; choose a new one with `new_password` at POST /auth/login.",
            ),
            SignInError::PasswordOver => {
                Self::new("password_over", "This temporary password is over; ask an admin for another.")
            }
            // A frame has no code and no new password, so that none is refused.
            SignInError::Totp(error @ (FactorError::Wrong | FactorError::Unusable)) => {
                Self::new("wrong_totp", format!("{error}."))
            }
            SignInError::Invalid(invalid) => Self::new("invalid_request", invalid.to_string()),
            SignInError::Hash(HashError::Busy) => {
                Self::new("busy", "Too many people are signing in; try again shortly.").after(SHORTLY_MS)
            }
            SignInError::Hash(HashError::Broken(_)) => {
                Self::new("internal", "Something went wrong on the server.").after(1_000)
            }
            SignInError::Totp(FactorError::Store(error)) | SignInError::Store(error) => error.into(),
        }
    }
}
