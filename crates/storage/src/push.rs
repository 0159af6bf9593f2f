//! Where devices are told while the page is closed.

use async_trait::async_trait;
use parlor_domain::{
    ConversationId, Level, PushEndpoint, PushKeys, PushRepository, PushSubscription, PushTarget, SessionId,
    Timestamp, UserId, UserStatus, Visibility,
};
use sea_orm::DbErr;

use crate::codes::{Code, entry};
use crate::fields::{self, Fields, column};
use crate::notifications::{SETTINGS, read_settings};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql, bans};

/// What a subscription is read from, the table being called `p`; see [`read`].
const COLUMNS: &str = "p.session_id, p.user_id, p.endpoint, p.p256dh, p.auth, p.created_at";

fn read(fields: &mut Fields<'_>) -> fields::Result<PushSubscription> {
    let (session, user) = (fields.id(SessionId::from_uuid)?, fields.id(UserId::from_uuid)?);
    let endpoint: String = fields.get()?;
    let (p256dh, auth): (Vec<u8>, Vec<u8>) = (fields.get()?, fields.get()?);
    let broken = || DbErr::Type("this is no push subscription".into());
    Ok(PushSubscription {
        session,
        user,
        endpoint: PushEndpoint::from_stored(&endpoint).ok_or_else(broken)?,
        keys: PushKeys::new(&p256dh, &auth).ok_or_else(broken)?,
        created_at: fields.moment()?,
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> PushRepository for Sql<C, D> {
    async fn push_subscription(&self, session: SessionId) -> Result<Option<PushSubscription>> {
        let sql = format!("SELECT {COLUMNS} FROM push_subscription AS p WHERE p.session_id = $1");
        self.first(sql, vec![session.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn has_push_subscriptions(&self) -> Result<bool> {
        let sql = "SELECT created_at FROM push_subscription LIMIT 1".to_owned();
        Ok(self.first(sql, Vec::new(), |row| Fields::of(row).moment()).await?.is_some())
    }

    async fn push_targets(&self, users: &[UserId]) -> Result<Vec<PushTarget>> {
        let sql = format!(
            r#"WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT {COLUMNS}, n.remember, n.created_at, n.last_used_at, u.presence, {SETTINGS}
            FROM wanted CROSS JOIN push_subscription AS p
            JOIN session AS n ON n.id = p.session_id
            JOIN "user" AS u ON u.id = p.user_id
            LEFT JOIN notification_settings AS s ON s.user_id = p.user_id
            WHERE p.user_id = wanted.id AND u.status = {active} ORDER BY p.user_id, p.created_at, p.session_id"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
            active = UserStatus::Active.code(),
        );
        let wanted = distinct(users).into_iter().map(|id| [Digits(id.as_uuid())]);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], |row| {
            let mut fields = Fields::of(row);
            Ok(PushTarget {
                subscription: read(&mut fields)?,
                remember: fields.get()?,
                signed_in_at: fields.moment()?,
                last_used_at: fields.moment()?,
                presence: fields.word()?,
                settings: read_settings(&mut fields)?,
            })
        })
        .await
    }

    async fn push_audience(
        &self,
        messages: &[(ConversationId, u64)],
        now: Timestamp,
    ) -> Result<Vec<(ConversationId, UserId)>> {
        let sql = format!(
            r#"WITH wanted AS MATERIALIZED (
                SELECT {conversation} AS conversation_id, CAST(j.value ->> 1 AS bigint) AS seq FROM {each})
            SELECT DISTINCT m.conversation_id, m.user_id
            FROM wanted CROSS JOIN entry AS e CROSS JOIN member AS m
            JOIN "user" AS u ON u.id = m.user_id
            LEFT JOIN "group" AS g ON g.id = m.conversation_id
            WHERE e.conversation_id = wanted.conversation_id AND e.seq = wanted.seq
                AND e.kind = {message} AND e.deleted_at IS NULL
                AND m.conversation_id = wanted.conversation_id AND m.user_id <> e.actor_id
                AND m.floor_seq < wanted.seq AND m.read_seq < wanted.seq
                AND coalesce(m.level, CASE WHEN g.visibility = {public} THEN {mentions} ELSE {all} END) = {all}
                AND (m.silent_until IS NULL OR m.silent_until <= $2)
                AND u.status = {active} AND coalesce({banned_until}, $2) <= $2
                AND NOT EXISTS (SELECT 1 FROM block AS b WHERE b.user_id = m.user_id AND b.blocked_id = e.actor_id)
                AND EXISTS (SELECT 1 FROM push_subscription AS p WHERE p.user_id = m.user_id)"#,
            conversation = D::id("j.value ->> 0"),
            each = D::each(1),
            message = entry::MESSAGE,
            public = Visibility::Public.code(),
            mentions = Level::Mentions.code(),
            all = Level::All.code(),
            active = UserStatus::Active.code(),
            banned_until = bans::latest_end("m.user_id", "m.conversation_id"),
        );
        let places = rows(messages.iter().map(|(id, seq)| (Digits(id.as_uuid()), column(*seq))));
        let values = vec![places.map_err(failure::<D>)?, now.as_millis().into()];
        self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, fields.id(UserId::from_uuid)?))
        })
        .await
    }

    async fn put_push_subscription(&mut self, subscription: &PushSubscription, kept: u32) -> Result<()> {
        let PushSubscription { session, user, endpoint, keys, created_at } = subscription;
        let elsewhere = "DELETE FROM push_subscription WHERE endpoint = $1 AND session_id <> $2";
        self.run(elsewhere.to_owned(), vec![endpoint.as_str().into(), session.as_uuid().into()]).await?;
        let put = "INSERT INTO push_subscription (session_id, user_id, endpoint, p256dh, auth, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (session_id) DO UPDATE SET endpoint = excluded.endpoint, p256dh = excluded.p256dh,
                auth = excluded.auth, created_at = excluded.created_at";
        let values = vec![
            session.as_uuid().into(),
            user.as_uuid().into(),
            endpoint.as_str().into(),
            keys.p256dh().to_vec().into(),
            keys.auth().to_vec().into(),
            created_at.as_millis().into(),
        ];
        self.run(put.to_owned(), values).await?;
        let forget = "DELETE FROM push_subscription WHERE user_id = $1 AND session_id <> $2
            AND session_id NOT IN (SELECT session_id FROM push_subscription
                WHERE user_id = $1 AND session_id <> $2 ORDER BY created_at DESC, session_id DESC LIMIT $3)";
        let others = i64::from(kept.saturating_sub(1));
        let values = vec![user.as_uuid().into(), session.as_uuid().into(), others.into()];
        self.run(forget.to_owned(), values).await.map(drop)
    }

    async fn delete_push_subscription(
        &mut self,
        session: SessionId,
        endpoint: Option<&PushEndpoint>,
    ) -> Result<()> {
        let mut values = vec![session.as_uuid().into()];
        let mut only = "";
        if let Some(endpoint) = endpoint {
            values.push(endpoint.as_str().into());
            only = " AND endpoint = $2";
        }
        self.run(format!("DELETE FROM push_subscription WHERE session_id = $1{only}"), values).await.map(drop)
    }
}
