use parlor_domain as domain;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Entry, Time};

/// What somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum NotificationKind {
    /// The message in `entry` mentions you.
    Mention,
    /// The message in `entry` answers one of yours.
    Reply,
    /// Others reacted to your message in `entry`, `actor` last.
    Reaction,
    /// `actor` brought you into the group.
    Added,
    /// `actor` gave you the role in `entry`.
    Role,
    /// A ban that kept you out was lifted.
    BanLifted,
    /// The message in `entry` was written where only moderators write.
    Announcement,
    /// Somebody looked at what you reported.
    ReportHandled,
    /// An outgoing webhook of the bot `actor` is not tried any more; for admins.
    WebhookFailed,
    /// A message of yours waited for an admin, who did not let it through.
    MessageRejected,
}

/// Something that you were told of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Notification {
    /// The notification's id. Further reactions to the same message renew the same one.
    pub id: Uuid,
    /// What it is.
    pub kind: NotificationKind,
    /// When it came.
    pub created_at: Time,
    /// Whether you have seen it: you marked it, or you have read the message it is about.
    pub read: bool,
    /// Where; null when it is about the whole server.
    pub conversation: Option<Uuid>,
    /// Who did it; null when the server did.
    pub actor: Option<Uuid>,
    /// The entry it is about, as it is now; null when it is about none.
    pub entry: Option<Entry>,
}

/// How things stand in your notification centre.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct NotificationSummary {
    /// How many you have not seen.
    pub unread: u64,
    /// What you want to be told.
    pub settings: NotificationSettings,
}

/// What you want to be told, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct NotificationSettings {
    /// What you are not told of.
    pub off: Vec<NotificationKind>,
    /// When nothing draws your attention; null when that may happen at any time.
    pub quiet_hours: Option<QuietHours>,
    /// Whether a sound is played.
    pub sound: bool,
    /// Whether the program's icon shows a number.
    pub badge: bool,
    /// Whether what somebody wrote is shown outside of the page.
    pub preview: bool,
}

/// Hours of the day in which nothing draws your attention.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
#[cfg_attr(feature = "openapi", oai(deny_unknown_fields))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The minute of the day in which they begin, 0 to 1,439.
    pub from: u16,
    /// The minute of the day in which they end; when it is not later, that of the following day.
    pub to: u16,
    /// On which days they begin, 1 (Monday) to 7.
    pub days: Vec<u8>,
    /// How many minutes your clock is ahead of UTC, -720 to 840.
    pub utc_offset: i16,
}

/// How much you want to hear of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Every message.
    All,
    /// What is for you: mentions, replies, reactions and announcements.
    Mentions,
    /// Nothing.
    Nothing,
}

/// How you treat a conversation: only you see it, on all your devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct Preferences {
    /// How much you want to hear of it. Until you choose, every message, and in public groups what is for you.
    pub level: Level,
    /// Until when you want to hear nothing of it; one that lies behind has ended.
    pub silent_until: Option<Time>,
    /// Whether it stands with those you use most.
    pub favourite: bool,
    /// Whether it is not shown in your list; it shows again with the next message.
    pub hidden: bool,
}

macro_rules! words {
    ($name:ident { $($word:ident),+ $(,)? }) => {
        impl From<domain::$name> for $name {
            fn from(word: domain::$name) -> Self {
                match word { $(domain::$name::$word => Self::$word),+ }
            }
        }

        impl From<$name> for domain::$name {
            fn from(word: $name) -> Self {
                match word { $($name::$word => Self::$word),+ }
            }
        }
    };
}

words!(Level { All, Mentions, Nothing });
words!(NotificationKind {
    Mention,
    Reply,
    Reaction,
    Added,
    Role,
    BanLifted,
    Announcement,
    ReportHandled,
    WebhookFailed,
    MessageRejected
});

impl From<&domain::Notification> for Notification {
    fn from(notification: &domain::Notification) -> Self {
        Self {
            id: notification.id.as_uuid(),
            kind: notification.kind.into(),
            created_at: notification.at.into(),
            read: notification.read,
            conversation: notification.conversation.map(domain::ConversationId::as_uuid),
            actor: notification.actor.map(domain::UserId::as_uuid),
            entry: notification.entry.as_ref().map(|entry| Entry::from(&**entry)),
        }
    }
}

impl From<&domain::NotificationSummary> for NotificationSummary {
    fn from(summary: &domain::NotificationSummary) -> Self {
        Self { unread: summary.unread, settings: (&summary.settings).into() }
    }
}

impl From<&domain::NotificationSettings> for NotificationSettings {
    fn from(settings: &domain::NotificationSettings) -> Self {
        Self {
            off: settings.off.iter().map(Into::into).collect(),
            quiet_hours: settings.quiet.map(Into::into),
            sound: settings.sound,
            badge: settings.badge,
            preview: settings.preview,
        }
    }
}

impl From<domain::QuietHours> for QuietHours {
    fn from(hours: domain::QuietHours) -> Self {
        Self {
            from: hours.from(),
            to: hours.to(),
            days: (1..=7).filter(|day| hours.days() & (1 << (day - 1)) != 0).collect(),
            utc_offset: hours.utc_offset(),
        }
    }
}

impl QuietHours {
    /// As rules have them; `None` when there is no such time.
    pub fn parse(&self) -> Option<domain::QuietHours> {
        let days = self
            .days
            .iter()
            .try_fold(0_u8, |days, day| (1..=7).contains(day).then(|| days | 1 << (day - 1)))?;
        domain::QuietHours::new(self.from, self.to, days, self.utc_offset)
    }
}

impl From<&domain::ConversationView> for Preferences {
    fn from(view: &domain::ConversationView) -> Self {
        Self {
            level: view.level().into(),
            silent_until: view.preferences.silent_until.map(Into::into),
            favourite: view.preferences.favourite,
            hidden: view.preferences.hidden,
        }
    }
}
