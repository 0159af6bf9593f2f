//! Tokens with which programs act for people.

use async_trait::async_trait;
use parlor_domain::{ApiToken, ApiTokenRepository, Page, PageSize, SessionId, Timestamp, TokenName, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{DbErr, QueryOrder, QuerySelect};

use super::api_token::{ActiveModel, Column, Entity, Model};
use super::entity;
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

fn token((row, session): (Model, Option<entity::Model>)) -> std::result::Result<ApiToken, DbErr> {
    let session = session.ok_or_else(|| DbErr::Type("a token without its session".into()))?;
    let used = session.last_used_at > session.created_at;
    Ok(ApiToken {
        id: SessionId::from_uuid(row.session_id),
        user: UserId::from_uuid(session.user_id),
        scopes: row.scopes()?,
        group: row.group(),
        expires_at: row.expires_at(),
        name: TokenName::from_stored(row.name),
        created_at: Timestamp::from_millis(session.created_at),
        last_used_at: used.then(|| Timestamp::from_millis(session.last_used_at)),
    })
}

#[async_trait]
impl<C: Connection, D: Dialect> ApiTokenRepository for Sql<C, D> {
    async fn api_token(&self, id: SessionId) -> Result<Option<ApiToken>> {
        let its = Entity::find_by_id(id.as_uuid()).find_also_related(entity::Entity);
        let found = its.one(&self.connection).await;
        found.and_then(|row| row.map(token).transpose()).map_err(failure::<D>)
    }

    async fn api_tokens_of(&self, user: UserId) -> Result<Vec<ApiToken>> {
        let all = Entity::find().find_also_related(entity::Entity);
        let theirs = all.filter(entity::Column::UserId.eq(user.as_uuid())).order_by_desc(Column::SessionId);
        let found = theirs.all(&self.connection).await;
        found.and_then(|rows| rows.into_iter().map(token).collect()).map_err(failure::<D>)
    }

    async fn api_tokens(&self, after: Option<SessionId>, size: PageSize) -> Result<Page<ApiToken>> {
        let mut all = Entity::find().find_also_related(entity::Entity).order_by_desc(Column::SessionId);
        if let Some(after) = after {
            all = all.filter(Column::SessionId.lt(after.as_uuid()));
        }
        let found = all.limit(u64::from(size.get()) + 1).all(&self.connection).await;
        let tokens: std::result::Result<Vec<_>, _> =
            found.and_then(|rows| rows.into_iter().map(token).collect());
        let tokens = tokens.map_err(failure::<D>)?;
        Ok(Page::from_overfetched(tokens, size, |token| token.id.to_string()))
    }

    async fn insert_api_token(&mut self, token: &ApiToken) -> Result<()> {
        let row = ActiveModel {
            session_id: Set(token.id.as_uuid()),
            name: Set(token.name.to_string()),
            scopes: Set(token.scopes.bits().into()),
            expires_at: Set(token.expires_at.map(Timestamp::as_millis)),
            group_id: Set(token.group.map(parlor_domain::GroupId::as_uuid)),
        };
        Entity::insert(row).exec_without_returning(&self.connection).await.map(drop).map_err(failure::<D>)
    }
}
