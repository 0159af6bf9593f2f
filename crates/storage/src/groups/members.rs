use parlor_domain::{ConversationId, GroupId, Member, MemberRole, Page, PageSize, Timestamp, UserId};
use sea_orm::Value;

use crate::codes::Code;
use crate::fields::{self, Fields};
use crate::parameter::{Digits, rows};
use crate::patterns::comparable;
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql, users};

/// When `user` may write again in `group`, both expressions; null for one who was never muted.
pub(crate) fn end_of_mute(user: &str, group: &str) -> String {
    format!("(SELECT mute.until FROM mute WHERE mute.group_id = {group} AND mute.user_id = {user})")
}

/// When `user` posted last in `group`, both expressions; null for one who has not since slow mode began.
pub(crate) fn latest_post(user: &str, group: &str) -> String {
    format!("(SELECT p.posted_at FROM latest_post AS p WHERE p.group_id = {group} AND p.user_id = {user})")
}

/// What a member is read from, the tables being called `u` and `m`; see [`read`].
fn columns() -> String {
    let muted_until = end_of_mute("m.user_id", "m.conversation_id");
    format!("{}, m.role, m.joined_at, {muted_until}", users::COLUMNS)
}

fn read(fields: &mut Fields<'_>) -> fields::Result<Member> {
    Ok(Member {
        user: users::read(fields)?,
        role: fields.word()?,
        joined_at: fields.moment()?,
        muted_until: fields.optional_moment()?,
    })
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_one_member(&self, group: GroupId, user: UserId) -> Result<Option<Member>> {
        let sql = format!(
            r#"SELECT {columns} FROM member AS m CROSS JOIN "user" AS u CROSS JOIN "group" AS g
            WHERE m.conversation_id = $1 AND m.user_id = $2 AND u.id = m.user_id AND g.id = m.conversation_id"#,
            columns = columns(),
        );
        let values = vec![group.as_uuid().into(), user.as_uuid().into()];
        self.first(sql, values, |row| read(&mut Fields::of(row))).await
    }

    pub(super) async fn read_members(
        &self,
        group: GroupId,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<Member>> {
        let mut values: Vec<Value> = vec![group.as_uuid().into(), (i64::from(size.get()) + 1).into()];
        let mut condition = "";
        if let Some(after) = after {
            values.push(comparable(after).into());
            condition = " AND u.username > $3";
        }
        let sql = format!(
            r#"SELECT {columns} FROM member AS m CROSS JOIN "user" AS u
            WHERE m.conversation_id = $1 AND u.id = m.user_id{condition}
            ORDER BY u.username LIMIT $2"#,
            columns = columns(),
        );
        let members = self.all(sql, values, |row| read(&mut Fields::of(row))).await?;
        Ok(Page::from_overfetched(members, size, |member| member.user.username.as_str().to_owned()))
    }

    pub(super) async fn write_role(&mut self, group: GroupId, user: UserId, role: MemberRole) -> Result<()> {
        let sql = "UPDATE member SET role = $3 WHERE conversation_id = $1 AND user_id = $2".to_owned();
        let values = vec![group.as_uuid().into(), user.as_uuid().into(), role.code().into()];
        self.run(sql, values).await.map(drop)
    }

    pub(super) async fn write_mute(
        &mut self,
        group: GroupId,
        user: UserId,
        until: Option<Timestamp>,
    ) -> Result<()> {
        let mut values: Vec<Value> = vec![group.as_uuid().into(), user.as_uuid().into()];
        let sql = if let Some(until) = until {
            values.push(until.as_millis().into());
            "INSERT INTO mute (group_id, user_id, until) VALUES ($1, $2, $3)
            ON CONFLICT (group_id, user_id) DO UPDATE SET until = excluded.until"
        } else {
            "DELETE FROM mute WHERE group_id = $1 AND user_id = $2"
        };
        self.run(sql.to_owned(), values).await.map(drop)
    }
    pub(super) async fn write_posts(
        &mut self,
        posts: &[(ConversationId, UserId)],
        at: Timestamp,
    ) -> Result<()> {
        let sql = format!(
            "INSERT INTO latest_post (group_id, user_id, posted_at) SELECT {group}, {user}, $2 FROM {each} WHERE true
            ON CONFLICT (group_id, user_id) DO UPDATE SET posted_at = excluded.posted_at",
            group = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        let posts = posts.iter().map(|(group, user)| (Digits(group.as_uuid()), Digits(user.as_uuid())));
        let values = vec![rows(posts).map_err(failure::<D>)?, at.as_millis().into()];
        self.run(sql, values).await.map(drop)
    }
}
