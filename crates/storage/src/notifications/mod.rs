//! What people were told of. A notification only names the entry it is about: what it shows is
//! that entry as it is now, and only to one who may read it.

mod listeners;
mod settings;
mod telling;

pub(crate) use settings::{SETTINGS, read_settings};

use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{
    ConversationId, Listener, MessageId, NewNotification, Notification, NotificationId, NotificationKind,
    NotificationRepository, NotificationSettings, NotificationSummary, Page, PageSize, Preferences,
    Timestamp, UserId, Username,
};
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

use crate::codes::Code;
use crate::dialect::Kind;
use crate::fields::{self, Fields, column};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql, messages};

/// Whether the entry called `e` mentions somebody, an expression.
pub(crate) fn mentions<D: Dialect>(user: &str) -> String {
    let user = D::plain(Kind::Id, user);
    format!("(e.mentions LIKE '%*%' OR e.mentions LIKE '%' || {user} || '%')")
}

/// Everything that notifications are read from, with what may not be shown left out.
fn visible<D: Dialect>() -> String {
    let [mention, reaction, ban, report, webhook, rejected] = [
        NotificationKind::Mention,
        NotificationKind::Reaction,
        NotificationKind::BanLifted,
        NotificationKind::ReportHandled,
        NotificationKind::WebhookFailed,
        NotificationKind::MessageRejected,
    ]
    .map(Code::code);
    format!(
        "FROM notification AS n
        LEFT JOIN member AS m ON m.conversation_id = n.conversation_id AND m.user_id = n.user_id
        LEFT JOIN entry AS e ON e.conversation_id = n.conversation_id AND e.seq = n.seq
        WHERE (n.kind IN ({ban}, {report}, {webhook}, {rejected}) OR (e.seq > m.floor_seq AND e.deleted_at IS NULL
            AND (n.kind <> {mention} OR {mentions})
            AND (n.kind <> {reaction} OR EXISTS (SELECT 1 FROM reaction AS r
                WHERE r.conversation_id = e.conversation_id AND r.seq = e.seq AND r.user_id <> n.user_id))))",
        mentions = mentions::<D>("n.user_id"),
    )
}

/// Whether a notification was seen: it was marked, or the message it is about was read where it is
/// shown; one that stays in a thread is not read with the conversation.
fn read_condition() -> String {
    let [mention, reply, announcement] =
        [NotificationKind::Mention, NotificationKind::Reply, NotificationKind::Announcement].map(Code::code);
    format!(
        "(n.read_at IS NOT NULL OR (n.kind IN ({mention}, {reply}, {announcement}) AND m.read_seq >= n.seq \
        AND (e.target_seq IS NULL OR e.number = 1)))"
    )
}

fn query<D: Dialect>() -> String {
    format!(
        "SELECT n.id, n.user_id, n.kind, n.conversation_id, n.actor_id, n.created_at, {read}, {entry} {visible}",
        read = read_condition(),
        entry = messages::columns::<D>(),
        visible = visible::<D>(),
    )
}

fn read(row: &QueryResult) -> fields::Result<Notification> {
    let mut fields = Fields::of(row);
    Ok(Notification {
        id: fields.id(NotificationId::from_uuid)?,
        user: fields.id(UserId::from_uuid)?,
        kind: fields.word()?,
        conversation: fields.optional_id(ConversationId::from_uuid)?,
        actor: fields.optional_id(UserId::from_uuid)?,
        at: fields.moment()?,
        read: fields.get()?,
        entry: messages::read_optional(&mut fields)?.map(Arc::new),
    })
}

/// A notification's place in the list: when it came, and its id.
fn place(notification: &Notification) -> String {
    format!("{}.{}", notification.at.as_millis(), notification.id.as_uuid().simple())
}

/// Takes a place apart. One that was not made here means the beginning.
fn read_place(place: &str) -> Option<(i64, Uuid)> {
    let (at, id) = place.split_once('.')?;
    Some((at.parse().ok()?, Uuid::try_parse(id).ok()?))
}

#[async_trait]
impl<C: Connection, D: Dialect> NotificationRepository for Sql<C, D> {
    async fn listeners_named(&self, names: &[(ConversationId, Username)]) -> Result<Vec<Listener>> {
        self.read_listeners_named(names).await
    }

    async fn listeners_in(&self, conversation: ConversationId) -> Result<Vec<Listener>> {
        self.read_listeners_in(conversation).await
    }

    async fn listeners_answered(&self, messages: &[MessageId]) -> Result<Vec<(MessageId, Listener)>> {
        self.read_listeners_answered(messages).await
    }

    async fn listeners(&self, conversation: ConversationId, users: &[UserId]) -> Result<Vec<Listener>> {
        self.read_listeners(conversation, users).await
    }

    async fn notifications(
        &self,
        user: UserId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Notification>> {
        let mut values: Vec<Value> = vec![user.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let mut behind = "";
        if let Some((at, id)) = after.and_then(read_place) {
            values.extend([at.into(), id.into()]);
            behind = " AND (n.created_at, n.id) < ($3, $4)";
        }
        let sql = format!(
            "{} AND n.user_id = $1{behind} ORDER BY n.created_at DESC, n.id DESC LIMIT $2",
            query::<D>()
        );
        Ok(Page::from_overfetched(self.all(sql, values, read).await?, size, place))
    }

    async fn notification_summary(&self, user: UserId) -> Result<NotificationSummary> {
        let sql =
            format!("SELECT count(*) {} AND NOT {} AND n.user_id = $1", visible::<D>(), read_condition());
        let unread = self.first(sql, vec![user.as_uuid().into()], |row| Fields::of(row).count()).await?;
        let settings = self.read_notification_settings(user).await?;
        Ok(NotificationSummary { unread: unread.unwrap_or(0), settings })
    }

    async fn notifications_about(
        &self,
        conversation: ConversationId,
        seq: u64,
        kind: NotificationKind,
    ) -> Result<Vec<Notification>> {
        let sql = format!("{} AND n.conversation_id = $1 AND n.seq = $2 AND n.kind = $3", query::<D>());
        let values = vec![conversation.as_uuid().into(), column(seq).into(), kind.code().into()];
        self.all(sql, values, read).await
    }

    async fn insert_notifications(
        &mut self,
        news: &[NewNotification],
        kept: u32,
    ) -> Result<Vec<(NotificationId, NewNotification)>> {
        let written = self.write_notifications(news).await?;
        self.forget_oldest(&written, kept).await?;
        Ok(written)
    }

    async fn mark_notifications_read(
        &mut self,
        user: UserId,
        ids: Option<&[NotificationId]>,
        at: Timestamp,
    ) -> Result<bool> {
        self.note_read(user, ids, at).await
    }

    async fn set_notification_settings(
        &mut self,
        user: UserId,
        settings: &NotificationSettings,
    ) -> Result<()> {
        self.write_notification_settings(user, settings).await
    }

    async fn set_preferences(
        &mut self,
        conversation: ConversationId,
        user: UserId,
        preferences: &Preferences,
    ) -> Result<()> {
        self.write_preferences(conversation, user, preferences).await
    }
}
