mod accounts;
mod entity;
mod recovery_codes;
mod totp;

use async_trait::async_trait;
use parlor_domain::{
    About, Account, AccountFilter, Login, NewUser, Page, PageSize, PasswordHash, PictureId, Presence, Role,
    StoreError, StoredPassword, Timestamp, User, UserCode, UserFilter, UserId, UserRepository, UserStatus,
};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::LikeExpr;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};

use self::entity::{ActiveModel, Column, Entity, Model};
use crate::codes::Code;
use crate::fields::{self, Fields};
use crate::parameter::{Digits, distinct, rows};
use crate::patterns::{comparable, folded, pattern};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What a user is read from in hand-written queries, the table being called `u`; see [`read`].
pub(crate) const COLUMNS: &str = "u.id, u.number, u.username, u.name, u.about, u.email, u.email_verified, u.role, u.status, u.last_seen_at, u.created_at, \
    u.picture_id, u.time_zone, u.status_emoji, u.status_text, u.status_until, \
    u.presence, u.shares_receipts, u.shares_last_seen, u.bot, \
    u.muted_until, u.muted_at, u.muted_by, u.mute_reason";

/// How many columns those are.
pub(crate) const WIDTH: usize = 24;

/// When a mute on the whole server ends for `user`, an expression; nothing when there is none.
pub(crate) fn end_of_mute(user: &str) -> String {
    format!(r#"(SELECT muted.muted_until FROM "user" AS muted WHERE muted.id = {user})"#)
}

/// A user, from [`COLUMNS`].
pub(crate) fn read(fields: &mut Fields<'_>) -> fields::Result<User> {
    let model = Model {
        id: fields.get()?,
        number: fields.get()?,
        username: fields.get()?,
        name: fields.get()?,
        about: fields.get()?,
        email: fields.get()?,
        email_verified: fields.get()?,
        role: fields.get()?,
        status: fields.get()?,
        last_seen_at: fields.get()?,
        created_at: fields.get()?,
        picture_id: fields.get()?,
        time_zone: fields.get()?,
        status_emoji: fields.get()?,
        status_text: fields.get()?,
        status_until: fields.get()?,
        presence: fields.get()?,
        shares_receipts: fields.get()?,
        shares_last_seen: fields.get()?,
        bot: fields.get()?,
        muted_until: fields.get()?,
        muted_at: fields.get()?,
        muted_by: fields.get()?,
        mute_reason: fields.get()?,
        password_hash: String::new(),
        password_until: None,
        search: String::new(),
    };
    model.try_into()
}

#[async_trait]
impl<C: Connection, D: Dialect> UserRepository for Sql<C, D> {
    async fn user(&self, id: UserId) -> Result<Option<User>> {
        let found = Entity::find_by_id(id.as_uuid()).one(&self.connection).await;
        found.and_then(|row| row.map(User::try_from).transpose()).map_err(failure::<D>)
    }

    async fn user_by_login(&self, login: &Login) -> Result<Option<(User, StoredPassword)>> {
        let named = match login {
            Login::Code(code) => Column::Number.eq(i64::from(code.number())),
            Login::Email(email) => Column::Email.eq(email.as_str()),
            Login::Username(username) => Column::Username.eq(username.as_str()),
        };
        let active = Column::Status.eq(UserStatus::Active.code());
        let Some(mut row) =
            Entity::find().filter(named).filter(active).one(&self.connection).await.map_err(failure::<D>)?
        else {
            return Ok(None);
        };
        let password = password_of(&mut row);
        Ok(Some((row.try_into().map_err(failure::<D>)?, password)))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>> {
        let sql = format!(
            r#"WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT {COLUMNS} FROM wanted CROSS JOIN "user" AS u WHERE u.id = wanted.id"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let wanted = distinct(ids).into_iter().map(|id| [Digits(id.as_uuid())]);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], |row| read(&mut Fields::of(row))).await
    }

    async fn list_users(
        &self,
        filter: &UserFilter,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<User>> {
        let mut query = Entity::find().filter(Column::Status.eq(UserStatus::Active.code()));
        if let Some(role) = filter.role {
            query = query.filter(Column::Role.eq(role.code()));
        }
        if let Some(typed) = &filter.search {
            query = query.filter(Column::Search.like(LikeExpr::new(pattern(typed)).escape('\\')));
        }
        if let Some(after) = after {
            query = query.filter(Column::Username.gt(comparable(after)));
        }
        let found =
            query.order_by_asc(Column::Username).limit(u64::from(size.get()) + 1).all(&self.connection).await;
        let users: Vec<User> =
            found.and_then(|rows| rows.into_iter().map(User::try_from).collect()).map_err(failure::<D>)?;
        Ok(Page::from_overfetched(users, size, |user| user.username.as_str().to_owned()))
    }

    async fn count_admins(&self) -> Result<u64> {
        let admins = Entity::find()
            .filter(Column::Role.eq(Role::Admin.code()))
            .filter(Column::Status.eq(UserStatus::Active.code()));
        admins.count(&self.connection).await.map_err(failure::<D>)
    }

    async fn count_acting_admins(&self, now: Timestamp) -> Result<u64> {
        self.acting_admins(now).await
    }

    async fn list_accounts(
        &self,
        filter: &AccountFilter,
        now: Timestamp,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Account>> {
        self.accounts(filter, now, after, size).await
    }

    async fn muted_users(&self, now: Timestamp, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
        let mut query = Entity::find()
            .filter(Column::Status.eq(UserStatus::Active.code()))
            .filter(Column::MutedUntil.gt(now.as_millis()));
        if let Some(after) = after {
            query = query.filter(Column::Id.lt(after.as_uuid()));
        }
        let found = query.order_by_desc(Column::Id).limit(u64::from(limit)).all(&self.connection).await;
        found.and_then(|rows| rows.into_iter().map(User::try_from).collect()).map_err(failure::<D>)
    }

    async fn lock_admins(&mut self) -> Result<()> {
        let Some(lock) = D::LOCK else { return Ok(()) };
        self.run(format!("SELECT 1 FROM server {lock}"), Vec::new()).await.map(drop)
    }

    async fn lock_user(&mut self, id: UserId) -> Result<()> {
        self.lock_rows("user", [id.as_uuid()]).await
    }

    async fn insert_user(&mut self, user: &NewUser) -> Result<User> {
        // The counter's row is locked first: where several write at once, the next one waits here.
        let number = self.count_users("+ 1").await?;
        let made = User {
            id: user.id,
            code: UserCode::from_number(entity::number(number)),
            username: user.username.clone(),
            name: user.name.clone(),
            about: About::from_stored(String::new()),
            email: user.email.clone(),
            email_verified: user.email_verified,
            role: user.role,
            status: UserStatus::Active,
            bot: user.bot,
            custom_status: None,
            time_zone: None,
            picture: None,
            presence: Presence::Online,
            shares_receipts: true,
            shares_last_seen: true,
            mute: None,
            last_seen_at: None,
            created_at: user.created_at,
        };
        let row = ActiveModel {
            id: Set(made.id.as_uuid()),
            number: Set(number),
            username: Set(made.username.as_str().to_owned()),
            password_hash: Set(user.password.hash.as_phc().to_owned()),
            password_until: Set(user.password.temporary_until.map(Timestamp::as_millis)),
            created_at: Set(made.created_at.as_millis()),
            bot: Set(made.bot),
            ..changeable(&made)
        };
        match Entity::insert(row).exec_without_returning(&self.connection).await.map_err(failure::<D>) {
            Ok(_) => Ok(made),
            Err(error) => {
                // The unit of work may go on and commit, and the number must not be lost then.
                // Any other error ends the whole transaction, and there is nothing to give back.
                if matches!(error, StoreError::Conflict(_)) {
                    self.count_users("- 1").await.ok();
                }
                Err(error)
            }
        }
    }

    async fn update_user(&mut self, user: &User) -> Result<()> {
        let update = Entity::update_many().set(changeable(user)).filter(Column::Id.eq(user.id.as_uuid()));
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }

    async fn password(&self, user: UserId) -> Result<Option<StoredPassword>> {
        let theirs = Entity::find_by_id(user.as_uuid()).filter(Column::Status.eq(UserStatus::Active.code()));
        let found = theirs.one(&self.connection).await.map_err(failure::<D>)?;
        Ok(found.map(|mut row| password_of(&mut row)))
    }

    async fn set_password(&mut self, user: UserId, password: &StoredPassword) -> Result<()> {
        let update = Entity::update_many()
            .col_expr(Column::PasswordHash, password.hash.as_phc().into())
            .col_expr(Column::PasswordUntil, password.temporary_until.map(Timestamp::as_millis).into())
            .filter(Column::Id.eq(user.as_uuid()));
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }

    async fn set_last_seen(&mut self, seen: &[(UserId, Timestamp)]) -> Result<()> {
        let sql = format!(
            r#"UPDATE "user" SET last_seen_at = seen.at
            FROM (SELECT {id} AS id, max(CAST(j.value ->> 1 AS bigint)) AS at FROM {each} GROUP BY 1) AS seen
            WHERE "user".id = seen.id AND ("user".last_seen_at IS NULL OR "user".last_seen_at < seen.at)"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        self.lock_rows("user", seen.iter().map(|(user, _)| user.as_uuid())).await?;
        let seen = rows(seen.iter().map(|(user, at)| (Digits(user.as_uuid()), at.as_millis())))
            .map_err(failure::<D>)?;
        self.run(sql, vec![seen]).await.map(drop)
    }
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// Moves the counter of accounts; where it stands then.
    async fn count_users(&mut self, step: &str) -> Result<i32> {
        let sql = format!(
            "UPDATE server SET last_user_number = last_user_number {step} RETURNING last_user_number"
        );
        let number = self.first(sql, Vec::new(), |row| Fields::of(row).get()).await?;
        number.ok_or_else(|| failure::<D>(DbErr::RecordNotFound("the server's own row".into())))
    }
}

/// The password in a row, whose text is taken out of it.
fn password_of(row: &mut Model) -> StoredPassword {
    StoredPassword {
        hash: PasswordHash::from_phc(std::mem::take(&mut row.password_hash)),
        temporary_until: row.password_until.map(Timestamp::from_millis),
    }
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// Writes what stays of an account that ends, with a password that nobody has.
    pub(crate) async fn write_shell(&mut self, shell: &User) -> Result<()> {
        let row = ActiveModel {
            username: Set(shell.username.as_str().to_owned()),
            password_hash: Set(String::new()),
            password_until: Set(None),
            last_seen_at: Set(None),
            ..changeable(shell)
        };
        let update = Entity::update_many().set(row).filter(Column::Id.eq(shell.id.as_uuid()));
        update.exec(&self.connection).await.map(drop).map_err(failure::<D>)
    }
}

/// What can be changed of a user.
fn changeable(user: &User) -> ActiveModel {
    let (status, mute) = (user.custom_status.as_ref(), user.mute.as_ref());
    ActiveModel {
        name: Set(user.name.as_str().to_owned()),
        about: Set(user.about.as_str().to_owned()),
        email: Set(user.email.as_ref().map(|email| email.as_str().to_owned())),
        email_verified: Set(user.email_verified),
        role: Set(user.role.code()),
        status: Set(user.status.code()),
        picture_id: Set(user.picture.map(PictureId::as_uuid)),
        time_zone: Set(user.time_zone.as_ref().map(|zone| zone.as_str().to_owned())),
        status_emoji: Set(status
            .and_then(|status| status.emoji.as_ref())
            .map(|emoji| emoji.as_str().to_owned())),
        status_text: Set(status.map(|status| status.text.as_str().to_owned())),
        status_until: Set(status.and_then(|status| status.until).map(Timestamp::as_millis)),
        presence: Set(user.presence.code()),
        shares_receipts: Set(user.shares_receipts),
        shares_last_seen: Set(user.shares_last_seen),
        muted_until: Set(mute.map(|mute| mute.until.as_millis())),
        muted_at: Set(mute.map(|mute| mute.issued_at.as_millis())),
        muted_by: Set(mute.and_then(|mute| mute.issued_by).map(UserId::as_uuid)),
        mute_reason: Set(mute.map(|mute| mute.reason.as_str().to_owned())),
        search: Set(folded(&format!("{}\n{}\n{}", user.username, user.name, user.code))),
        ..Default::default()
    }
}
