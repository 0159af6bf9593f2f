mod entity;

use async_trait::async_trait;
use parlor_domain::{Ban, BanFilter, BanId, BanRepository, GroupId, Timestamp, UserId};
use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder, QuerySelect};

use self::entity::{ActiveModel, Column, Entity};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// The latest end of a ban that keeps `user` out of `conversation`, both expressions; a ban for
/// good ends at the end of time.
pub(crate) fn latest_end(user: &str, conversation: &str) -> String {
    format!(
        "(SELECT max(coalesce(ban.until, {end})) FROM ban
        WHERE ban.user_id = {user} AND ban.lifted_at IS NULL AND (ban.group_id IS NULL OR ban.group_id = {conversation}))",
        end = i64::MAX,
    )
}

/// That a ban is of the server (`None`) or of this group.
fn of(group: Option<GroupId>) -> Expr {
    group.map_or_else(|| Column::GroupId.is_null(), |group| Column::GroupId.eq(group.as_uuid()))
}

/// That a ban keeps somebody out at this moment.
fn holds(now: Timestamp) -> Condition {
    let lasts = Condition::any().add(Column::Until.is_null()).add(Column::Until.gt(now.as_millis()));
    Condition::all().add(Column::LiftedAt.is_null()).add(lasts)
}

#[async_trait]
impl<C: Connection, D: Dialect> BanRepository for Sql<C, D> {
    async fn bans_of(&self, user: UserId, group: Option<GroupId>) -> Result<Vec<Ban>> {
        let bans = Entity::find()
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(Column::LiftedAt.is_null())
            .filter(of(group));
        let found = bans.order_by_asc(Column::IssuedAt).order_by_asc(Column::Id).all(&self.connection).await;
        found.map(|rows| rows.into_iter().map(Ban::from).collect()).map_err(failure::<D>)
    }

    async fn ban(&self, id: BanId) -> Result<Option<Ban>> {
        let found = Entity::find_by_id(id.as_uuid()).one(&self.connection).await;
        found.map(|row| row.map(Ban::from)).map_err(failure::<D>)
    }

    async fn list_bans(
        &self,
        filter: &BanFilter,
        now: Timestamp,
        after: Option<BanId>,
        limit: u32,
    ) -> Result<Vec<Ban>> {
        let mut query = Entity::find().filter(of(filter.group));
        if let Some(user) = filter.user {
            query = query.filter(Column::UserId.eq(user.as_uuid()));
        }
        if let Some(active) = filter.active {
            query = query.filter(if active { holds(now) } else { holds(now).not() });
        }
        if let Some(after) = after {
            query = query.filter(Column::Id.lt(after.as_uuid()));
        }
        let found = query.order_by_desc(Column::Id).limit(u64::from(limit)).all(&self.connection).await;
        found.map(|rows| rows.into_iter().map(Ban::from).collect()).map_err(failure::<D>)
    }

    async fn ended_bans(&self, now: Timestamp, limit: u32) -> Result<Vec<Ban>> {
        let ended =
            Entity::find().filter(Column::LiftedAt.is_null()).filter(Column::Until.lte(now.as_millis()));
        let found = ended.order_by_asc(Column::Until).limit(u64::from(limit)).all(&self.connection).await;
        found.map(|rows| rows.into_iter().map(Ban::from).collect()).map_err(failure::<D>)
    }

    async fn insert_ban(&mut self, ban: &Ban) -> Result<()> {
        Entity::insert(ActiveModel::from(ban))
            .exec_without_returning(&self.connection)
            .await
            .map(drop)
            .map_err(failure::<D>)
    }

    async fn lift_ban(&mut self, id: BanId, at: Timestamp) -> Result<()> {
        // A ban that was lifted before keeps its moment.
        let update = Entity::update_many()
            .col_expr(Column::LiftedAt, at.as_millis().into())
            .filter(Column::Id.eq(id.as_uuid()))
            .filter(Column::LiftedAt.is_null());
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }
}
