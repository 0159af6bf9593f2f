use parlor_domain::{GroupId, InviteLink, InviteLinkId, Timestamp, TokenHash, UserId};
use sea_orm::{DbErr, Value};

use crate::fields::{self, Fields};
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// What a link is read from; see [`read`].
const COLUMNS: &str = "id, group_id, created_by, created_at, expires_at, max_uses, uses, secret";

/// A link, from [`COLUMNS`]. The schema's checks keep negative numbers out.
fn read(fields: &mut Fields<'_>) -> fields::Result<InviteLink> {
    Ok(InviteLink {
        id: fields.id(InviteLinkId::from_uuid)?,
        group: fields.id(GroupId::from_uuid)?,
        created_by: fields.id(UserId::from_uuid)?,
        created_at: fields.moment()?,
        expires_at: fields.optional_moment()?,
        max_uses: fields.get::<Option<i32>>()?.map(i32::unsigned_abs),
        uses: fields.get::<i32>()?.unsigned_abs(),
        secret: fields
            .get::<Vec<u8>>()?
            .try_into()
            .map(TokenHash::from_bytes)
            .map_err(|_| DbErr::Type("a link's secret has another length".into()))?,
    })
}

/// A number of uses, as columns have it.
fn column(uses: u32) -> i32 {
    i32::try_from(uses).unwrap_or(i32::MAX)
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn links_to(&self, group: GroupId) -> Result<Vec<InviteLink>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM invite_link WHERE group_id = $1 ORDER BY created_at DESC, id DESC"
        );
        self.all(sql, vec![group.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    pub(super) async fn link_with(&self, secret: &TokenHash) -> Result<Option<InviteLink>> {
        let sql = format!("SELECT {COLUMNS} FROM invite_link WHERE secret = $1");
        self.first(sql, vec![secret.as_bytes().to_vec().into()], |row| read(&mut Fields::of(row))).await
    }

    pub(super) async fn add_link(&mut self, link: &InviteLink) -> Result<()> {
        let sql = format!("INSERT INTO invite_link ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
        let values: Vec<Value> = vec![
            link.id.as_uuid().into(),
            link.group.as_uuid().into(),
            link.created_by.as_uuid().into(),
            link.created_at.as_millis().into(),
            link.expires_at.map(Timestamp::as_millis).into(),
            link.max_uses.map(column).into(),
            column(link.uses).into(),
            link.secret.as_bytes().to_vec().into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    pub(super) async fn add_use(&mut self, link: InviteLinkId) -> Result<()> {
        let sql = "UPDATE invite_link SET uses = uses + 1 WHERE id = $1".to_owned();
        self.run(sql, vec![link.as_uuid().into()]).await.map(drop)
    }

    pub(super) async fn remove_link(&mut self, link: InviteLinkId) -> Result<()> {
        self.run("DELETE FROM invite_link WHERE id = $1".into(), vec![link.as_uuid().into()]).await.map(drop)
    }
}
