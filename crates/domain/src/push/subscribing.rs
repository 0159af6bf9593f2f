use std::sync::Arc;

use thiserror::Error;

use super::{Push, PushEndpoint, PushFailure, PushKeys, PushReach, PushSender, PushSubscription};
use crate::{Authenticated, Clock, InvalidText, SessionPolicy, Store, StoreError};

/// What the server pushes, and where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PushPolicy {
    /// Whether it pushes at all.
    pub enabled: bool,
    /// Where to.
    pub reach: PushReach,
    /// How long sessions live: nothing is pushed to one that is over.
    pub sessions: SessionPolicy,
}

/// Why a device cannot be told.
#[derive(Debug, Error)]
pub enum SubscribeError {
    /// Whoever runs the server does not want it to push.
    #[error("this server does not push")]
    Off,
    /// The address cannot be pushed to.
    #[error(transparent)]
    Endpoint(#[from] InvalidText),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Telling devices of what happens while the page is closed.
pub struct Pushes {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    sender: Arc<dyn PushSender>,
    pub(super) policy: PushPolicy,
}

impl Pushes {
    /// The most devices of one person that are told; when there are more, those that have been
    /// longest go.
    pub const MOST: u32 = 20;

    /// Pushes by `sender`, with subscriptions kept in `store`.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        sender: Arc<dyn PushSender>,
        policy: PushPolicy,
    ) -> Self {
        Self { store, clock, sender, policy }
    }

    /// The key that browsers are to take pushes of; `None` when the server does not push.
    pub fn public_key(&self) -> Option<[u8; 65]> {
        self.policy.enabled.then(|| self.sender.public_key())
    }

    /// Where this session's device is told, if it is.
    pub async fn subscription(&self, who: &Authenticated) -> Result<Option<PushSubscription>, StoreError> {
        self.store.push_subscription(who.session).await
    }

    /// From now on this session's device is told, there and nowhere else. A browser that was
    /// somebody else's is theirs no more.
    pub async fn subscribe(
        &self,
        who: &Authenticated,
        endpoint: &str,
        keys: PushKeys,
    ) -> Result<(), SubscribeError> {
        if !self.policy.enabled {
            return Err(SubscribeError::Off);
        }
        let endpoint = PushEndpoint::parse(endpoint, self.policy.reach)?;
        let (session, user, created_at) = (who.session, who.actor.user, self.clock.now());
        let subscription = PushSubscription { session, user, endpoint, keys, created_at };
        let mut work = self.store.begin().await?;
        work.lock_user(user).await?;
        work.put_push_subscription(&subscription, Self::MOST).await?;
        Ok(work.commit().await?)
    }

    /// This session's device is not told any more.
    pub async fn unsubscribe(&self, who: &Authenticated) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.delete_push_subscription(who.session, None).await?;
        work.commit().await
    }

    /// Tries to push once. A subscription that is gone for good is forgotten.
    pub async fn send(&self, to: &PushSubscription, push: &Push) -> Result<(), PushFailure> {
        let sent = self.sender.send(to, push, self.clock.now()).await;
        if let Err(PushFailure::Gone(_)) = &sent {
            // One that cannot be forgotten now is found gone again by the next push.
            _ = self.forget(to).await;
        }
        sent
    }

    /// Forgets a subscription, unless the device has subscribed anew meanwhile.
    async fn forget(&self, gone: &PushSubscription) -> Result<(), StoreError> {
        let mut work = self.store.begin().await?;
        work.delete_push_subscription(gone.session, Some(&gone.endpoint)).await?;
        work.commit().await
    }
}
