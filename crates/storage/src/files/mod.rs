//! What is known of files: whose they are, which messages have them, and under which names their bytes
//! are kept.

mod figures;
mod listing;
mod reading;
mod releasing;
mod removing;
mod uploads;
mod verifying;

use async_trait::async_trait;
use parlor_domain::{
    Blob, ContentHash, ConversationId, File, FileFigures, FileId, FileInUse, FileKind, FileOrder,
    FileRepository, FileUse, GroupStorage, KnownObject, ObjectId, Page, PageSize, PostedFile, Thumbnail,
    Timestamp, UserId, UserStorage,
};
use uuid::Uuid;

use self::reading::{blob, file, milliseconds, read_blob, read_file, write_name};
pub(crate) use self::reading::{of_message, read_files};
use crate::bans::latest_end;
use crate::codes::Code;
use crate::fields::{Fields, column};
use crate::parameter::{Digits, distinct, rows};
use crate::sql::{Result, failure};
use crate::{Connection, Dialect, Sql};

#[async_trait]
impl<C: Connection, D: Dialect> FileRepository for Sql<C, D> {
    async fn file(&self, id: FileId) -> Result<Option<File>> {
        let sql = format!(
            "SELECT {} FROM file AS l CROSS JOIN blob AS b WHERE l.id = $1 AND l.removed_at IS NULL AND b.id = l.blob_id",
            file::<D>()
        );
        let read = |row: &_| read_file(&Fields::of(row).get::<String>()?);
        self.first(sql, vec![id.as_uuid().into()], read).await
    }

    async fn is_file_in_sight(&self, id: FileId, reader: UserId) -> Result<bool> {
        // What is deleted has no attachments, and nobody is a member of a deleted group.
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM attachment AS a CROSS JOIN member AS m
                WHERE a.file_id = $1 AND m.conversation_id = a.conversation_id AND m.user_id = $2
                    AND m.floor_seq < a.seq AND coalesce({banned_until}, 0) <= {now})",
            banned_until = latest_end("$2", "a.conversation_id"),
            now = D::NOW,
        );
        let values = vec![id.as_uuid().into(), reader.as_uuid().into()];
        Ok(self.first(sql, values, |row| Fields::of(row).get()).await?.unwrap_or(false))
    }

    async fn files_of(&self, owner: UserId, after: Option<FileId>, limit: u32) -> Result<Vec<File>> {
        let sql = format!(
            "SELECT {} FROM file AS l CROSS JOIN blob AS b
            WHERE l.owner_id = $1 AND l.id > $2 AND l.removed_at IS NULL AND b.id = l.blob_id ORDER BY l.id LIMIT $3",
            file::<D>()
        );
        let after = after.map_or(Uuid::nil(), FileId::as_uuid);
        let values = vec![owner.as_uuid().into(), after.into(), i64::from(limit).into()];
        self.all(sql, values, |row| read_file(&Fields::of(row).get::<String>()?)).await
    }

    async fn file_usage(&self, owner: UserId) -> Result<u64> {
        let sql = "SELECT CAST(coalesce(sum(bytes), 0) AS bigint) FROM file WHERE owner_id = $1";
        let found =
            self.first(sql.into(), vec![owner.as_uuid().into()], |row| Fields::of(row).count()).await?;
        Ok(found.unwrap_or(0))
    }

    async fn lock_blob(&mut self, hash: &ContentHash) -> Result<Option<Blob>> {
        let sql = format!(
            "SELECT {} FROM blob AS b WHERE b.hash = $1 AND b.lost_since IS NULL {}",
            blob::<D>("b"),
            D::LOCK.unwrap_or_default()
        );
        let read = |row: &_| read_blob(&Fields::of(row).get::<String>()?);
        self.first(sql, vec![hash.0.to_vec().into()], read).await
    }

    async fn insert_blob(&mut self, blob: &Blob, at: Timestamp) -> Result<()> {
        let lost = self.make_room_for(blob).await?;
        let sql = "INSERT INTO blob (id, hash, bytes, width, height, placeholder, small_id, small_bytes,
                large_id, large_bytes, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let id = |thumbnail: Thumbnail| thumbnail.object.as_uuid();
        let bytes = |thumbnail: Thumbnail| column(thumbnail.bytes);
        let (small, large) = blob.thumbnails.map(|made| (made.small, made.large)).unzip();
        let values = vec![
            blob.object.as_uuid().into(),
            blob.hash.0.to_vec().into(),
            column(blob.bytes).into(),
            blob.pixels.map(|pixels| i64::from(pixels.width)).into(),
            blob.pixels.map(|pixels| i64::from(pixels.height)).into(),
            blob.placeholder.clone().into(),
            small.map(id).into(),
            small.map(bytes).into(),
            large.map(id).into(),
            large.map(bytes).into(),
            at.as_millis().into(),
        ];
        self.run(sql.into(), values).await?;
        match lost {
            Some(lost) => self.replace_blob(lost, blob.object).await,
            None => Ok(()),
        }
    }

    async fn lose_blob(&mut self, blob: ObjectId, since: Option<Timestamp>) -> Result<()> {
        self.note_lost(blob, since).await
    }

    async fn insert_file(&mut self, file: &File) -> Result<()> {
        let sql = "INSERT INTO file (id, owner_id, name, media_type, kind, blob_id, bytes, created_at, unused_since,
                width, height, duration_ms, waveform, poster_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13)";
        let media = &file.media;
        let values = vec![
            file.id.as_uuid().into(),
            file.owner.as_uuid().into(),
            write_name(&file.name).into(),
            file.media_type.as_str().into(),
            file.media_type.kind().code().into(),
            file.blob.object.as_uuid().into(),
            column(file.counted_bytes()).into(),
            file.created_at.as_millis().into(),
            media.pixels.map(|pixels| i64::from(pixels.width)).into(),
            media.pixels.map(|pixels| i64::from(pixels.height)).into(),
            media.duration.map(milliseconds).into(),
            media.waveform.clone().into(),
            file.poster.as_ref().map(|poster| poster.object.as_uuid()).into(),
        ];
        self.run(sql.into(), values).await.map(drop)
    }

    async fn set_poster(&mut self, file: FileId, poster: ObjectId) -> Result<bool> {
        let sql = "SELECT poster_id FROM file WHERE id = $1 AND unused_since IS NOT NULL";
        let read = |row: &_| Fields::of(row).optional_id(ObjectId::from_uuid);
        let before = self.first(sql.into(), vec![file.as_uuid().into()], read).await?;
        let Some(before) = before else { return Ok(false) };
        let sql = "UPDATE file SET poster_id = $2,
                bytes = (SELECT b.bytes FROM blob AS b WHERE b.id = file.blob_id)
                    + (SELECT p.bytes FROM blob AS p WHERE p.id = $2)
            WHERE id = $1";
        self.run(sql.into(), vec![file.as_uuid().into(), poster.as_uuid().into()]).await?;
        if let Some(before) = before {
            self.free_blobs(&[before]).await?;
        }
        Ok(true)
    }

    async fn lock_files(&mut self, ids: &[FileId]) -> Result<Vec<File>> {
        self.lock_rows("file", ids.iter().map(|id| id.as_uuid())).await?;
        let sql = format!(
            "WITH wanted AS MATERIALIZED (SELECT {id} AS id FROM {each})
            SELECT {file} FROM wanted CROSS JOIN file AS l CROSS JOIN blob AS b
            WHERE l.id = wanted.id AND l.removed_at IS NULL AND b.id = l.blob_id",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
            file = file::<D>(),
        );
        let wanted = distinct(ids).into_iter().map(|id| [Digits(id.as_uuid())]);
        let read = |row: &_| read_file(&Fields::of(row).get::<String>()?);
        self.all(sql, vec![rows(wanted).map_err(failure::<D>)?], read).await
    }

    async fn attach(&mut self, attachments: &[(ConversationId, u64, Vec<FileId>)]) -> Result<()> {
        let attached = attachments.iter().flat_map(|(conversation, seq, files)| {
            let of_one = files.iter().enumerate();
            of_one.map(|(position, file)| {
                (Digits(conversation.as_uuid()), column(*seq), position, Digits(file.as_uuid()))
            })
        });
        let attached = rows(attached).map_err(failure::<D>)?;
        let (file, each) = (D::id("j.value ->> 3"), D::each(1));
        let used = format!(
            "UPDATE file SET unused_since = NULL
            WHERE unused_since IS NOT NULL AND id IN (SELECT {file} FROM {each})"
        );
        self.run(used, vec![attached.clone()]).await?;
        let sql = format!(
            "INSERT INTO attachment (conversation_id, seq, position, file_id, kind)
            SELECT {conversation}, CAST(j.value ->> 1 AS bigint), CAST(j.value ->> 2 AS smallint), l.id, l.kind
            FROM {each} CROSS JOIN file AS l WHERE l.id = {file}",
            conversation = D::id("j.value ->> 0"),
        );
        self.run(sql, vec![attached]).await.map(drop)
    }

    async fn detach(&mut self, conversation: ConversationId, seq: u64, at: Timestamp) -> Result<()> {
        let place = "conversation_id = $1 AND seq = $2";
        let values = vec![conversation.as_uuid().into(), column(seq).into()];
        self.release_files("", place, values.clone(), at).await?;
        self.run(format!("UPDATE entry SET files = NULL WHERE {place}"), values).await.map(drop)
    }

    async fn posted_files(
        &self,
        conversation: ConversationId,
        reader: UserId,
        kind: Option<FileKind>,
        before: Option<&str>,
        size: PageSize,
    ) -> Result<Page<PostedFile>> {
        self.read_posted_files(conversation, reader, kind, before, size).await
    }

    async fn own_files(
        &self,
        owner: UserId,
        order: FileOrder,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<File>> {
        self.read_own_files(owner, order, after, size).await
    }

    async fn file_uses(
        &self,
        reader: UserId,
        files: &[FileId],
    ) -> Result<(Vec<FileUse>, Vec<(FileId, u64)>)> {
        self.read_file_uses(reader, files).await
    }

    async fn order_file_removal(&mut self, id: FileId, at: Timestamp) -> Result<()> {
        self.write_file_removal(id, at).await
    }

    async fn file_removals(&self, limit: u32) -> Result<Vec<FileId>> {
        self.read_file_removals(limit).await
    }

    async fn messages_with_file(&self, id: FileId, limit: u32) -> Result<Vec<(ConversationId, u64)>> {
        self.read_messages_with_file(id, limit).await
    }

    async fn detach_files(
        &mut self,
        conversation: ConversationId,
        taken: &[(u64, FileId)],
        at: Timestamp,
    ) -> Result<()> {
        self.take_attachments(conversation, taken, at).await
    }

    async fn free_removed_file(&mut self, id: FileId) -> Result<()> {
        self.free_removed(id).await
    }

    async fn file_figures(&self) -> Result<FileFigures> {
        self.read_file_figures().await
    }

    async fn storage_by_user(&self, after: Option<&str>, size: PageSize) -> Result<Page<UserStorage>> {
        self.read_storage_by_user(after, size).await
    }

    async fn storage_by_group(&self, after: Option<&str>, size: PageSize) -> Result<Page<GroupStorage>> {
        self.read_storage_by_group(after, size).await
    }

    async fn free_files(&mut self, unused_since: Timestamp, limit: u32) -> Result<u64> {
        self.free_unused(unused_since, limit).await
    }

    async fn known_objects(&self, after: Option<ObjectId>, limit: u32) -> Result<Vec<KnownObject>> {
        self.read_known_objects(after, limit).await
    }

    async fn files_with(&self, blob: ObjectId) -> Result<Vec<FileInUse>> {
        self.read_files_with(blob).await
    }

    async fn freed_objects(&self, after: Option<ObjectId>, limit: u32) -> Result<Vec<ObjectId>> {
        let sql = "SELECT id FROM freed_object WHERE id > $1 ORDER BY id LIMIT $2";
        let after = after.map_or(Uuid::nil(), ObjectId::as_uuid);
        let read = |row: &_| Fields::of(row).id(ObjectId::from_uuid);
        self.all(sql.into(), vec![after.into(), i64::from(limit).into()], read).await
    }

    async fn forget_objects(&mut self, ids: &[ObjectId]) -> Result<()> {
        let sql = format!(
            "DELETE FROM freed_object WHERE id IN (SELECT {id} FROM {each})",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let ids = rows(ids.iter().map(|id| [Digits(id.as_uuid())])).map_err(failure::<D>)?;
        self.run(sql, vec![ids]).await.map(drop)
    }
}
