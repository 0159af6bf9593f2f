//! E-mails: what waits to be sent, to whom, and with which words.
//!
//! What is to be written is noted in the unit of work that gives the reason, and sent later: nobody
//! waits for the mail server, and nothing is lost when it or this one is away. Secrets are made in the
//! moment of sending, so that none waits in the database.

mod sending;
mod words;

use async_trait::async_trait;
use thiserror::Error;

pub use sending::{Delivered, Mails, MailsPolicy};

use crate::{Email, Login, MailId, Timestamp, UserId};

/// What is to be written to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    /// A link that gives the account back that this login names, if there is one whose owner proved
    /// their address. That is found out when it is sent, so that asking tells nobody.
    RecoveryLink(Login),
    /// A link with which somebody proves that this address is theirs.
    Verification(UserId, Email),
    /// Somebody changed their password.
    PasswordChanged(UserId, Email),
    /// Somebody got their account back without their password.
    PasswordRecovered(UserId, Email),
    /// Somebody signs in with a second factor from now on.
    TotpEnabled(UserId, Email),
    /// Somebody signs in with their password alone from now on.
    TotpDisabled(UserId, Email),
}

/// An e-mail that is not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingMail {
    /// Its id.
    pub id: MailId,
    /// What it is about, and whom it is to.
    pub errand: Errand,
    /// When the reason for it was given.
    pub created_at: Timestamp,
    /// When it is to be sent, or to be tried once more.
    pub due_at: Timestamp,
    /// How often sending it was begun.
    pub tries: u32,
}

impl WaitingMail {
    /// The most that wait; what is more is not written.
    pub const MOST: u64 = 10_000;
}

/// An e-mail as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// What it is about, in one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Why an e-mail was not sent.
#[derive(Debug, Error)]
pub enum MailFailure {
    /// Not now; the same may work later.
    #[error("the mail server did not take it: {0}")]
    Later(String),
    /// The mail server will never take it.
    #[error("the mail server refuses it: {0}")]
    Refused(String),
}

/// The way to the mail server.
#[async_trait]
pub trait MailSender: Send + Sync {
    /// Hands an e-mail over. MUST answer within half a minute, whatever happens.
    async fn send(&self, mail: &Mail) -> Result<(), MailFailure>;
}
