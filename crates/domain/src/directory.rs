use std::sync::Arc;

use crate::{Actor, Page, PageSize, Store, StoreError, User, UserFilter, UserId, Viewer};

/// The people of the server.
///
/// Everybody who is signed in is in the lobby and so shares a conversation with everybody: the
/// directory is open to all of them. The actor is taken so that nobody else can ask.
pub struct Directory {
    store: Arc<dyn Store>,
}

impl Directory {
    /// The people kept in `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// What the actor may see of others.
    pub async fn viewer(&self, actor: &Actor) -> Result<Viewer, StoreError> {
        self.store.viewer(actor.user).await
    }

    /// Active people by username.
    pub async fn list(
        &self,
        _actor: &Actor,
        filter: &UserFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<User>, StoreError> {
        self.store.list_users(filter, after, size).await
    }

    /// One person, also when their account was deleted.
    pub async fn one(&self, _actor: &Actor, id: UserId) -> Result<Option<User>, StoreError> {
        self.store.user(id).await
    }

    /// Those of these people that exist.
    pub async fn some(&self, _actor: &Actor, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        self.store.users(ids).await
    }
}
