//! What you were told of, and what you want to be told.

use std::sync::Arc;

use parlor_domain as domain;
use parlor_domain::{ConversationId, NotificationId};
use parlor_wire::{
    Conversation, Level, Notification, NotificationKind, NotificationSettings, NotificationSummary,
    QuietHours, Time,
};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;
use uuid::Uuid;

use crate::auth::Member;
use crate::json::Json;
use crate::paging::{Listing, page_size};
use crate::problem::Problem;
use crate::services::Services;
use crate::{Result, Tag};

/// The most ids that one request may hand in.
const MAX_IDS: usize = 100;

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct NotificationsReadRequest {
    /// Up to 100 of them; all of them when nothing is said. Unknown ones do no harm.
    ids: Option<Vec<Uuid>>,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct NotificationSettingsRequest {
    /// What you do not want to be told of.
    off: Vec<NotificationKind>,
    /// When nothing may draw your attention; nothing when that may happen at any time.
    quiet_hours: Option<QuietHours>,
    /// Whether a sound is played.
    sound: bool,
    /// Whether the program's icon shows a number.
    badge: bool,
    /// Whether what somebody wrote is shown outside of the page.
    preview: bool,
}

#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
#[serde(deny_unknown_fields)]
struct PreferencesRequest {
    /// How much you want to hear of it; nothing for what is usual there.
    level: Option<Level>,
    /// Until when you want to hear nothing of it.
    silent_until: Option<Time>,
    /// Whether it stands with those you use most.
    favourite: bool,
    /// Whether it is not shown in your list until the next message comes.
    hidden: bool,
}

impl NotificationSettingsRequest {
    fn parse(&self) -> Result<domain::NotificationSettings, Problem> {
        let refuse = || {
            Problem::invalid_fields(Vec::new()).with_field(
                "quiet_hours",
                "out_of_range",
                "Minutes go from 0 to 1439, days from 1 (Monday) to 7 and at least one, the offset from -720 to 840.",
            )
        };
        let quiet = match &self.quiet_hours {
            Some(hours) => Some(hours.parse().ok_or_else(refuse)?),
            None => None,
        };
        Ok(domain::NotificationSettings {
            off: self.off.iter().map(|kind| (*kind).into()).collect(),
            quiet,
            sound: self.sound,
            badge: self.badge,
            preview: self.preview,
        })
    }
}

pub struct NotificationsApi;

#[OpenApi(tag = Tag::Notifications)]
impl NotificationsApi {
    /// What you were told of, the latest first
    ///
    /// What you may no longer read, and messages that were deleted, are not among it.
    #[oai(path = "/notifications", method = "get", operation_id = "listNotifications")]
    async fn list(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        /// How many, 1 to 100; 50 when nothing is said.
        limit: Query<Option<u32>>,
        /// `next` of the page before.
        after: Query<Option<String>>,
    ) -> Result<Json<Listing<Notification>>> {
        let size = page_size(limit.0)?;
        let page = services.notifications.list(&member.actor, after.0.as_deref(), size).await?;
        Ok(Json(Listing::render(page, |told| Notification::from(told))))
    }

    /// How many you have not seen, and what you want to be told
    #[oai(path = "/notifications/summary", method = "get", operation_id = "getNotificationSummary")]
    async fn summary(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
    ) -> Result<Json<NotificationSummary>> {
        Ok(Json((&services.notifications.summary(&member.actor).await?).into()))
    }

    /// Mark some as read, or all
    #[oai(path = "/notifications/read", method = "put", operation_id = "markNotificationsRead")]
    async fn read(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<NotificationsReadRequest>,
    ) -> Result<Json<NotificationSummary>> {
        let ids: Option<Vec<_>> =
            form.0.ids.map(|ids| ids.into_iter().map(NotificationId::from_uuid).collect());
        if ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
            let message = format!("At most {MAX_IDS} ids; leave them out to mark all.");
            return Err(Problem::invalid_fields(Vec::new()).with_field("ids", "invalid", message));
        }
        Ok(Json((&services.notifications.mark_read(&member.actor, ids.as_deref()).await?).into()))
    }

    /// Say what you want to be told
    #[oai(path = "/notifications/settings", method = "put", operation_id = "setNotificationSettings")]
    async fn set_settings(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        form: Json<NotificationSettingsRequest>,
    ) -> Result<Json<NotificationSettings>> {
        let settings = form.parse()?;
        let summary = services.notifications.set_settings(&member.actor, &settings).await?;
        Ok(Json((&summary.settings).into()))
    }

    /// Say how you treat a conversation
    ///
    /// Nobody else sees it, and it is the same on all your devices.
    #[oai(path = "/conversations/:id/preferences", method = "put", operation_id = "setPreferences")]
    async fn prefer(
        &self,
        services: Data<&Arc<Services>>,
        member: Member,
        id: Path<Uuid>,
        form: Json<PreferencesRequest>,
    ) -> Result<Json<Conversation>> {
        let preferences = domain::Preferences {
            level: form.level.map(Into::into),
            silent_until: form.silent_until.map(|until| until.0),
            favourite: form.favourite,
            hidden: form.hidden,
        };
        let id = ConversationId::from_uuid(id.0);
        let view = services.conversations.prefer(&member.actor, id, &preferences).await?;
        Ok(Json(Conversation::render(&view, &*services.presence)))
    }
}
