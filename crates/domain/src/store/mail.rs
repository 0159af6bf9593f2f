use async_trait::async_trait;

use super::Result;
use crate::{Email, MailId, Timestamp, TokenHash, UserId, WaitingMail};

/// E-mails that wait, and addresses that are being proved.
#[async_trait]
pub trait MailRepository: Send + Sync {
    /// Whether any e-mail is to be sent by now.
    async fn is_mail_due(&self, now: Timestamp) -> Result<bool>;

    /// How many e-mails wait.
    async fn count_mails(&self) -> Result<u64>;

    /// Adds an e-mail to those that wait.
    async fn insert_mail(&mut self, mail: &WaitingMail) -> Result<()>;

    /// The first of those that are due, which are not due again before `until`, with one more try. Of
    /// many who take at once, each MUST get others.
    async fn take_due_mails(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<WaitingMail>>;

    /// Makes an e-mail due at a moment.
    async fn postpone_mail(&mut self, id: MailId, due_at: Timestamp) -> Result<()>;

    /// Takes an e-mail away.
    async fn delete_mail(&mut self, id: MailId) -> Result<()>;

    /// Whose address this link proves, and which, while it has not ended.
    async fn verification(&self, link: &TokenHash, now: Timestamp) -> Result<Option<(UserId, Email)>>;

    /// Gives a user this link to prove an address with, until a moment, in place of any they had.
    async fn replace_verification(
        &mut self,
        user: UserId,
        address: &Email,
        link: &TokenHash,
        until: Timestamp,
    ) -> Result<()>;

    /// Takes away the link that a user has; whether it was this one.
    async fn use_verification(&mut self, user: UserId, link: &TokenHash) -> Result<bool>;
}
