use thiserror::Error;

use super::{LogPage, Messaging, Span};
use crate::{Action, Actor, ConversationId, Denied, PageSize, StoreError, authorize};

/// Why a log could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not theirs to read.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Messaging {
    /// Part of a conversation's log, oldest first.
    pub async fn read(
        &self,
        actor: &Actor,
        conversation: ConversationId,
        span: Span,
        size: PageSize,
    ) -> Result<LogPage, ReadError> {
        if self.recent.may_hold(conversation, span) {
            let standing = self.store.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
            authorize(actor, Action::Read, &standing, self.clock.now())?;
            if let Some(entries) = self.recent.page(&standing, span, size.get()) {
                return Ok(LogPage { standing, entries });
            }
        }
        let page =
            self.store.log(conversation, actor.user, span, size.get()).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &page.standing, self.clock.now())?;
        self.recent.keep(&page);
        Ok(page)
    }
}
