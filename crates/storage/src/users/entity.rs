//! The table `user`.

use parlor_domain::{
    About, BanReason, CustomStatus, DisplayName, Email, Emoji, PictureId, ServerMute, StatusText, TimeZone,
    Timestamp, User, UserCode, UserId, Username,
};
use sea_orm::DbErr;
use sea_orm::entity::prelude::*;

use crate::fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "user")]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about a person")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) number: i32,
    pub(crate) username: String,
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) role: i16,
    pub(crate) status: i16,
    pub(crate) password_hash: String,
    /// Nothing when the password is the owner's own.
    pub(crate) password_until: Option<i64>,
    pub(crate) last_seen_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) picture_id: Option<Uuid>,
    pub(crate) time_zone: Option<String>,
    pub(crate) status_emoji: Option<String>,
    /// Nothing when there is no status.
    pub(crate) status_text: Option<String>,
    pub(crate) status_until: Option<i64>,
    pub(crate) presence: i16,
    pub(crate) shares_receipts: bool,
    pub(crate) shares_last_seen: bool,
    pub(crate) bot: bool,
    /// Nothing when they are not muted; the next three belong to it.
    pub(crate) muted_until: Option<i64>,
    pub(crate) muted_at: Option<i64>,
    pub(crate) muted_by: Option<Uuid>,
    pub(crate) mute_reason: Option<String>,
    /// Username, name and code, folded, for searching.
    pub(crate) search: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for User {
    type Error = DbErr;

    fn try_from(row: Model) -> Result<Self, DbErr> {
        Ok(Self {
            id: UserId::from_uuid(row.id),
            code: UserCode::from_number(number(row.number)),
            username: Username::from_stored(row.username),
            name: DisplayName::from_stored(row.name),
            about: About::from_stored(row.about),
            email: row.email.map(Email::from_stored),
            email_verified: row.email_verified,
            role: fields::word(row.role)?,
            status: fields::word(row.status)?,
            bot: row.bot,
            custom_status: row.status_text.map(|text| CustomStatus {
                emoji: row.status_emoji.map(Emoji::from_stored),
                text: StatusText::from_stored(text),
                until: row.status_until.map(Timestamp::from_millis),
            }),
            time_zone: row.time_zone.map(TimeZone::from_stored),
            picture: row.picture_id.map(PictureId::from_uuid),
            presence: fields::word(row.presence)?,
            shares_receipts: row.shares_receipts,
            shares_last_seen: row.shares_last_seen,
            mute: row.muted_until.map(|until| ServerMute {
                reason: BanReason::from_stored(row.mute_reason.unwrap_or_default()),
                issued_by: row.muted_by.map(UserId::from_uuid),
                issued_at: Timestamp::from_millis(row.muted_at.unwrap_or(until)),
                until: Timestamp::from_millis(until),
            }),
            last_seen_at: row.last_seen_at.map(Timestamp::from_millis),
            created_at: Timestamp::from_millis(row.created_at),
        })
    }
}

/// The number in a [`UserCode`]. The schema's check keeps negative ones out.
pub(crate) fn number(column: i32) -> u32 {
    column.unsigned_abs()
}
