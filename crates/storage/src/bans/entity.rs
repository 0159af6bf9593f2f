//! The table `ban`.

use parlor_domain::{Ban, BanId, BanReason, GroupId, Timestamp, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ban")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    /// Nothing when the ban is of the whole server.
    pub(crate) group_id: Option<Uuid>,
    pub(crate) reason: String,
    pub(crate) issued_by: Option<Uuid>,
    pub(crate) issued_at: i64,
    pub(crate) until: Option<i64>,
    pub(crate) lifted_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<Model> for Ban {
    fn from(row: Model) -> Self {
        Self {
            id: BanId::from_uuid(row.id),
            user: UserId::from_uuid(row.user_id),
            group: row.group_id.map(GroupId::from_uuid),
            reason: BanReason::from_stored(row.reason),
            issued_by: row.issued_by.map(UserId::from_uuid),
            issued_at: Timestamp::from_millis(row.issued_at),
            until: row.until.map(Timestamp::from_millis),
            lifted_at: row.lifted_at.map(Timestamp::from_millis),
        }
    }
}

impl From<&Ban> for ActiveModel {
    fn from(ban: &Ban) -> Self {
        Self {
            id: Set(ban.id.as_uuid()),
            user_id: Set(ban.user.as_uuid()),
            group_id: Set(ban.group.map(GroupId::as_uuid)),
            reason: Set(ban.reason.as_str().to_owned()),
            issued_by: Set(ban.issued_by.map(UserId::as_uuid)),
            issued_at: Set(ban.issued_at.as_millis()),
            until: Set(ban.until.map(Timestamp::as_millis)),
            lifted_at: Set(ban.lifted_at.map(Timestamp::as_millis)),
        }
    }
}
