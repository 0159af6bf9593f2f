use std::sync::Arc;

use thiserror::Error;

use super::{Accounts, Authenticated};
use crate::{Email, Errand, Event, Login, MailId, StoreError, UnitOfWork, User, UserId, WaitingMail};

/// Why an e-mail was not asked for, or an address not proved.
#[derive(Debug, Error)]
pub enum MailError {
    /// Nobody set up how.
    #[error("this server does not send e-mail")]
    Off,
    /// There is nothing to prove.
    #[error("the account has no e-mail address that is not confirmed yet")]
    NothingToVerify,
    /// They have to give their password first.
    #[error("give your password once more")]
    Unconfirmed,
    /// There is no such link, or it is over or used, or the address is another one by now.
    #[error("this link is not, or no longer, valid")]
    Failed,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Accounts {
    /// Asks for a link that gives an account back, to be sent to the address that its owner proved.
    /// Does the same whether there is such an account or not.
    pub async fn request_recovery(&self, login: &str) -> Result<(), MailError> {
        if !self.policy.sends_mail {
            return Err(MailError::Off);
        }
        // What no account can have for a login tells nothing of those there are.
        let Some(login) = Login::parse(login) else { return Ok(()) };
        let mut work = self.store.begin().await?;
        self.write_mail(&mut *work, Errand::RecoveryLink(login)).await?;
        Ok(work.commit().await?)
    }

    /// Asks for a link to prove one's own address with. A proved address gives the account back, so
    /// that one must have given one's password lately.
    pub async fn request_verification(&self, who: &Authenticated) -> Result<(), MailError> {
        if !self.policy.sends_mail {
            return Err(MailError::Off);
        }
        if !self.is_confirmed(who.session).await? {
            return Err(MailError::Unconfirmed);
        }
        let mut work = self.store.begin().await?;
        let user = work.user(who.actor.user).await?.filter(|user| !user.email_verified);
        let address = user.and_then(|user| user.email).ok_or(MailError::NothingToVerify)?;
        self.write_mail(&mut *work, Errand::Verification(who.actor.user, address)).await?;
        Ok(work.commit().await?)
    }

    /// Takes the proof that somebody reads what is sent to their address.
    pub async fn verify_email(&self, link: &str) -> Result<(), MailError> {
        let link = self.tokens.hash(link);
        let found = self.store.verification(&link, self.clock.now()).await?;
        let (owner, address) = found.ok_or(MailError::Failed)?;
        let mut work = self.store.begin().await?;
        work.lock_user(owner).await?;
        let user = work.user(owner).await?.filter(User::is_active).ok_or(MailError::Failed)?;
        if !work.use_verification(owner, &link).await? || user.email.as_ref() != Some(&address) {
            return Err(MailError::Failed);
        }
        let verified = User { email_verified: true, ..user };
        work.update_user(&verified).await?;
        work.emit(Event::UserChanged(Arc::new(verified)));
        Ok(work.commit().await?)
    }

    /// Writes to somebody at the address that they proved, when there is one.
    pub(super) async fn notify_by_mail(
        &self,
        work: &mut dyn UnitOfWork,
        user: UserId,
        errand: fn(UserId, Email) -> Errand,
    ) -> Result<(), StoreError> {
        if !self.policy.sends_mail {
            return Ok(());
        }
        let person = work.user(user).await?;
        match person.as_ref().and_then(User::verified_email) {
            Some(address) => self.write_mail(work, errand(user, address.clone())).await,
            None => Ok(()),
        }
    }

    /// Asks whoever gave this address with a new account to prove it.
    pub(super) async fn ask_for_proof(
        &self,
        work: &mut dyn UnitOfWork,
        user: &User,
    ) -> Result<(), StoreError> {
        match &user.email {
            Some(address) if self.policy.sends_mail && !user.email_verified => {
                self.write_mail(work, Errand::Verification(user.id, address.clone())).await
            }
            _ => Ok(()),
        }
    }

    /// Notes that something is to be written. Where too much waits already nothing is: a mail server
    /// that is away must not fill the disk.
    async fn write_mail(&self, work: &mut dyn UnitOfWork, errand: Errand) -> Result<(), StoreError> {
        if work.count_mails().await? >= WaitingMail::MOST {
            return Ok(());
        }
        let (id, now) = (MailId::from_uuid(self.ids.next_id()), self.clock.now());
        work.insert_mail(&WaitingMail { id, errand, created_at: now, due_at: now, tries: 0 }).await
    }
}
