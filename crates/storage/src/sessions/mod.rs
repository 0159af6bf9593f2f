mod api_token;
mod api_tokens;
mod entity;
mod refresh_token;

use async_trait::async_trait;
use parlor_domain::{
    RefreshToken, Session, SessionId, SessionPolicy, SessionRepository, Timestamp, TokenHash, UserId,
};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, Value};

use self::entity::{ActiveModel, Column, Entity};
use crate::codes::Code;
use crate::fields::Fields;
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// Whether somebody's sign-in is not over, as [`parlor_domain::Session::is_expired`] says, with the
/// values of [`alive_at`].
pub(crate) const IS_ALIVE: &str = "(session.created_at > $1
    AND session.last_used_at > CASE WHEN session.remember THEN CAST($2 AS bigint) ELSE CAST($3 AS bigint) END)";

/// The first three values of a statement that asks for [`IS_ALIVE`].
pub(crate) fn alive_at(policy: &SessionPolicy, moment: Timestamp) -> Vec<Value> {
    let lengths = [policy.absolute, policy.remember, policy.idle];
    lengths.map(|length| moment.minus(length).as_millis().into()).to_vec()
}

#[async_trait]
impl<C: Connection, D: Dialect> SessionRepository for Sql<C, D> {
    async fn session(&self, id: SessionId) -> Result<Option<Session>> {
        let found =
            Entity::find_by_id(id.as_uuid()).find_also_related(api_token::Entity).one(&self.connection).await;
        found.and_then(|row| row.map(entity::session).transpose()).map_err(failure::<D>)
    }

    async fn session_by_secret(&self, secret: &TokenHash) -> Result<Option<Session>> {
        let its = Entity::find().filter(Column::Cookie.eq(secret.as_bytes().to_vec()));
        let found = its.find_also_related(api_token::Entity).one(&self.connection).await;
        found.and_then(|row| row.map(entity::session).transpose()).map_err(failure::<D>)
    }

    async fn sessions_of(&self, user: UserId) -> Result<Vec<Session>> {
        let theirs = Entity::find().filter(Column::UserId.eq(user.as_uuid()));
        let newest_first = theirs.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id);
        let found = newest_first.find_also_related(api_token::Entity).all(&self.connection).await;
        found.and_then(|rows| rows.into_iter().map(entity::session).collect()).map_err(failure::<D>)
    }

    async fn refresh_token(&self, hash: &TokenHash) -> Result<Option<RefreshToken>> {
        let found = refresh_token::Entity::find_by_id(hash.as_bytes().to_vec()).one(&self.connection).await;
        found.and_then(|row| row.map(RefreshToken::try_from).transpose()).map_err(failure::<D>)
    }

    async fn lock_session_of(&mut self, token: &TokenHash) -> Result<()> {
        let Some(lock) = D::LOCK else { return Ok(()) };
        let sql = format!(
            "SELECT 1 FROM session WHERE id = (SELECT session_id FROM refresh_token WHERE hash = $1) {lock}"
        );
        self.run(sql, vec![token.as_bytes().to_vec().into()]).await.map(drop)
    }

    async fn ended_sessions(&self, ids: &[SessionId]) -> Result<Vec<SessionId>> {
        let sql = format!(
            "WITH asked AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT asked.id FROM asked WHERE NOT EXISTS (SELECT 1 FROM session WHERE session.id = asked.id)",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let ids = rows(ids.iter().map(|id| [Digits(id.as_uuid())])).map_err(failure::<D>)?;
        self.all(sql, vec![ids], |row| Fields::of(row).id(SessionId::from_uuid)).await
    }

    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let row = ActiveModel {
            id: Set(session.id.as_uuid()),
            user_id: Set(session.user.as_uuid()),
            kind: Set(session.kind.code()),
            cookie: Set(session.secret.map(|hash| hash.as_bytes().to_vec())),
            remember: Set(session.remember),
            created_at: Set(session.created_at.as_millis()),
            last_used_at: Set(session.last_used_at.as_millis()),
            confirmed_at: Set(session.confirmed_at.as_millis()),
            user_agent: Set(session.device.user_agent.clone()),
            address: Set(session.device.address.map(|address| address.to_string())),
        };
        Entity::insert(row).exec_without_returning(&self.connection).await.map(drop).map_err(failure::<D>)
    }

    async fn renew_session(&mut self, session: &Session) -> Result<()> {
        self.run("DELETE FROM refresh_token WHERE session_id = $1".into(), vec![session.id.as_uuid().into()])
            .await?;
        let update = Entity::update_many()
            .col_expr(Column::Cookie, session.secret.map(|hash| hash.as_bytes().to_vec()).into())
            .col_expr(Column::ConfirmedAt, session.confirmed_at.as_millis().into())
            .filter(Column::Id.eq(session.id.as_uuid()));
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }

    async fn delete_sessions(&mut self, ids: &[SessionId]) -> Result<()> {
        let sql = format!(
            "DELETE FROM session WHERE id IN (SELECT {id} FROM {each})",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        self.lock_rows("session", ids.iter().map(|id| id.as_uuid())).await?;
        let ids = rows(ids.iter().map(|id| [Digits(id.as_uuid())])).map_err(failure::<D>)?;
        self.run(sql, vec![ids]).await.map(drop)
    }

    async fn delete_expired_sessions(
        &mut self,
        policy: &SessionPolicy,
        moment: Timestamp,
        most: u32,
    ) -> Result<u64> {
        let sql = format!(
            "DELETE FROM session WHERE id IN (
                SELECT session.id FROM session LEFT JOIN api_token ON api_token.session_id = session.id
                WHERE api_token.session_id IS NULL AND NOT {IS_ALIVE} LIMIT $4)"
        );
        let mut values = alive_at(policy, moment);
        values.push(i64::from(most).into());
        self.run(sql, values).await
    }

    async fn touch_sessions(&mut self, used: &[(SessionId, Timestamp)]) -> Result<()> {
        let sql = format!(
            "UPDATE session SET last_used_at = used.at
            FROM (SELECT {id} AS id, max(CAST(j.value ->> 1 AS bigint)) AS at FROM {each} GROUP BY 1) AS used
            WHERE session.id = used.id AND session.last_used_at < used.at",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        self.lock_rows("session", used.iter().map(|(id, _)| id.as_uuid())).await?;
        let used =
            rows(used.iter().map(|(id, at)| (Digits(id.as_uuid()), at.as_millis()))).map_err(failure::<D>)?;
        self.run(sql, vec![used]).await.map(drop)
    }

    async fn insert_refresh_token(&mut self, token: &RefreshToken) -> Result<()> {
        let row = refresh_token::ActiveModel::from(token);
        refresh_token::Entity::insert(row)
            .exec_without_returning(&self.connection)
            .await
            .map(drop)
            .map_err(failure::<D>)
    }

    async fn update_refresh_token(&mut self, token: &RefreshToken) -> Result<()> {
        let update = refresh_token::Entity::update_many()
            .col_expr(
                refresh_token::Column::Successor,
                token.successor.map(|hash| hash.as_bytes().to_vec()).into(),
            )
            .col_expr(refresh_token::Column::Revoked, token.revoked.into())
            .filter(refresh_token::Column::Hash.eq(token.hash.as_bytes().to_vec()));
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }
}
