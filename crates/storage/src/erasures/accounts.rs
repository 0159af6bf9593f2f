use parlor_domain::{Belonging, ConversationId, MemberRole, Timestamp, User, UserId};

use crate::codes::Code;
use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

/// What somebody keeps for themselves and what is kept about them, by table and column.
const KEPT: [(&str, &str); 20] = [
    ("recovery_code", "user_id"),
    ("recovery_link", "user_id"),
    ("identity", "user_id"),
    ("oidc_attempt", "user_id"),
    ("email_verification", "user_id"),
    ("totp", "user_id"),
    ("mail", "user_id"),
    ("notification", "user_id"),
    ("notification_settings", "user_id"),
    ("saved_message", "user_id"),
    ("scheduled_message", "user_id"),
    ("held_message", "author_id"),
    ("block", "user_id"),
    ("block", "blocked_id"),
    ("mute", "user_id"),
    ("latest_post", "user_id"),
    ("present", "user_id"),
    ("ban", "user_id"),
    ("invite_link", "created_by"),
    ("outgoing_webhook", "bot_id"),
];

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_belongings(&self, user: UserId) -> Result<Vec<Belonging>> {
        // Whoever looks for heirs goes through the members: only where there is no other owner.
        let sql = format!(
            r#"SELECT m.conversation_id,
                CASE WHEN c.direct_low = m.user_id THEN c.direct_high ELSE c.direct_low END,
                g.member_count = 1,
                CASE WHEN m.role = {owner} AND NOT g.lobby AND NOT EXISTS (SELECT 1 FROM member AS o
                    WHERE o.conversation_id = m.conversation_id AND o.user_id <> m.user_id AND o.role = {owner})
                THEN (SELECT o.user_id FROM member AS o
                    WHERE o.conversation_id = m.conversation_id AND o.user_id <> m.user_id
                    ORDER BY o.role DESC, o.joined_at, o.user_id LIMIT 1) END
            FROM member AS m CROSS JOIN conversation AS c LEFT JOIN "group" AS g ON g.id = c.id
            WHERE m.user_id = $1 AND c.id = m.conversation_id ORDER BY m.conversation_id"#,
            owner = MemberRole::Owner.code(),
        );
        self.all(sql, vec![user.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok(Belonging {
                conversation: fields.id(ConversationId::from_uuid)?,
                peer: fields.optional_id(UserId::from_uuid)?,
                is_alone: fields.get::<Option<bool>>()?.unwrap_or(false),
                heir: fields.optional_id(UserId::from_uuid)?,
            })
        })
        .await
    }

    pub(super) async fn end_account(&mut self, shell: &User, at: Timestamp) -> Result<()> {
        let id = shell.id.as_uuid();
        for (table, whose) in KEPT {
            self.run(format!("DELETE FROM {table} WHERE {whose} = $1"), vec![id.into()]).await?;
        }
        self.delete_uploads_of(shell.id).await?;
        // Who answered in a thread is told there for as long as the answers are.
        for sql in [
            "DELETE FROM thread_member WHERE user_id = $1 AND replied_seq IS NULL",
            "UPDATE thread_member SET follows = false WHERE user_id = $1",
        ] {
            self.run(sql.into(), vec![id.into()]).await?;
        }
        let sql = "UPDATE invite SET revoked_at = $2 WHERE created_by = $1 AND revoked_at IS NULL";
        self.run(sql.into(), vec![id.into(), at.as_millis().into()]).await?;
        self.write_shell(shell).await
    }
}
