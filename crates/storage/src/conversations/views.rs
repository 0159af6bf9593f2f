use parlor_domain::{
    AppliedRetention, ConversationId, ConversationView, Cursor, Membership, PageSize, Peer, Preferences,
    UserId,
};
use sea_orm::Value;
use uuid::Uuid;

use super::COLUMNS;
use crate::codes::entry::MESSAGE;
use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql, groups, messages, notifications, retention, users};

/// The conversations of the member $1, as they see them; see [`read`]. All of them in one
/// statement: thousands ask for theirs at once when a server comes back.
///
/// That what is unread ends at the log's last place goes without saying. It is said so that PostgreSQL
/// expects few rows there and takes them by the index alone: gathering the places of some thirty rows
/// in a bitmap first takes longer than reading them.
fn query<D: Dialect>() -> String {
    format!(
        r#"SELECT {conversation}, {group}, {peer}, p.delivered_seq, p.read_seq, {newest},
            m.role, m.floor_seq, m.delivered_seq, m.read_seq, m.joined_at, {muted_until},
            (SELECT count(*) FROM entry AS n
                WHERE n.conversation_id = m.conversation_id AND n.seq > {greatest}(m.read_seq, m.floor_seq)
                AND n.seq <= c.last_seq AND n.kind = {MESSAGE} AND {in_main} AND n.deleted_at IS NULL AND n.actor_id <> m.user_id),
            (SELECT count(*) FROM entry AS e
                WHERE e.conversation_id = m.conversation_id AND e.seq > {greatest}(m.read_seq, m.floor_seq)
                AND e.mentions IS NOT NULL AND (e.target_seq IS NULL OR e.number = 1) AND {mentions} AND e.actor_id <> m.user_id),
            m.level, m.silent_until, m.favourite, m.hidden_seq, {own_retention}
        FROM member AS m CROSS JOIN conversation AS c
        LEFT JOIN "group" AS g ON g.id = c.id
        LEFT JOIN retention AS keep ON keep.conversation_id = c.id
        LEFT JOIN "user" AS u ON u.id = CASE WHEN c.direct_low = m.user_id THEN c.direct_high ELSE c.direct_low END
        LEFT JOIN member AS p ON p.conversation_id = c.id AND p.user_id = u.id AND p.user_id <> m.user_id
            AND u.shares_receipts AND (SELECT own.shares_receipts FROM "user" AS own WHERE own.id = m.user_id)
        LEFT JOIN entry AS e ON e.conversation_id = c.id AND e.seq = (SELECT n.seq FROM entry AS n
            WHERE n.conversation_id = m.conversation_id AND n.seq > m.floor_seq AND n.kind = {MESSAGE} AND {in_main}
            ORDER BY n.seq DESC LIMIT 1)
        WHERE m.user_id = $1 AND c.id = m.conversation_id"#,
        conversation = COLUMNS,
        group = groups::COLUMNS,
        peer = users::COLUMNS,
        newest = messages::columns::<D>(),
        muted_until = groups::end_of_mute("m.user_id", "m.conversation_id"),
        greatest = D::GREATEST,
        own_retention = retention::OWN,
        in_main = "(n.target_seq IS NULL OR n.number = 1)",
        mentions = notifications::mentions::<D>("m.user_id"),
    )
}

/// A conversation as `user` sees it, from [`query`].
fn read(user: UserId, fields: &mut Fields<'_>) -> fields::Result<ConversationView> {
    let conversation = super::read(fields)?;
    let group = groups::read(fields)?;
    let peer = if conversation.direct.is_some() {
        let user = users::read(fields)?;
        let (delivered, read) = (fields.get::<Option<i64>>()?, fields.get::<Option<i64>>()?);
        let cursor = delivered.zip(read).map(|(delivered, read)| Cursor {
            delivered_seq: fields::count(delivered),
            read_seq: fields::count(read),
        });
        Some(Peer { user, cursor })
    } else {
        fields.skip(users::WIDTH + 2);
        None
    };
    let last_message = messages::read_optional(fields)?;
    let membership = Membership {
        conversation: conversation.id,
        user,
        role: fields.word()?,
        floor_seq: fields.count()?,
        cursor: Cursor { delivered_seq: fields.count()?, read_seq: fields.count()? },
        joined_at: fields.moment()?,
    };
    let muted_until = fields.optional_moment()?;
    let (unread, unread_mentions) = (fields.count()?, fields.count()?);
    let last_seq = last_message.as_ref().map_or(0, |entry| entry.seq);
    let preferences = Preferences {
        level: fields.optional_word()?,
        silent_until: fields.optional_moment()?,
        favourite: fields.get()?,
        hidden: fields.get::<Option<i64>>()?.is_some_and(|hidden| last_seq <= fields::count(hidden)),
    };
    let retention = AppliedRetention::of(None, retention::read_own(fields)?);
    Ok(ConversationView {
        conversation,
        membership,
        group,
        peer,
        unread,
        unread_mentions,
        preferences,
        muted_until,
        last_message,
        retention,
    })
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn view_of(
        &self,
        conversation: ConversationId,
        user: UserId,
    ) -> Result<Option<ConversationView>> {
        let sql = format!("{} AND m.conversation_id = $2", query::<D>());
        let values = vec![user.as_uuid().into(), conversation.as_uuid().into()];
        self.first(sql, values, |row| read(user, &mut Fields::of(row))).await
    }

    /// The most recently active first, from behind a place, one more than fits on the page.
    pub(super) async fn views_of(
        &self,
        user: UserId,
        after: Option<(i64, Uuid)>,
        size: Option<PageSize>,
    ) -> Result<Vec<ConversationView>> {
        let mut values: Vec<Value> = vec![user.as_uuid().into()];
        let (mut behind, mut limit) = (String::new(), String::new());
        if let Some((active_at, id)) = after {
            values.extend([active_at.into(), id.into()]);
            behind = " AND (c.active_at, c.id) < ($2, $3)".into();
        }
        if let Some(size) = size {
            values.push((i64::from(size.get()) + 1).into());
            limit = format!(" LIMIT ${}", values.len());
        }
        let sql = format!("{}{behind} ORDER BY c.active_at DESC, c.id DESC{limit}", query::<D>());
        self.all(sql, values, |row| read(user, &mut Fields::of(row))).await
    }
}

/// A conversation's place in the list: when it was active, and its id.
pub(super) fn place(view: &ConversationView) -> String {
    format!("{}.{}", view.conversation.active_at.as_millis(), view.conversation.id.as_uuid().simple())
}

/// Takes a place apart. One that was not made here means the beginning.
pub(super) fn read_place(place: &str) -> Option<(i64, Uuid)> {
    let (active_at, id) = place.split_once('.')?;
    Some((active_at.parse().ok()?, Uuid::try_parse(id).ok()?))
}
