//! The table `session`.

use parlor_domain::{Device, Grant, Session, SessionId, Timestamp, TokenHash, UserId};
use sea_orm::DbErr;
use sea_orm::entity::prelude::*;

use super::api_token;
use crate::fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) kind: i16,
    /// The hash of the secret that proves it: of a browser's cookie, or of an API token.
    pub(crate) cookie: Option<Vec<u8>>,
    pub(crate) remember: bool,
    pub(crate) created_at: i64,
    pub(crate) last_used_at: i64,
    pub(crate) confirmed_at: i64,
    pub(crate) user_agent: String,
    /// An IP address as text.
    pub(crate) address: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(has_one = "super::api_token::Entity")]
    ApiToken,
}

impl Related<api_token::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::ApiToken.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// A session, from its row and, when it is a program's, that of its token.
pub(super) fn session((row, token): (Model, Option<api_token::Model>)) -> Result<Session, DbErr> {
    Ok(Session {
        id: SessionId::from_uuid(row.id),
        user: UserId::from_uuid(row.user_id),
        kind: fields::word(row.kind)?,
        secret: row.cookie.map(|bytes| hash(&bytes)).transpose()?,
        grant: match token {
            None => Grant::Everything,
            Some(token) => match token.group() {
                Some(group) => Grant::Webhook { group },
                None => Grant::Token { scopes: token.scopes()?, expires_at: token.expires_at() },
            },
        },
        remember: row.remember,
        created_at: Timestamp::from_millis(row.created_at),
        last_used_at: Timestamp::from_millis(row.last_used_at),
        confirmed_at: Timestamp::from_millis(row.confirmed_at),
        device: Device {
            user_agent: row.user_agent,
            address: row.address.and_then(|address| address.parse().ok()),
        },
    })
}

/// A hash, from a column.
pub(super) fn hash(bytes: &[u8]) -> Result<TokenHash, DbErr> {
    let bytes = bytes.try_into().map_err(|_| DbErr::Type("a hash has 32 bytes".into()))?;
    Ok(TokenHash::from_bytes(bytes))
}
