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
        let page =
            self.store.log(conversation, actor.user, span, size.get()).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &page.standing, self.clock.now())?;
        Ok(page)
    }
}
