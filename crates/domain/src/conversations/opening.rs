use std::sync::Arc;

use thiserror::Error;

use super::{ConversationView, Cursor, CursorQueue, DirectKey, Membership, NewConversation};
use crate::{
    Action, Actor, Clock, ConversationId, Denied, Event, IdSource, MemberRole, Page, PageSize, Retention,
    Store, StoreError, UniqueKey, UserId, authorize,
};

/// Why a conversation could not be opened or seen.
#[derive(Debug, Error)]
pub enum ConversationError {
    /// Not theirs.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// There is no such person to talk to.
    #[error("there is no such user")]
    NoSuchUser,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finding and opening conversations.
pub struct Conversations {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    cursors: Arc<dyn CursorQueue>,
    retention: Option<Retention>,
}

impl Conversations {
    /// Conversations kept in `store`. Cursors that wait in `cursors` are written before anything
    /// is counted, so that unread counts are exact.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        cursors: Arc<dyn CursorQueue>,
    ) -> Self {
        Self { store, clock, ids, cursors, retention: None }
    }

    /// The same on a server that has this setting for how long messages and files are kept.
    #[must_use]
    pub fn with_retention(self, retention: Option<Retention>) -> Self {
        Self { retention, ..self }
    }

    /// A conversation from the store as people are shown it, with what follows from the server's setting.
    fn shown(&self, mut view: ConversationView) -> ConversationView {
        view.retention = view.retention.limited_by(self.retention);
        view
    }

    /// One conversation, as the actor sees it.
    pub async fn one(
        &self,
        actor: &Actor,
        id: ConversationId,
    ) -> Result<ConversationView, ConversationError> {
        let standing = self.store.standing(id, actor.user).await?.ok_or(Denied::NotFound)?;
        authorize(actor, Action::Read, &standing, self.clock.now())?;
        self.cursors.settle(actor.user).await;
        let view = self.store.conversation_view(id, actor.user).await?.ok_or(Denied::NotFound)?;
        Ok(self.shown(view))
    }

    /// All of the actor's conversations, the most recently active first.
    pub async fn all(&self, actor: &Actor) -> Result<Vec<ConversationView>, StoreError> {
        self.cursors.settle(actor.user).await;
        let views = self.store.all_conversation_views(actor.user).await?;
        Ok(views.into_iter().map(|view| self.shown(view)).collect())
    }

    /// One page of them.
    pub async fn list(
        &self,
        actor: &Actor,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<ConversationView>, StoreError> {
        self.cursors.settle(actor.user).await;
        let Page { items, next } = self.store.conversation_views(actor.user, after, size).await?;
        Ok(Page { items: items.into_iter().map(|view| self.shown(view)).collect(), next })
    }

    /// The direct conversation with `other`, made when there is none yet; whether it was made.
    /// With oneself it is for notes.
    pub async fn open_direct(
        &self,
        actor: &Actor,
        other: UserId,
    ) -> Result<(ConversationView, bool), ConversationError> {
        let key = DirectKey::of(actor.user, other);
        if let Some(found) = self.store.direct_conversation(key).await? {
            return Ok((self.one(actor, found.id).await?, false));
        }
        if !self.store.user(other).await?.is_some_and(|user| user.is_active()) {
            return Err(ConversationError::NoSuchUser);
        }
        let viewer = self.store.viewer(actor.user).await?;
        if viewer.blocked.contains(&other) {
            return Err(Denied::Blocked.into());
        }
        if viewer.blocked_by.contains(&other) {
            return Err(Denied::Forbidden.into());
        }
        match self.make_direct(key).await {
            Ok(id) => Ok((self.one(actor, id).await?, true)),
            // The other person opened it in the same moment.
            Err(StoreError::Conflict(UniqueKey::DirectKey)) => {
                let found = self.store.direct_conversation(key).await?.ok_or(Denied::NotFound)?;
                Ok((self.one(actor, found.id).await?, false))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn make_direct(&self, key: DirectKey) -> Result<ConversationId, StoreError> {
        let id = ConversationId::from_uuid(self.ids.next_id());
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        work.insert_conversation(&NewConversation { id, direct: Some(key), created_at: now }).await?;
        let members: Vec<_> = key
            .members()
            .into_iter()
            .map(|user| Membership::new(id, user, MemberRole::Member, 0, now))
            .collect();
        work.insert_members(&members).await?;
        work.emit(Event::ConversationOpened { conversation: id, members: key.members() });
        work.commit().await?;
        Ok(id)
    }
}

impl Membership {
    /// The place of somebody who comes in now and may read everything. What was written up to
    /// `seq` does not count as unread: it was not written to them.
    pub(crate) fn new(
        conversation: ConversationId,
        user: UserId,
        role: MemberRole,
        seq: u64,
        now: crate::Timestamp,
    ) -> Self {
        let cursor = Cursor { delivered_seq: seq, read_seq: seq };
        Self { conversation, user, role, floor_seq: 0, cursor, joined_at: now }
    }
}
