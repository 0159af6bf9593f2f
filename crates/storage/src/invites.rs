//! Invitations to the server.

use async_trait::async_trait;
use parlor_domain::{
    Email, Invite, InviteId, InviteRepository, InviteUse, Page, PageSize, Timestamp, TokenHash, UserId,
    Username,
};
use sea_orm::Value;

use crate::codes::Code;
use crate::fields::{self, Fields};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What an invitation is read from; see [`read`].
const COLUMNS: &str = "id, role, email, created_by, created_at, expires_at, max_uses, uses, revoked_at";

/// An invitation, from [`COLUMNS`]. The schema's checks keep negative numbers out.
fn read(fields: &mut Fields<'_>) -> fields::Result<Invite> {
    Ok(Invite {
        id: fields.id(InviteId::from_uuid)?,
        role: fields.word()?,
        email: fields.get::<Option<String>>()?.map(Email::from_stored),
        created_by: fields.optional_id(UserId::from_uuid)?,
        created_at: fields.moment()?,
        expires_at: fields.optional_moment()?,
        max_uses: fields.get::<Option<i32>>()?.map(i32::unsigned_abs),
        uses: fields.get::<i32>()?.unsigned_abs(),
        revoked_at: fields.optional_moment()?,
    })
}

/// A number of uses, as columns have it.
fn column(uses: u32) -> i32 {
    i32::try_from(uses).unwrap_or(i32::MAX)
}

#[async_trait]
impl<C: Connection, D: Dialect> InviteRepository for Sql<C, D> {
    async fn invite_by_token(&self, token: &TokenHash) -> Result<Option<Invite>> {
        let sql = format!("SELECT {COLUMNS} FROM invite WHERE token = $1");
        self.first(sql, vec![token.as_bytes().to_vec().into()], |row| read(&mut Fields::of(row))).await
    }

    async fn invites(&self, after: Option<InviteId>, size: PageSize) -> Result<Page<Invite>> {
        let mut values: Vec<Value> = vec![(i64::from(size.get()) + 1).into()];
        let mut older = "";
        if let Some(after) = after {
            values.push(after.as_uuid().into());
            older = "WHERE id < $2";
        }
        // Ids grow with time.
        let sql = format!("SELECT {COLUMNS} FROM invite {older} ORDER BY id DESC LIMIT $1");
        let found = self.all(sql, values, |row| read(&mut Fields::of(row))).await?;
        Ok(Page::from_overfetched(found, size, |invite| invite.id.to_string()))
    }

    async fn invite_uses(&self, invites: &[InviteId], most: u32) -> Result<Vec<InviteUse>> {
        let ids = rows(distinct(invites).into_iter().map(|id| [Digits(id.as_uuid())]));
        let sql = format!(
            r#"SELECT t.invite_id, t.user_id, u.username, t.used_at
            FROM (SELECT *, row_number() OVER (PARTITION BY invite_id ORDER BY used_at DESC, user_id DESC) AS place
                FROM invite_use WHERE invite_id IN (SELECT {id} FROM {each})) t
            JOIN "user" u ON u.id = t.user_id
            WHERE t.place <= $2 ORDER BY t.used_at DESC, t.user_id DESC"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let values = vec![ids.map_err(failure::<D>)?, i64::from(most).into()];
        self.all(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok(InviteUse {
                invite: fields.id(InviteId::from_uuid)?,
                user: fields.id(UserId::from_uuid)?,
                username: fields.get().map(Username::from_stored)?,
                used_at: fields.moment()?,
            })
        })
        .await
    }

    async fn insert_invite(&mut self, invite: &Invite, token: &TokenHash) -> Result<()> {
        let sql =
            format!("INSERT INTO invite ({COLUMNS}, token) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        let values: Vec<Value> = vec![
            invite.id.as_uuid().into(),
            invite.role.code().into(),
            invite.email.as_ref().map(|email| email.as_str().to_owned()).into(),
            invite.created_by.map(UserId::as_uuid).into(),
            invite.created_at.as_millis().into(),
            invite.expires_at.map(Timestamp::as_millis).into(),
            invite.max_uses.map(column).into(),
            column(invite.uses).into(),
            invite.revoked_at.map(Timestamp::as_millis).into(),
            token.as_bytes().to_vec().into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn lock_invite(&mut self, invite: InviteId) -> Result<()> {
        self.lock_rows("invite", [invite.as_uuid()]).await
    }

    async fn use_invite(&mut self, invite: InviteId, user: UserId, now: Timestamp) -> Result<()> {
        let count = "UPDATE invite SET uses = uses + 1 WHERE id = $1";
        self.run(count.into(), vec![invite.as_uuid().into()]).await?;
        let note = "INSERT INTO invite_use (user_id, invite_id, used_at) VALUES ($1, $2, $3)";
        let values = vec![user.as_uuid().into(), invite.as_uuid().into(), now.as_millis().into()];
        self.run(note.into(), values).await.map(drop)
    }

    async fn revoke_invite(&mut self, invite: InviteId, now: Timestamp) -> Result<bool> {
        let sql = "UPDATE invite SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        let values = vec![invite.as_uuid().into(), now.as_millis().into()];
        Ok(self.run(sql.into(), values).await? > 0)
    }
}
