use std::sync::Arc;

use thiserror::Error;

use super::{Accounts, optional_email};
use crate::{
    About, Actor, CustomStatus, DisplayName, Emoji, Event, InvalidText, Presence, StatusText, StoreError,
    TextProblem, TimeZone, Timestamp, UniqueKey, User,
};

/// What is to change about one's own account, as typed; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// A new display name.
    pub name: Option<String>,
    /// A new text about oneself.
    pub about: Option<String>,
    /// A new address; blank takes it away.
    pub email: Option<String>,
    /// A new time zone; blank takes it away.
    pub time_zone: Option<String>,
    /// How one wants to be seen from now on.
    pub presence: Option<Presence>,
    /// Whether others learn what one received and read.
    pub shares_receipts: Option<bool>,
    /// Whether others learn when one was last seen.
    pub shares_last_seen: Option<bool>,
}

/// What one says one is up to, as typed.
#[derive(Debug, Clone, Default)]
pub struct StatusChange {
    /// An emoji; blank for none.
    pub emoji: String,
    /// In words; may be blank when there is an emoji.
    pub text: String,
    /// When it is to end by itself.
    pub until: Option<Timestamp>,
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
    /// A status cannot have ended before it began.
    #[error("a status has to end in the future")]
    EndsInThePast,
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
        self.change_me(actor, |user| change.apply(user)).await
    }

    /// Says what one is up to.
    pub async fn set_status(&self, actor: &Actor, change: &StatusChange) -> Result<User, AccountError> {
        let status = change.check()?;
        if !status.is_active(self.clock.now()) {
            return Err(AccountError::EndsInThePast);
        }
        self.change_me(actor, |user| {
            user.custom_status = Some(status);
            Ok(())
        })
        .await
    }

    /// Takes it back.
    pub async fn clear_status(&self, actor: &Actor) -> Result<User, AccountError> {
        self.change_me(actor, |user| {
            user.custom_status = None;
            Ok(())
        })
        .await
    }

    async fn change_me(
        &self,
        actor: &Actor,
        change: impl FnOnce(&mut User) -> Result<(), AccountError> + Send,
    ) -> Result<User, AccountError> {
        let mut work = self.store.begin().await?;
        work.lock_user(actor.user).await?;
        let before = work.user(actor.user).await?.ok_or(AccountError::NotFound)?;
        let mut after = before.clone();
        change(&mut after)?;
        if after != before {
            work.update_user(&after).await?;
            work.emit(Event::UserChanged(Arc::new(after.clone())));
            work.commit().await?;
        }
        Ok(after)
    }
}

impl ProfileChange {
    /// Changes the account, or tells all that is wrong.
    pub(crate) fn apply(&self, user: &mut User) -> Result<(), AccountError> {
        let mut problems = Vec::new();
        if let Some(name) = &self.name
            && let Some(name) = InvalidText::gather(&mut problems, DisplayName::parse(name))
        {
            user.name = name;
        }
        if let Some(about) = &self.about
            && let Some(about) = InvalidText::gather(&mut problems, About::parse(about))
        {
            user.about = about;
        }
        if self.email.is_some()
            && let Some(email) = InvalidText::gather(&mut problems, optional_email(self.email.as_deref()))
        {
            user.set_email(email);
        }
        if let Some(typed) = &self.time_zone {
            let zone = Some(typed).filter(|typed| !typed.trim().is_empty());
            let zone = zone.map(|typed| TimeZone::parse(typed)).transpose();
            user.time_zone = InvalidText::gather(&mut problems, zone).flatten();
        }
        user.presence = self.presence.unwrap_or(user.presence);
        user.shares_receipts = self.shares_receipts.unwrap_or(user.shares_receipts);
        user.shares_last_seen = self.shares_last_seen.unwrap_or(user.shares_last_seen);
        if problems.is_empty() { Ok(()) } else { Err(AccountError::Invalid(problems)) }
    }
}

impl StatusChange {
    /// The status, or all that is wrong with it.
    fn check(&self) -> Result<CustomStatus, AccountError> {
        let mut problems = Vec::new();
        let emoji = Some(&self.emoji).filter(|typed| !typed.trim().is_empty());
        let emoji = InvalidText::gather(&mut problems, emoji.map(|typed| Emoji::parse(typed)).transpose());
        let text = InvalidText::gather(&mut problems, StatusText::parse(&self.text));
        if let (Some(None), Some(text)) = (&emoji, &text)
            && text.as_str().is_empty()
        {
            problems.push(InvalidText { field: "text", problem: TextProblem::Empty });
        }
        match (emoji, text) {
            (Some(emoji), Some(text)) if problems.is_empty() => {
                Ok(CustomStatus { emoji, text, until: self.until })
            }
            _ => Err(AccountError::Invalid(problems)),
        }
    }
}
