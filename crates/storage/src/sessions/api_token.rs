//! The table `api_token`.

use parlor_domain::{GroupId, Scopes, Timestamp};
use sea_orm::DbErr;
use sea_orm::entity::prelude::*;

use super::entity;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) session_id: Uuid,
    pub(crate) name: String,
    /// A bit for each scope.
    pub(crate) scopes: i16,
    pub(crate) expires_at: Option<i64>,
    /// Where an incoming webhook posts.
    pub(crate) group_id: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::entity::Entity",
        from = "Column::SessionId",
        to = "super::entity::Column::Id"
    )]
    Session,
}

impl Related<entity::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Session.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    pub(super) fn scopes(&self) -> Result<Scopes, DbErr> {
        let bits = u8::try_from(self.scopes).map_err(|_| DbErr::Type("scopes are bits of a byte".into()))?;
        Ok(Scopes::from_bits(bits))
    }

    pub(super) fn group(&self) -> Option<GroupId> {
        self.group_id.map(GroupId::from_uuid)
    }

    pub(super) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at.map(Timestamp::from_millis)
    }
}
