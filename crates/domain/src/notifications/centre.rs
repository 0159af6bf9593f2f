use std::sync::Arc;

use super::{Notification, NotificationSettings};
use crate::{Actor, Clock, CursorQueue, Event, NotificationId, Page, PageSize, Store, StoreError};

/// How things stand in somebody's notification centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationSummary {
    /// How many they have not seen.
    pub unread: u64,
    /// What they want to be told.
    pub settings: NotificationSettings,
}

/// Everybody's notification centre.
pub struct Notifications {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    cursors: Arc<dyn CursorQueue>,
}

impl Notifications {
    /// Notifications kept in `store`. Cursors that wait in `cursors` are written before anything is
    /// counted: what was read is no news.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, cursors: Arc<dyn CursorQueue>) -> Self {
        Self { store, clock, cursors }
    }

    /// The actor's notifications, the latest first. What they may no longer read, and what was
    /// deleted, is not among them.
    pub async fn list(
        &self,
        actor: &Actor,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Notification>, StoreError> {
        self.cursors.settle(actor.user).await;
        self.store.notifications(actor.user, after, size).await
    }

    /// How many the actor has not seen, and what they want to be told.
    pub async fn summary(&self, actor: &Actor) -> Result<NotificationSummary, StoreError> {
        self.cursors.settle(actor.user).await;
        self.store.notification_summary(actor.user).await
    }

    /// Marks these as seen, or all of them.
    pub async fn mark_read(
        &self,
        actor: &Actor,
        ids: Option<&[NotificationId]>,
    ) -> Result<NotificationSummary, StoreError> {
        self.cursors.settle(actor.user).await;
        let mut work = self.store.begin().await?;
        let changed = work.mark_notifications_read(actor.user, ids, self.clock.now()).await?;
        let summary = work.notification_summary(actor.user).await?;
        if changed {
            work.emit(Event::NotificationsChanged(actor.user));
            work.commit().await?;
        }
        Ok(summary)
    }

    /// Says what the actor wants to be told from now on.
    pub async fn set_settings(
        &self,
        actor: &Actor,
        settings: &NotificationSettings,
    ) -> Result<NotificationSummary, StoreError> {
        let mut work = self.store.begin().await?;
        work.set_notification_settings(actor.user, settings).await?;
        let summary = work.notification_summary(actor.user).await?;
        work.emit(Event::NotificationsChanged(actor.user));
        work.commit().await?;
        Ok(summary)
    }
}
