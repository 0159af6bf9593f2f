//! Taking files from messages that stay, and letting go of those that are removed.

use parlor_domain::{ConversationId, FileId, ObjectId, Timestamp};
use sea_orm::Value;

use crate::fields::{Fields, column};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    pub(super) async fn write_file_removal(&self, id: FileId, at: Timestamp) -> Result<()> {
        let sql = "UPDATE file SET removed_at = $2 WHERE id = $1 AND removed_at IS NULL";
        self.run(sql.into(), vec![id.as_uuid().into(), at.as_millis().into()]).await.map(drop)
    }

    pub(super) async fn read_file_removals(&self, limit: u32) -> Result<Vec<FileId>> {
        let sql = "SELECT id FROM file WHERE removed_at IS NOT NULL ORDER BY removed_at, id LIMIT $1";
        let read = |row: &_| Fields::of(row).id(FileId::from_uuid);
        self.all(sql.into(), vec![i64::from(limit).into()], read).await
    }

    pub(super) async fn read_messages_with_file(
        &self,
        id: FileId,
        limit: u32,
    ) -> Result<Vec<(ConversationId, u64)>> {
        let sql = "SELECT conversation_id, seq FROM attachment WHERE file_id = $1
            ORDER BY conversation_id, seq LIMIT $2";
        let values = vec![id.as_uuid().into(), i64::from(limit).into()];
        self.all(sql.into(), values, |row| {
            let mut fields = Fields::of(row);
            Ok((fields.id(ConversationId::from_uuid)?, fields.count()?))
        })
        .await
    }

    pub(super) async fn take_attachments(
        &self,
        conversation: ConversationId,
        taken: &[(u64, FileId)],
        at: Timestamp,
    ) -> Result<()> {
        let taken = rows(taken.iter().map(|(seq, file)| (column(*seq), Digits(file.as_uuid()))));
        let values: Vec<Value> = vec![taken.map_err(failure::<D>)?, conversation.as_uuid().into()];
        let place = format!(
            "WITH place AS MATERIALIZED (SELECT $2 AS conversation_id, CAST(j.value ->> 0 AS bigint) AS seq,
                {file} AS file_id FROM {each})",
            file = D::id("j.value ->> 1"),
            each = D::each(1),
        );
        let theirs = "(conversation_id, seq, file_id) IN (SELECT conversation_id, seq, file_id FROM place)";
        self.release_files(&place, theirs, values.clone(), at).await?;
        let sql = format!(
            "{place} UPDATE entry SET files = (SELECT nullif(count(*), 0) FROM attachment AS a
                WHERE a.conversation_id = entry.conversation_id AND a.seq = entry.seq)
            WHERE (conversation_id, seq) IN (SELECT conversation_id, seq FROM place)"
        );
        self.run(sql, values).await.map(drop)
    }

    pub(super) async fn free_removed(&self, id: FileId) -> Result<()> {
        self.lock_rows("file", [id.as_uuid()]).await?;
        let sql = "DELETE FROM file WHERE id = $1 AND removed_at IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM attachment AS a WHERE a.file_id = file.id)
            RETURNING blob_id, poster_id";
        let freed = self.all(sql.into(), vec![id.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok([Some(fields.id(ObjectId::from_uuid)?), fields.optional_id(ObjectId::from_uuid)?])
        });
        let blobs: Vec<_> = freed.await?.into_iter().flatten().flatten().collect();
        self.free_blobs(&blobs).await
    }
}
