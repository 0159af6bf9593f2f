use std::collections::{BTreeMap, HashMap};

use parlor_domain::{ConversationId, Day, Uncounted};

use crate::codes::entry::MESSAGE;
use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// Logs that are looked at in one go.
const LOGS: i64 = 500;

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// What is behind the place up to which each log is counted. What stands in a log at a place,
    /// and when it was written, never changes, so that it may be read before it is noted.
    pub(super) async fn read_uncounted(&self, most: u64) -> Result<Vec<Uncounted>> {
        let sql = "SELECT c.id, coalesce(t.seq, 0), c.last_seq
            FROM conversation AS c LEFT JOIN tally AS t ON t.conversation_id = c.id
            WHERE c.last_seq > coalesce(t.seq, 0) ORDER BY c.id LIMIT $1";
        let behind = self.all(sql.into(), vec![LOGS.into()], |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, fields.count()?, fields.count()?))
        });
        let mut left = most;
        let mut parts = Vec::new();
        for (conversation, since, last) in behind.await? {
            if left == 0 {
                break;
            }
            let until = last.min(since + left);
            left -= until - since;
            parts.push(Uncounted { conversation, since, until, messages: Vec::new() });
        }
        let mut found = self.messages_in(&parts).await?;
        for part in &mut parts {
            part.messages = found.remove(&part.conversation).unwrap_or_default();
        }
        Ok(parts)
    }

    /// How many messages there are in these parts of logs, by day.
    async fn messages_in(&self, parts: &[Uncounted]) -> Result<HashMap<ConversationId, Vec<(Day, u64)>>> {
        let mut found: HashMap<_, Vec<_>> = HashMap::new();
        if parts.is_empty() {
            return Ok(found);
        }
        let sql = format!(
            "WITH part AS MATERIALIZED (SELECT {id} AS id, CAST(j.value ->> 1 AS bigint) AS since,
                CAST(j.value ->> 2 AS bigint) AS until FROM {each})
            SELECT part.id, e.created_at / {length}, count(*) FROM part CROSS JOIN entry AS e
            WHERE e.conversation_id = part.id AND e.seq > part.since AND e.seq <= part.until AND e.kind = {MESSAGE}
            GROUP BY part.id, e.created_at / {length} ORDER BY 1, 2",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
            length = Day::MILLISECONDS,
        );
        let values = rows(parts.iter().map(place)).map_err(failure::<D>)?;
        let counts = self.all(sql, vec![values], |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, Day::from_number(fields.get()?), fields.count()?))
        });
        for (conversation, day, messages) in counts.await? {
            found.entry(conversation).or_default().push((day, messages));
        }
        Ok(found)
    }

    /// Moves the place up to which each log is counted from where it was read to be; false when one
    /// of them is not there any more.
    pub(super) async fn write_counted(&mut self, counted: &[Uncounted]) -> Result<bool> {
        let parts = rows(counted.iter().map(place)).map_err(failure::<D>)?;
        let sql = format!(
            "UPDATE tally SET seq = part.until, messages = tally.messages + part.messages
            FROM (SELECT {id} AS id, CAST(j.value ->> 1 AS bigint) AS since, CAST(j.value ->> 2 AS bigint) AS until,
                CAST(j.value ->> 3 AS bigint) AS messages FROM {each}) AS part
            WHERE tally.conversation_id = part.id AND tally.seq = part.since",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let moved = self.run(sql, vec![parts.clone()]).await?;
        // One that was erased meanwhile is left out.
        let sql = format!(
            "INSERT INTO tally (conversation_id, seq, messages)
            SELECT conversation.id, CAST(j.value ->> 2 AS bigint), CAST(j.value ->> 3 AS bigint)
            FROM {each} JOIN conversation ON conversation.id = {id} WHERE CAST(j.value ->> 1 AS bigint) = 0
            ON CONFLICT (conversation_id) DO NOTHING",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let begun = self.run(sql, vec![parts]).await?;
        if moved + begun != counted.len() as u64 {
            return Ok(false);
        }
        let mut days: BTreeMap<i64, u64> = BTreeMap::new();
        for (day, messages) in counted.iter().flat_map(|part| &part.messages) {
            *days.entry(day.number()).or_default() += messages;
        }
        let sql = format!(
            "INSERT INTO message_day (day, messages)
            SELECT CAST(j.value ->> 0 AS bigint), CAST(j.value ->> 1 AS bigint) FROM {each} WHERE true
            ON CONFLICT (day) DO UPDATE SET messages = message_day.messages + excluded.messages",
            each = D::each(1),
        );
        let days = days.into_iter().map(|(day, messages)| (day, column(messages)));
        self.run(sql, vec![rows(days).map_err(failure::<D>)?]).await?;
        Ok(true)
    }
}

/// A part of a log as a row of the parameter.
fn place(part: &Uncounted) -> (Digits, i64, i64, i64) {
    let messages = part.messages.iter().map(|(_, messages)| messages).sum();
    (Digits(part.conversation.as_uuid()), column(part.since), column(part.until), column(messages))
}
