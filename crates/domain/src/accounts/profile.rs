use std::sync::Arc;

use thiserror::Error;

use super::{Accounts, optional_email};
use crate::{About, Actor, DisplayName, Event, InvalidText, StoreError, UniqueKey, User};

/// What is to change about one's own account, as typed; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// A new display name.
    pub name: Option<String>,
    /// A new text about oneself.
    pub about: Option<String>,
    /// A new address; blank takes it away.
    pub email: Option<String>,
}

/// Why one's own account could not be seen or changed.
#[derive(Debug, Error)]
pub enum AccountError {
    /// Fields are not acceptable; all problems at once.
    #[error("some fields are not acceptable")]
    Invalid(Vec<InvalidText>),
    /// Somebody has this address.
    #[error("this e-mail address is taken")]
    EmailTaken,
    /// The account is gone.
    #[error("there is no such account")]
    NotFound,
    /// The store could not do it.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::Email) => Self::EmailTaken,
            other => Self::Store(other),
        }
    }
}

impl Accounts {
    /// One's own account.
    pub async fn me(&self, actor: &Actor) -> Result<User, AccountError> {
        self.store.user(actor.user).await?.ok_or(AccountError::NotFound)
    }

    /// Changes one's own account; everybody who shares a conversation hears of it.
    pub async fn change_profile(&self, actor: &Actor, change: &ProfileChange) -> Result<User, AccountError> {
        let mut problems = Vec::new();
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        let before = work.user(actor.user).await?.ok_or(AccountError::NotFound)?;
        let mut after = before.clone();
        if let Some(name) = &change.name {
            after.name = InvalidText::gather(&mut problems, DisplayName::parse(name)).unwrap_or(after.name);
        }
        if let Some(about) = &change.about {
            after.about = InvalidText::gather(&mut problems, About::parse(about)).unwrap_or(after.about);
        }
        if change.email.is_some() {
            let email = InvalidText::gather(&mut problems, optional_email(change.email.as_deref()));
            after.email = email.unwrap_or(after.email);
        }
        if !problems.is_empty() {
            return Err(AccountError::Invalid(problems));
        }
        if after != before {
            work.update_user(&after).await?;
            work.emit(Event::UserChanged(Arc::new(after.clone())));
            work.commit().await?;
        }
        Ok(after)
    }
}
