use parlor_domain::{ConversationId, OutgoingWebhookId, Timestamp, WebhookState};

use crate::codes::Code;
use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql, bans};

/// The groups `c` that webhooks `w` follow, with the cursor `k` that each has there: those that were
/// chosen, or all, while the bot is in them.
const FOLLOWED: &str = r#"FROM outgoing_webhook AS w
    JOIN member AS m ON m.user_id = w.bot_id
    JOIN "group" AS g ON g.id = m.conversation_id
    JOIN conversation AS c ON c.id = g.id
    LEFT JOIN outgoing_webhook_group AS o ON o.webhook_id = w.id AND o.group_id = g.id
    LEFT JOIN outgoing_webhook_cursor AS k ON k.webhook_id = w.id AND k.conversation_id = c.id
    WHERE (w.all_since IS NOT NULL OR o.group_id IS NOT NULL)"#;

/// Whether something waits there at a moment, an expression, which the bot is not banned from. Where
/// there is no cursor yet, something may.
fn waits(now: &str) -> String {
    let banned = bans::latest_end("w.bot_id", "c.id");
    format!("coalesce(k.seq, 0) < c.last_seq AND coalesce({banned}, 0) <= {now}")
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn read_due(&self, now: Timestamp) -> Result<Vec<OutgoingWebhookId>> {
        let sql = format!(
            "SELECT DISTINCT w.id {FOLLOWED} AND w.state = {active} AND w.due_at <= $1 AND w.taken_until <= $1
            AND {waits}",
            active = WebhookState::Active.code(),
            waits = waits("$1"),
        );
        let values = vec![now.as_millis().into()];
        self.all(sql, values, |row| Fields::of(row).id(OutgoingWebhookId::from_uuid)).await
    }

    pub(super) async fn read_backlog(
        &self,
        id: OutgoingWebhookId,
        now: Timestamp,
    ) -> Result<Option<(ConversationId, u64)>> {
        let sql = format!(
            "SELECT c.id, k.seq {FOLLOWED} AND w.id = $1 AND k.seq IS NOT NULL AND {waits}
            ORDER BY k.moved_at, c.id LIMIT 1",
            waits = waits("$2"),
        );
        let values = vec![id.as_uuid().into(), now.as_millis().into()];
        self.first(sql, values, |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, fields.count()?))
        })
        .await
    }

    pub(super) async fn write_followed(&mut self, id: OutgoingWebhookId) -> Result<()> {
        let sql = format!(
            "DELETE FROM outgoing_webhook_cursor WHERE webhook_id = $1
            AND conversation_id NOT IN (SELECT c.id {FOLLOWED} AND w.id = $1)"
        );
        self.run(sql, vec![id.as_uuid().into()]).await?;
        let sql = format!(
            "INSERT INTO outgoing_webhook_cursor (webhook_id, conversation_id, seq, moved_at)
            SELECT w.id, c.id, coalesce((SELECT e.seq FROM entry AS e
                WHERE e.conversation_id = c.id
                    AND e.created_at < {greatest}(m.joined_at, coalesce(o.since, w.all_since))
                ORDER BY e.seq DESC LIMIT 1), 0), 0
            {FOLLOWED} AND w.id = $1 AND k.webhook_id IS NULL
            ON CONFLICT (webhook_id, conversation_id) DO NOTHING",
            greatest = D::GREATEST,
        );
        self.run(sql, vec![id.as_uuid().into()]).await.map(drop)
    }
}
