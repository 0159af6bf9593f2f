//! Accounts as admins see them.

use parlor_domain::{
    Account, AccountFilter, AccountOrder, AccountStanding, Ban, BanId, BanReason, Page, PageSize, Role,
    Timestamp, User, UserId, UserStatus,
};
use sea_orm::Value;
use uuid::Uuid;

use super::{COLUMNS, read};
use crate::codes::Code;
use crate::erasures::ERASING;
use crate::fields::{self, Fields};
use crate::parameter::{Digits, rows};
use crate::patterns::pattern;
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// The ban of the server that keeps the user `u` out longest at the moment `$1`.
const BAN: &str = "SELECT ban.id FROM ban
    WHERE ban.user_id = u.id AND ban.group_id IS NULL AND ban.lifted_at IS NULL
        AND (ban.until IS NULL OR ban.until > $1)
    ORDER BY (ban.until IS NULL) DESC, ban.until DESC LIMIT 1";

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// How many active admins no ban keeps out.
    pub(super) async fn acting_admins(&self, now: Timestamp) -> Result<u64> {
        let sql = format!(
            r#"SELECT count(*) FROM "user" AS u WHERE u.role = $2 AND u.status = $3 AND NOT EXISTS ({BAN})"#
        );
        let values =
            vec![now.as_millis().into(), Role::Admin.code().into(), UserStatus::Active.code().into()];
        Ok(self.first(sql, values, |row| Fields::of(row).count()).await?.unwrap_or(0))
    }

    /// Accounts in the order of the filter. The place behind which a page begins is what the last
    /// one is sorted by, and its id.
    pub(super) async fn accounts(
        &self,
        filter: &AccountFilter,
        now: Timestamp,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Account>> {
        let order = match filter.order {
            AccountOrder::Username => "u.username",
            AccountOrder::Created => "u.created_at",
            AccountOrder::LastSeen => "coalesce(u.last_seen_at, 0)",
        };
        let (than, direction) = if filter.descending { ("<", "DESC") } else { (">", "ASC") };
        let mut values: Vec<Value> = vec![now.as_millis().into(), i64::from(size.get() + 1).into()];
        let mut conditions = vec![match filter.standing {
            None => "1 = 1".to_owned(),
            Some(AccountStanding::Deleted) => format!("u.status = {}", UserStatus::Deleted.code()),
            Some(AccountStanding::Active) => {
                format!("u.status = {} AND ban.id IS NULL", UserStatus::Active.code())
            }
            Some(AccountStanding::Banned) => {
                format!("u.status = {} AND ban.id IS NOT NULL", UserStatus::Active.code())
            }
        }];
        if let Some(role) = filter.role {
            values.push(role.code().into());
            conditions.push(format!("u.role = ${}", values.len()));
        }
        if let Some(bot) = filter.bot {
            values.push(bot.into());
            conditions.push(format!("u.bot = ${}", values.len()));
        }
        if let Some((among, are)) = &filter.among {
            let ids = rows(among.iter().map(|user| [Digits(user.as_uuid())])).map_err(failure::<D>)?;
            values.push(ids);
            let (id, each) = (D::id("j.value ->> 0"), D::each(values.len()));
            let word = if *are { "IN" } else { "NOT IN" };
            conditions.push(format!("u.id {word} (SELECT {id} FROM {each})"));
        }
        if let Some(typed) = &filter.search {
            values.push(pattern(typed).into());
            let place = values.len();
            conditions
                .push(format!(r"(u.search LIKE ${place} ESCAPE '\' OR u.email LIKE ${place} ESCAPE '\')"));
        }
        if let Some((key, id)) = after.and_then(|after| place(filter.order, after)) {
            values.extend([key, id.into()]);
            let last = values.len();
            conditions.push(format!("({order}, u.id) {than} (${}, ${last})", last - 1));
        }
        let sql = format!(
            r#"SELECT {COLUMNS},
                (SELECT count(*) FROM session LEFT JOIN api_token ON api_token.session_id = session.id
                    WHERE session.user_id = u.id AND api_token.session_id IS NULL),
                EXISTS (SELECT 1 FROM totp WHERE totp.user_id = u.id AND totp.confirmed),
                {ERASING}, ban.id, ban.reason, ban.issued_by, ban.issued_at, ban.until
            FROM "user" AS u LEFT JOIN ban ON ban.id = ({BAN})
            WHERE {conditions} ORDER BY {order} {direction}, u.id {direction} LIMIT $2"#,
            conditions = conditions.join(" AND "),
        );
        let found = self.all(sql, values, |row| account(&mut Fields::of(row))).await?;
        Ok(Page::from_overfetched(found, size, |account| place_of(filter.order, &account.user)))
    }
}

fn account(fields: &mut Fields<'_>) -> fields::Result<Account> {
    let user = read(fields)?;
    let sessions = fields.count()?;
    let totp = fields.get()?;
    let erasing = fields.get()?;
    let ban = match fields.optional_id(BanId::from_uuid)? {
        None => None,
        Some(id) => Some(Ban {
            id,
            user: user.id,
            group: None,
            reason: BanReason::from_stored(fields.get()?),
            issued_by: fields.optional_id(UserId::from_uuid)?,
            issued_at: fields.moment()?,
            until: fields.optional_moment()?,
            lifted_at: None,
        }),
    };
    Ok(Account { user, sessions, totp, ban, erasing })
}

/// Where the next page begins behind this user.
fn place_of(order: AccountOrder, user: &User) -> String {
    let key = match order {
        AccountOrder::Username => user.username.to_string(),
        AccountOrder::Created => user.created_at.as_millis().to_string(),
        AccountOrder::LastSeen => user.last_seen_at.map_or(0, Timestamp::as_millis).to_string(),
    };
    format!("{key}~{}", user.id)
}

/// The place that a text names; nothing when it names none, and the list begins at its beginning.
fn place(order: AccountOrder, text: &str) -> Option<(Value, Uuid)> {
    let (key, id) = text.rsplit_once('~')?;
    let key = match order {
        AccountOrder::Username => key.into(),
        AccountOrder::Created | AccountOrder::LastSeen => key.parse::<i64>().ok()?.into(),
    };
    Some((key, id.parse().ok()?))
}
