use async_trait::async_trait;

use crate::{
    ConversationId, Listener, MessageId, NewNotification, Notification, NotificationId, NotificationKind,
    NotificationSettings, NotificationSummary, Page, PageSize, Preferences, StoreError, Timestamp, UserId,
    Username,
};

type Result<T> = std::result::Result<T, StoreError>;

/// What people were told of, and what they want to be told.
#[async_trait]
pub trait NotificationRepository: Send + Sync {
    /// The active members of these conversations who have these names.
    async fn listeners_named(&self, names: &[(ConversationId, Username)]) -> Result<Vec<Listener>>;

    /// All active members of a conversation.
    async fn listeners_in(&self, conversation: ConversationId) -> Result<Vec<Listener>>;

    /// The active members who wrote these messages, where the messages stand.
    async fn listeners_answered(&self, messages: &[MessageId]) -> Result<Vec<(MessageId, Listener)>>;

    /// Those of these people who are active, whether they are members or not.
    async fn listeners(&self, conversation: ConversationId, users: &[UserId]) -> Result<Vec<Listener>>;

    /// Somebody's notifications, the latest first. MUST leave out what is about a conversation that
    /// they are not in, about entries that they may not read, and about messages that were deleted,
    /// do not mention them any more, or have no reactions of others any more. `after` is opaque.
    async fn notifications(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Notification>>;

    /// How many of those [`NotificationRepository::notifications`] gives are not read, and what the
    /// person wants to be told.
    async fn notification_summary(&self, user: UserId) -> Result<NotificationSummary>;

    /// Everybody's notifications of this kind about this entry, with the same left out.
    async fn notifications_about(
        &self,
        conversation: ConversationId,
        seq: u64,
        kind: NotificationKind,
    ) -> Result<Vec<Notification>>;

    /// Writes what is to be told, and of each person's lets go of the oldest until so many are kept.
    /// One that is there already, of the same kind about the same entry, MUST stay as it is and be
    /// left out of the answer; but one about reactions MUST be renewed and be unread again. Nobody
    /// MUST be told of what somebody does whom they blocked.
    async fn insert_notifications(
        &mut self,
        news: &[NewNotification],
        kept: u32,
    ) -> Result<Vec<(NotificationId, NewNotification)>>;

    /// Notes that somebody has seen these, or all; whether any was unread.
    async fn mark_notifications_read(
        &mut self,
        user: UserId,
        ids: Option<&[NotificationId]>,
        at: Timestamp,
    ) -> Result<bool>;

    /// Writes what somebody wants to be told.
    async fn set_notification_settings(
        &mut self,
        user: UserId,
        settings: &NotificationSettings,
    ) -> Result<()>;

    /// Writes how a member treats a conversation. One that is hidden shows again with the next message.
    async fn set_preferences(
        &mut self,
        conversation: ConversationId,
        user: UserId,
        preferences: &Preferences,
    ) -> Result<()>;
}
