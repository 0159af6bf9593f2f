use async_trait::async_trait;

use super::Result;
use crate::{ClientId, ScheduledMessage, Timestamp, UserId};

/// Messages that are posted later.
#[async_trait]
pub trait ScheduledRepository: Send + Sync {
    /// What a person scheduled, ordered by time and id.
    async fn scheduled_messages(&self, user: UserId) -> Result<Vec<ScheduledMessage>>;

    /// One of them.
    async fn scheduled_message(&self, user: UserId, id: ClientId) -> Result<Option<ScheduledMessage>>;

    /// How many messages a person scheduled.
    async fn count_scheduled(&self, user: UserId) -> Result<u64>;

    /// Messages of all people that are to be tried at this moment or before, those first that are
    /// due the longest.
    async fn due_messages(&self, now: Timestamp, limit: u32) -> Result<Vec<ScheduledMessage>>;

    /// Schedules a message, to be tried at its time. The same author and id twice are a
    /// [`UniqueKey::Other`](crate::UniqueKey) conflict.
    async fn insert_scheduled(&mut self, message: &ScheduledMessage) -> Result<()>;

    /// Changes a message's text, time and refusal, and when it is tried next; `None` is never. One
    /// that is not there stays away.
    async fn update_scheduled(&mut self, message: &ScheduledMessage, try_at: Option<Timestamp>)
    -> Result<()>;

    /// Deletes a message; whether it was there.
    async fn delete_scheduled(&mut self, user: UserId, id: ClientId) -> Result<bool>;
}
