use parlor_domain::{ConversationId, Entry, Timestamp, UserId};
use sea_orm::Value;

use crate::codes::entry::MESSAGE;
use crate::fields::{Fields, column};
use crate::messages::{columns, read};
use crate::parameter::rows;
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

/// The tables with what hangs on a message and goes with its text, beside the index for searching.
const HANGING: [&str; 2] = ["revision", "reaction"];

/// The places in $1 of the conversation $2, as a table with where each was changed, if anywhere. The
/// conversation is in it so that it is part of what is joined: asked for beside it, PostgreSQL may
/// find it as good to read the whole conversation and pick the places out of that.
fn table_of_places<D: Dialect>() -> String {
    format!(
        "WITH place AS MATERIALIZED (SELECT $2 AS conversation_id, CAST(j.value ->> 0 AS bigint) AS seq,
            CAST(j.value ->> 1 AS bigint) AS changed FROM {})",
        D::each(1)
    )
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn count_by(&self, author: UserId) -> Result<u64> {
        let sql = format!(
            "SELECT count(*) FROM entry WHERE kind = {MESSAGE} AND actor_id = $1 AND deleted_at IS NULL"
        );
        let count = self.first(sql, vec![author.as_uuid().into()], |row| Fields::of(row).count()).await?;
        Ok(count.unwrap_or(0))
    }

    pub(super) async fn places_between(
        &self,
        conversation: ConversationId,
        (above, below): (u64, u64),
        author: Option<UserId>,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<u64>> {
        let mut values: Vec<Value> = vec![
            conversation.as_uuid().into(),
            column(above).into(),
            column(below).into(),
            until.as_millis().into(),
            i64::from(limit).into(),
        ];
        let mut theirs = "";
        if let Some(author) = author {
            values.push(author.as_uuid().into());
            theirs = " AND actor_id = $6";
        }
        let sql = format!(
            "SELECT seq FROM entry WHERE conversation_id = $1 AND seq > $2 AND seq < $3 AND kind = {MESSAGE}
                AND deleted_at IS NULL AND created_at <= $4{theirs}
            ORDER BY seq DESC LIMIT $5"
        );
        self.all(sql, values, |row| Fields::of(row).count()).await
    }

    pub(super) async fn read_at(&self, conversation: ConversationId, seqs: &[u64]) -> Result<Vec<Entry>> {
        let sql = format!(
            "{wanted} SELECT {columns} FROM place CROSS JOIN entry AS e
            WHERE e.conversation_id = place.conversation_id AND e.seq = place.seq AND e.kind = {MESSAGE} ORDER BY e.seq",
            wanted = table_of_places::<D>(),
            columns = columns::<D>(),
        );
        let wanted = rows(seqs.iter().map(|seq| [column(*seq)])).map_err(failure::<D>)?;
        self.all(sql, vec![wanted, conversation.as_uuid().into()], |row| read(&mut Fields::of(row))).await
    }

    pub(super) async fn erase_at(
        &mut self,
        conversation: ConversationId,
        places: &[(u64, u64)],
        at: Timestamp,
    ) -> Result<()> {
        let wanted = rows(places.iter().map(|(seq, changed)| (column(*seq), column(*changed))));
        let wanted = wanted.map_err(failure::<D>)?;
        let id: Value = conversation.as_uuid().into();
        let gone = table_of_places::<D>();
        let theirs = "(conversation_id, seq) IN (SELECT conversation_id, seq FROM place)";
        let delete = |table| format!("{gone} DELETE FROM {table} WHERE {theirs}");
        let values = vec![wanted.clone(), id.clone()];
        self.release_files(&gone, theirs, values.clone(), at).await?;
        for table in HANGING {
            self.run(delete(table), values.clone()).await?;
        }
        if places.len() > 1 {
            self.delete_many(delete("search_document"), values).await?;
        } else {
            self.run(delete("search_document"), values).await?;
        }
        let sql = format!(
            "{gone} UPDATE entry SET body = '', mentions = NULL, files = NULL, pinned_at = NULL,
                deleted_at = $3, changed_seq = place.changed
            FROM place WHERE entry.conversation_id = place.conversation_id AND entry.seq = place.seq"
        );
        self.run(sql, vec![wanted, id, at.as_millis().into()]).await.map(drop)
    }
}
