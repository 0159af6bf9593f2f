use async_trait::async_trait;

use super::Result;
use crate::{ConversationId, PushEndpoint, PushSubscription, PushTarget, SessionId, Timestamp, UserId};

/// Where devices are told while the page is closed. A session has one subscription at most, which
/// MUST go with it, however it ends; an address is one session's.
#[async_trait]
pub trait PushRepository: Send + Sync {
    /// This session's subscription.
    async fn push_subscription(&self, session: SessionId) -> Result<Option<PushSubscription>>;

    /// Whether anybody has one.
    async fn has_push_subscriptions(&self) -> Result<bool>;

    /// The subscriptions of those of these people who are active.
    async fn push_targets(&self, users: &[UserId]) -> Result<Vec<PushTarget>>;

    /// Who is to be told of the messages at these places because they hear of every message there:
    /// active members with a subscription who want that
    /// ([`ConversationView::level`](crate::ConversationView::level)), may read the message and have
    /// not, did not write it, and did not block who did. Messages that were deleted are for nobody.
    async fn push_audience(
        &self,
        messages: &[(ConversationId, u64)],
        now: Timestamp,
    ) -> Result<Vec<(ConversationId, UserId)>>;

    /// Keeps a session's subscription instead of the one it had and of any other session's at the
    /// same address. Of the person's others the oldest go until so many are kept, this one among them.
    async fn put_push_subscription(&mut self, subscription: &PushSubscription, kept: u32) -> Result<()>;

    /// Forgets a session's subscription, or only if it is at this address.
    async fn delete_push_subscription(
        &mut self,
        session: SessionId,
        endpoint: Option<&PushEndpoint>,
    ) -> Result<()>;
}
