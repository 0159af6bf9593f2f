use parlor_domain::{ConversationId, Kinds, Listener, MessageId, UserId, UserStatus, Username};

use crate::codes::Code;
use crate::fields::{self, Fields};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// What a listener is read from, the membership being called `m`, the person `u` and what they want
/// to be told `s`; see [`read`].
const COLUMNS: &str = "u.id, u.username, m.level, m.silent_until, coalesce(s.off, 0)";

fn read(conversation: ConversationId, fields: &mut Fields<'_>) -> fields::Result<Listener> {
    Ok(Listener {
        conversation,
        user: fields.id(UserId::from_uuid)?,
        username: fields.get().map(Username::from_stored)?,
        level: fields.optional_word()?,
        silent_until: fields.optional_moment()?,
        off: kinds(fields.get()?),
    })
}

pub(super) fn kinds(bits: i32) -> Kinds {
    Kinds::from_bits(bits.try_into().unwrap_or(0))
}

/// Who is active, and what they want to be told.
fn active() -> String {
    format!(
        "LEFT JOIN notification_settings AS s ON s.user_id = u.id WHERE u.status = {}",
        UserStatus::Active.code()
    )
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_listeners_named(
        &self,
        names: &[(ConversationId, Username)],
    ) -> Result<Vec<Listener>> {
        let sql = format!(
            r#"WITH wanted AS MATERIALIZED (SELECT DISTINCT {conversation} AS conversation_id, j.value ->> 1 AS username FROM {each})
            SELECT m.conversation_id, {COLUMNS} FROM wanted CROSS JOIN "user" AS u
            JOIN member AS m ON m.conversation_id = wanted.conversation_id AND m.user_id = u.id
            {active} AND u.username = wanted.username"#,
            conversation = D::id("j.value ->> 0"),
            each = D::each(1),
            active = active(),
        );
        let names = rows(names.iter().map(|(id, name)| (Digits(id.as_uuid()), name.as_str())));
        self.all(sql, vec![names.map_err(failure::<D>)?], |row| {
            let mut fields = Fields::of(row);
            let conversation = fields.id(ConversationId::from_uuid)?;
            read(conversation, &mut fields)
        })
        .await
    }

    pub(super) async fn read_listeners_in(&self, conversation: ConversationId) -> Result<Vec<Listener>> {
        let sql = format!(
            r#"SELECT {COLUMNS} FROM member AS m JOIN "user" AS u ON u.id = m.user_id
            {} AND m.conversation_id = $1"#,
            active()
        );
        let values = vec![conversation.as_uuid().into()];
        self.all(sql, values, |row| read(conversation, &mut Fields::of(row))).await
    }

    pub(super) async fn read_listeners_answered(
        &self,
        messages: &[MessageId],
    ) -> Result<Vec<(MessageId, Listener)>> {
        let sql = format!(
            r#"WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT e.message_id, e.conversation_id, {COLUMNS} FROM wanted CROSS JOIN entry AS e
            JOIN member AS m ON m.conversation_id = e.conversation_id AND m.user_id = e.actor_id
            JOIN "user" AS u ON u.id = e.actor_id
            {active} AND e.message_id = wanted.id"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
            active = active(),
        );
        let wanted = distinct(messages).into_iter().map(|id| [Digits(id.as_uuid())]);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], |row| {
            let mut fields = Fields::of(row);
            let message = fields.id(MessageId::from_uuid)?;
            let conversation = fields.id(ConversationId::from_uuid)?;
            Ok((message, read(conversation, &mut fields)?))
        })
        .await
    }

    pub(super) async fn read_listeners(
        &self,
        conversation: ConversationId,
        users: &[UserId],
    ) -> Result<Vec<Listener>> {
        let sql = format!(
            r#"WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT {COLUMNS} FROM wanted CROSS JOIN "user" AS u
            LEFT JOIN member AS m ON m.conversation_id = $2 AND m.user_id = u.id
            {active} AND u.id = wanted.id"#,
            id = D::id("j.value ->> 0"),
            each = D::each(1),
            active = active(),
        );
        let wanted = distinct(users).into_iter().map(|id| [Digits(id.as_uuid())]);
        let values = vec![rows(wanted).map_err(failure::<D>)?, conversation.as_uuid().into()];
        self.all(sql, values, |row| read(conversation, &mut Fields::of(row))).await
    }
}
