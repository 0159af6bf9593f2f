//! The table `refresh_token`.

use parlor_domain::{RefreshToken, SessionId, Timestamp};
use sea_orm::ActiveValue::Set;
use sea_orm::DbErr;
use sea_orm::entity::prelude::*;

use super::entity::hash;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) hash: Vec<u8>,
    pub(crate) session_id: Uuid,
    pub(crate) issued_at: i64,
    pub(crate) successor: Option<Vec<u8>>,
    pub(crate) revoked: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for RefreshToken {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            hash: hash(&row.hash)?,
            session: SessionId::from_uuid(row.session_id),
            issued_at: Timestamp::from_millis(row.issued_at),
            successor: row.successor.map(|bytes| hash(&bytes)).transpose()?,
            revoked: row.revoked,
        })
    }
}

impl From<&RefreshToken> for ActiveModel {
    fn from(token: &RefreshToken) -> Self {
        Self {
            hash: Set(token.hash.as_bytes().to_vec()),
            session_id: Set(token.session.as_uuid()),
            issued_at: Set(token.issued_at.as_millis()),
            successor: Set(token.successor.map(|hash| hash.as_bytes().to_vec())),
            revoked: Set(token.revoked),
        }
    }
}
