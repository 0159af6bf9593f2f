use parlor_domain::{Blocked, ConversationId, Standing, StandingGroup, UserId, Visibility};

use crate::fields::{self, Fields, count};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql, bans, groups, privacy, users};

/// What a standing of `user`, an expression, is read from, the conversation being called `c`, the
/// membership `m` and the group `g`; see [`read`].
pub(crate) fn columns(user: &str) -> String {
    format!(
        "c.id, {user}, m.role, m.floor_seq, c.last_seq, g.visibility, g.lobby, g.read_only, g.slow_mode, g.archived_at IS NOT NULL, g.frozen_at IS NOT NULL, \
        {banned_until}, {muted_until}, {server_muted_until}, CASE WHEN g.slow_mode > 0 THEN {latest_post} END, {blocked}",
        blocked = privacy::blocked(user),
        banned_until = bans::latest_end(user, "c.id"),
        muted_until = groups::end_of_mute(user, "c.id"),
        server_muted_until = users::end_of_mute(user),
        latest_post = groups::latest_post(user, "c.id"),
    )
}

/// A standing, from [`columns`].
pub(crate) fn read(fields: &mut Fields<'_>) -> fields::Result<Standing> {
    Ok(Standing {
        conversation: fields.id(ConversationId::from_uuid)?,
        user: fields.id(UserId::from_uuid)?,
        role: fields.optional_word()?,
        floor_seq: fields.get::<Option<i64>>()?.map_or(0, count),
        last_seq: fields.count()?,
        group: if let Some(visibility) = fields.optional_word::<Visibility>()? {
            Some(StandingGroup {
                visibility,
                lobby: fields.get()?,
                read_only: fields.get()?,
                slow_mode: fields.get().map(groups::slow_mode)?,
                archived: fields.get()?,
                frozen: fields.get()?,
            })
        } else {
            fields.skip(5);
            None
        },
        banned_until: fields.optional_moment()?,
        muted_until: fields.optional_moment()?,
        server_muted_until: fields.optional_moment()?,
        posted_at: fields.optional_moment()?,
        // Of two numbers that SQL counts, each database has a type of its own.
        blocked: match fields.get::<Option<i32>>()? {
            Some(2) => Some(Blocked::ByThemselves),
            Some(_) => Some(Blocked::ByOther),
            None => None,
        },
    })
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_standings(&self, pairs: &[(ConversationId, UserId)]) -> Result<Vec<Standing>> {
        // MATERIALIZED lets the ids be decoded once only, and CROSS JOIN keeps SQLite from going
        // through all conversations to look for the pairs.
        let sql = format!(
            r#"WITH pair AS MATERIALIZED (SELECT {conversation} AS conversation_id, {user} AS user_id FROM {each})
            SELECT {columns} FROM pair CROSS JOIN conversation AS c
            LEFT JOIN member AS m ON m.conversation_id = c.id AND m.user_id = pair.user_id
            LEFT JOIN "group" AS g ON g.id = c.id
            WHERE c.id = pair.conversation_id"#,
            columns = columns("pair.user_id"),
            conversation = D::id("j.value ->> 0"),
            user = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        let pairs = distinct(pairs)
            .into_iter()
            .map(|(conversation, user)| (Digits(conversation.as_uuid()), Digits(user.as_uuid())));
        self.all(sql, vec![rows(pairs).map_err(failure::<D>)?], |row| read(&mut Fields::of(row))).await
    }
}
