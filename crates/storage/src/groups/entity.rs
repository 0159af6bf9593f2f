//! The table `group`.

use parlor_domain::{Group, GroupDescription, GroupId, GroupName, PictureId, Timestamp, UserId};
use sea_orm::DbErr;
use sea_orm::entity::prelude::*;

use crate::fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "group")]
pub(crate) struct Model {
    /// The conversation's id too.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) visibility: i16,
    pub(crate) lobby: bool,
    pub(crate) read_only: bool,
    /// In seconds; 0 for none.
    pub(crate) slow_mode: i32,
    pub(crate) archived_at: Option<i64>,
    /// Nothing when it is not frozen.
    pub(crate) frozen_at: Option<i64>,
    pub(crate) freeze_reason: Option<String>,
    pub(crate) picture_id: Option<Uuid>,
    /// Kept by whoever adds and removes members.
    pub(crate) member_count: i64,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) created_at: i64,
    /// The name, folded: what lists are sorted by.
    pub(crate) sort_name: String,
    /// Name and description, folded, for searching.
    pub(crate) search: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for Group {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            id: GroupId::from_uuid(row.id),
            name: GroupName::from_stored(row.name),
            description: GroupDescription::from_stored(row.description),
            visibility: fields::word(row.visibility)?,
            lobby: row.lobby,
            read_only: row.read_only,
            slow_mode: super::slow_mode(row.slow_mode),
            archived_at: row.archived_at.map(Timestamp::from_millis),
            freeze: super::freeze(row.frozen_at.map(Timestamp::from_millis), row.freeze_reason),
            picture: row.picture_id.map(PictureId::from_uuid),
            member_count: fields::count(row.member_count),
            created_by: row.created_by.map(UserId::from_uuid),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}
