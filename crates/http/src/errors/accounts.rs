//! What is refused of accounts, passwords and admins.

use parlor_domain::{
    AccountError, AdminError, Ban, BlockError, ExportError, FactorError, MailError, PasswordError, PostError,
    RecoveryError, RefreshError, RegisterError, SetupError, SignInError, TotpError,
};
use poem::http::StatusCode;

use super::{ban_detail, sentence};
use crate::problem::Problem;

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Invalid(fields) => fields.into(),
            RegisterError::AdminInviteRequired => Self::new(
                StatusCode::FORBIDDEN,
                "admin_invite_required",
                "An admin account needs an admin's invitation; register without a role.",
            ),
            RegisterError::InviteRequired => Self::new(
                StatusCode::FORBIDDEN,
                "invite_required",
                "Registration needs an invitation here; ask an admin for one.",
            ),
            RegisterError::InvalidInvite => Self::new(
                StatusCode::FORBIDDEN,
                "invalid_invite",
                "This invitation is not, or no longer, valid; ask for a new one.",
            ),
            RegisterError::InviteForAnotherAddress => Self::new(
                StatusCode::FORBIDDEN,
                "invite_for_another_address",
                "This invitation is for another e-mail address; register with the one it was made for.",
            )
            .with_field("email", "invalid", "The invitation is for another address."),
            RegisterError::Closed => Self::new(
                StatusCode::FORBIDDEN,
                "registration_closed",
                "Registration is closed here; ask an admin for an account.",
            ),
            RegisterError::UsernameTaken => Self::conflict(
                "username_taken",
                "This username is taken; choose another.",
            )
            .with_field("username", "taken", "This username is taken."),
            RegisterError::EmailTaken => email_taken(),
            RegisterError::Hash(error) => error.into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

pub(super) fn unconfirmed() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "confirmation_required", "Give your password once more for this.")
}

/// To an admin who is one only with a second factor.
pub(crate) fn totp_setup_required(text: impl Into<String>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "totp_setup_required", text)
}

fn wrong_totp(text: String, field: &'static str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "wrong_totp", text.clone()).with_field(field, "wrong", text)
}

fn refused_factor(error: FactorError, field: &'static str) -> Problem {
    let text = sentence(&error.to_string());
    match error {
        FactorError::Wrong => wrong_totp(text, field),
        FactorError::Unusable => Problem::new(StatusCode::FORBIDDEN, "totp_unusable", text.clone())
            .with_field(field, "unusable", text),
        FactorError::Store(error) => error.into(),
    }
}

pub(super) fn banned(ban: &Ban) -> Problem {
    Problem::banned(ban_detail(ban))
}

fn email_taken() -> Problem {
    Problem::conflict("email_taken", "This e-mail address belongs to another account.").with_field(
        "email",
        "taken",
        "This address is taken.",
    )
}

impl From<SetupError> for Problem {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::AlreadySetUp => {
                Self::conflict("already_set_up", "This server has an admin already; sign in.")
            }
            SetupError::Register(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::WrongCredentials => Self::new(
                StatusCode::UNAUTHORIZED,
                "wrong_credentials",
                "The login or the password is wrong.",
            ),
            SignInError::Banned(ban) => banned(&ban),
            SignInError::WrongRole => Self::forbidden("This account does not have the role you asked for."),
            SignInError::TotpRequired => Self::new(
                StatusCode::FORBIDDEN,
                "totp_required",
                "This account has two-factor sign-in; send the code that your app shows as `totp`, too.",
            ),
            SignInError::Totp(error) => refused_factor(error, "totp"),
            SignInError::NewPasswordRequired => Self::new(
                StatusCode::FORBIDDEN,
                "new_password_required",
                "This password is a temporary one; choose a new one and send it as `new_password`, too.",
            ),
            SignInError::PasswordOver => Self::new(
                StatusCode::FORBIDDEN,
                "password_over",
                "This temporary password is over; ask an admin for another.",
            ),
            SignInError::Invalid(invalid) => invalid.into(),
            SignInError::Hash(error) => error.into(),
            SignInError::Store(error) => error.into(),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Invalid => Self::new(
                StatusCode::UNAUTHORIZED,
                "invalid_refresh_token",
                "The refresh token is not, or no longer, valid; sign in again.",
            ),
            RefreshError::Store(error) => error.into(),
        }
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Wrong => Self::new(
                StatusCode::FORBIDDEN,
                "wrong_password",
                "This is not your password.",
            )
            .with_field("password", "wrong", "This is not your password."),
            PasswordError::Unconfirmed => unconfirmed(),
            PasswordError::Invalid(invalid) => invalid.into(),
            PasswordError::SignedOut => Self::unauthenticated(),
            PasswordError::Hash(error) => error.into(),
            PasswordError::Store(error) => error.into(),
        }
    }
}

impl From<RecoveryError> for Problem {
    fn from(error: RecoveryError) -> Self {
        match error {
            RecoveryError::Failed => Self::new(
                StatusCode::FORBIDDEN,
                "recovery_failed",
                "The login or the recovery code is wrong, or the code was used before.",
            ),
            RecoveryError::Invalid(invalid) => invalid.into(),
            RecoveryError::Unconfirmed => unconfirmed(),
            RecoveryError::Hash(error) => error.into(),
            RecoveryError::Store(error) => error.into(),
        }
    }
}

impl From<MailError> for Problem {
    fn from(error: MailError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            MailError::Off => Self::new(StatusCode::NOT_FOUND, "mail_off", text),
            MailError::NothingToVerify => Self::conflict("nothing_to_verify", text),
            MailError::Unconfirmed => unconfirmed(),
            MailError::Failed => Self::new(StatusCode::FORBIDDEN, "verification_failed", text),
            MailError::Store(error) => error.into(),
        }
    }
}

impl From<TotpError> for Problem {
    fn from(error: TotpError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            TotpError::Unconfirmed => unconfirmed(),
            TotpError::PasswordFirst => Self::conflict("password_first", text),
            TotpError::AlreadyEnabled => Self::conflict("totp_enabled", text),
            TotpError::NotBegun => Self::conflict("totp_not_begun", text),
            TotpError::NotEnabled => Self::conflict("no_totp", text),
            TotpError::WrongCode => wrong_totp(text, "code"),
            TotpError::Factor(error) => refused_factor(error, "code"),
            TotpError::Store(error) => error.into(),
        }
    }
}

impl From<ExportError> for Problem {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Unconfirmed => unconfirmed(),
            ExportError::NoSuchUser => Self::not_found(sentence(&error.to_string())),
            ExportError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(fields) => fields.into(),
            AccountError::EmailTaken => email_taken(),
            AccountError::EndsInThePast => {
                Self::invalid_fields(Vec::new()).with_field("until", "invalid", "Must lie in the future.")
            }
            AccountError::NotFound => Self::unauthenticated(),
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            AdminError::Denied(denied) => denied.into(),
            AdminError::Unconfirmed => unconfirmed(),
            AdminError::NoSuchUser
            | AdminError::NoSuchBan
            | AdminError::NoSuchMute
            | AdminError::NoSuchRule
            | AdminError::NoSuchHeldMessage
            | AdminError::NoSuchReport
            | AdminError::NoSuchSession
            | AdminError::NotInGroup => Self::not_found(text),
            AdminError::Yourself => Self::conflict("yourself", text),
            AdminError::EmptyPhrase => Self::invalid_fields(Vec::new()).with_field("phrase", "invalid", text),
            AdminError::SuchRule => Self::conflict("filter_exists", text),
            AdminError::TooManyRules => Self::conflict("too_many_filters", text),
            AdminError::PostedAlready => Self::conflict("posted_already", text),
            AdminError::Post(
                PostError::Denied(_)
                | PostError::NoSuchFile
                | PostError::NoSuchReply
                | PostError::NoSuchThread
                | PostError::NestedThread
                | PostError::IdempotencyConflict,
            ) => Self::conflict("not_releasable", "Its author may not write this there any more; reject it."),
            AdminError::Post(error) => error.into(),
            AdminError::LastAdmin => Self::conflict("last_admin", text),
            AdminError::IsBot => Self::conflict("is_bot", text),
            AdminError::BotNotInGroup => Self::conflict("bot_not_in_group", text),
            AdminError::NotABot => Self::conflict("not_a_bot", text),
            AdminError::TotpFirst => totp_setup_required(text),
            AdminError::NoTotp => Self::conflict("no_totp", text),
            AdminError::EndsInThePast => {
                Self::invalid_fields(Vec::new()).with_field("until", "invalid", text)
            }
            AdminError::Group(error) => error.into(),
            AdminError::Register(error) => error.into(),
            AdminError::ApiToken(error) => error.into(),
            AdminError::Invite(error) => error.into(),
            AdminError::OutgoingWebhook(error) => error.into(),
            AdminError::Store(error) => error.into(),
        }
    }
}

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            BlockError::NoSuchUser => Self::not_found(text),
            BlockError::Yourself => Self::conflict("yourself", text),
            BlockError::TooMany => Self::conflict("too_many_blocks", text),
            BlockError::Store(error) => error.into(),
        }
    }
}
