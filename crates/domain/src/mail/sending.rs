use std::sync::Arc;
use std::time::Duration;

use super::words::Letterhead;
use super::{Errand, Mail, MailFailure, MailSender, WaitingMail};
use crate::{Clock, Email, Login, Store, StoreError, TokenIssuer, User, UserId};

/// How long a link to an account works that was asked for by e-mail.
const RECOVERY_FOR: Duration = Duration::from_mins(10);

/// How long somebody has to prove their address.
const VERIFICATION_FOR: Duration = Duration::from_hours(24);

/// How many are taken to be sent at a time.
const AT_ONCE: u32 = 10;

/// How long whoever took one has it for themselves: longer than sending may take, and after it another
/// node tries.
const TAKEN_FOR: Duration = Duration::from_mins(2);

/// The pause after the first try; three times as long after each further one.
const PAUSE: Duration = Duration::from_secs(2);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// How e-mails are written.
#[derive(Debug, Clone)]
pub struct MailsPolicy {
    /// What people call the server.
    pub server_name: String,
    /// Where browsers reach it, such as `https://chat.example.org`.
    pub origin: String,
}

/// What came of an e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// The mail server has it.
    Sent,
    /// There was nobody to write to, or no reason any more.
    NotNeeded,
    /// It is tried again later, because of this.
    Postponed(String),
    /// It is not tried again, because of this.
    GivenUp(String),
}

/// Sends what waits.
pub struct Mails {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    tokens: Arc<dyn TokenIssuer>,
    sender: Arc<dyn MailSender>,
    policy: MailsPolicy,
}

impl Mails {
    /// Sends what waits in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        tokens: Arc<dyn TokenIssuer>,
        sender: Arc<dyn MailSender>,
        policy: MailsPolicy,
    ) -> Self {
        Self { store, clock, tokens, sender, policy }
    }

    /// Takes those that are due, so that no other node sends them meanwhile; a few at a time.
    pub async fn take_due(&self) -> Result<Vec<WaitingMail>, StoreError> {
        let now = self.clock.now();
        if !self.store.is_mail_due(now).await? {
            return Ok(Vec::new());
        }
        let mut work = self.store.begin().await?;
        let taken = work.take_due_mails(now, now.plus(TAKEN_FOR), AT_ONCE).await?;
        work.commit().await?;
        Ok(taken)
    }

    /// Sends one that was taken, or sees to it that it is tried again.
    pub async fn deliver(&self, waiting: &WaitingMail) -> Result<Delivered, StoreError> {
        let Some(mail) = self.write(&waiting.errand).await? else {
            self.forget(waiting).await?;
            return Ok(Delivered::NotNeeded);
        };
        match self.sender.send(&mail).await {
            Ok(()) => {
                self.forget(waiting).await?;
                Ok(Delivered::Sent)
            }
            Err(MailFailure::Later(why)) => self.postpone(waiting, why).await,
            Err(MailFailure::Refused(why)) => {
                self.forget(waiting).await?;
                Ok(Delivered::GivenUp(why))
            }
        }
    }

    async fn postpone(&self, waiting: &WaitingMail, why: String) -> Result<Delivered, StoreError> {
        let Some(pause) = waiting.pause() else {
            self.forget(waiting).await?;
            return Ok(Delivered::GivenUp(why));
        };
        let mut work = self.store.begin().await?;
        work.postpone_mail(waiting.id, self.clock.now().plus(pause)).await?;
        work.commit().await?;
        Ok(Delivered::Postponed(why))
    }

    async fn forget(&self, waiting: &WaitingMail) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.delete_mail(waiting.id).await?;
        work.commit().await
    }

    /// The e-mail, when there is somebody to write to and still a reason.
    async fn write(&self, errand: &Errand) -> Result<Option<Mail>, StoreError> {
        let head = Letterhead { server: &self.policy.server_name, origin: &self.policy.origin };
        Ok(match errand {
            Errand::RecoveryLink(login) => self.recovery(&head, login).await?,
            Errand::Verification(user, address) => self.verification(&head, *user, address).await?,
            Errand::PasswordChanged(user, address) => {
                self.owner(*user).await?.map(|user| head.password_changed(address.clone(), &user))
            }
            Errand::PasswordRecovered(user, address) => {
                self.owner(*user).await?.map(|user| head.password_recovered(address.clone(), &user))
            }
            Errand::TotpEnabled(user, address) => {
                self.owner(*user).await?.map(|user| head.totp_enabled(address.clone(), &user))
            }
            Errand::TotpDisabled(user, address) => {
                self.owner(*user).await?.map(|user| head.totp_disabled(address.clone(), &user))
            }
        })
    }

    async fn owner(&self, id: UserId) -> Result<Option<User>, StoreError> {
        Ok(self.store.user(id).await?.filter(User::is_active))
    }

    async fn recovery(&self, head: &Letterhead<'_>, login: &Login) -> Result<Option<Mail>, StoreError> {
        let Some((user, _)) = self.store.user_by_login(login).await? else { return Ok(None) };
        let Some(address) = user.verified_email().cloned() else { return Ok(None) };
        let (secret, hash) = self.tokens.secret();
        let mut work = self.store.begin().await?;
        work.replace_recovery_link(user.id, &hash, self.clock.now().plus(RECOVERY_FOR)).await?;
        work.commit().await?;
        Ok(Some(head.recovery(address, &user, &secret)))
    }

    async fn verification(
        &self,
        head: &Letterhead<'_>,
        user: UserId,
        address: &Email,
    ) -> Result<Option<Mail>, StoreError> {
        let user = self.owner(user).await?;
        let unproved = |user: &User| user.email.as_ref() == Some(address) && !user.email_verified;
        let Some(user) = user.filter(unproved) else { return Ok(None) };
        let (secret, hash) = self.tokens.secret();
        let until = self.clock.now().plus(VERIFICATION_FOR);
        let mut work = self.store.begin().await?;
        work.replace_verification(user.id, address, &hash, until).await?;
        work.commit().await?;
        Ok(Some(head.verification(address.clone(), &user, &secret)))
    }
}

impl WaitingMail {
    /// How long to wait after a try that failed; nothing when it is not worth another one.
    fn pause(&self) -> Option<Duration> {
        let worth = match self.errand {
            // Whoever waits for it asks again.
            Errand::RecoveryLink(_) => Duration::from_hours(1),
            Errand::Verification(..)
            | Errand::PasswordChanged(..)
            | Errand::PasswordRecovered(..)
            | Errand::TotpEnabled(..)
            | Errand::TotpDisabled(..) => Duration::from_hours(24),
        };
        let pause = PAUSE.saturating_mul(3_u32.saturating_pow(self.tries.saturating_sub(1)));
        let pause = pause.min(LONGEST_PAUSE);
        (self.due_at.since(self.created_at) + pause < worth).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MailId, Timestamp, UserCode};
    use uuid::Uuid;

    #[test]
    fn pauses_grow_and_end_when_nobody_waits_any_more() {
        let errand = Errand::RecoveryLink(Login::Code(UserCode::from_number(1)));
        let created_at = Timestamp::from_millis(0);
        let mail = |tries, minutes| WaitingMail {
            id: MailId::from_uuid(Uuid::nil()),
            errand: errand.clone(),
            created_at,
            due_at: created_at.plus(Duration::from_mins(minutes)),
            tries,
        };
        assert_eq!(mail(1, 0).pause(), Some(Duration::from_secs(2)));
        assert_eq!(mail(4, 1).pause(), Some(Duration::from_secs(54)));
        assert_eq!(mail(7, 40).pause(), None);
        assert_eq!(mail(u32::MAX, 0).pause(), None);
    }
}
