//! What is for one person: what they were told of, and how they treat their conversations.

use parlor_domain::{ConversationId, Notification, NotificationKind, UserId};
use parlor_wire as wire;

use super::Fanout;
use crate::connection::Control;
use crate::frames::{NotificationTold, NotificationsChanged, PreferencesChanged, ServerFrame, encode};

impl Fanout {
    /// Tells each of these people of what is theirs. What is about messages reaches only those
    /// devices that have the conversation.
    pub(super) fn notify(&self, told: &[Notification]) {
        for notification in told.iter().filter(|one| self.hub.is_connected(one.user)) {
            let shown = NotificationTold { notification: notification.into() };
            let frame = encode(&ServerFrame::Notification(Box::new(shown)));
            let group = matches!(
                notification.kind,
                NotificationKind::Added | NotificationKind::Role | NotificationKind::BanLifted
            );
            let control = match notification.conversation {
                Some(conversation) if !group => Control::About(conversation, frame),
                _ => Control::Notice(frame),
            };
            self.hub.tell(notification.user, &control);
        }
    }

    /// Tells a person's devices how their notification centre stands now.
    pub(super) async fn notifications_changed(&self, user: UserId) {
        if !self.hub.is_connected(user) {
            return;
        }
        match self.store.notification_summary(user).await {
            Ok(summary) => {
                let changed = NotificationsChanged { notifications: (&summary).into() };
                let frame = encode(&ServerFrame::NotificationsChanged(changed));
                self.hub.tell(user, &Control::Notice(frame));
            }
            Err(error) => tracing::warn!(%error, "what changed for somebody could not be read"),
        }
    }

    /// Tells a person's devices how they treat a conversation now.
    pub(super) async fn preferences_changed(&self, conversation: ConversationId, user: UserId) {
        if !self.hub.is_connected(user) {
            return;
        }
        match self.store.conversation_view(conversation, user).await {
            Ok(Some(view)) => {
                let preferences = wire::Preferences::from(&view);
                let changed = PreferencesChanged { conversation: conversation.as_uuid(), preferences };
                let frame = encode(&ServerFrame::PreferencesChanged(changed));
                self.hub.tell(user, &Control::About(conversation, frame));
            }
            // They left since.
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "what changed for somebody could not be read"),
        }
    }
}
