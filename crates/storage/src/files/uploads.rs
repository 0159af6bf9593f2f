//! Uploads whose bytes come in parts, and the parts that came.

use std::time::Duration;

use async_trait::async_trait;
use parlor_domain::{
    FileId, MediaFacts, ObjectId, Pixels, ResumableUpload, Timestamp, UnfinishedUploads, UploadId,
    UploadPart, UploadRepository, UserId,
};
use sea_orm::{QueryResult, Value};

use super::reading::{milliseconds, read_name, write_name};
use crate::fields::{self, Fields, column, count};
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure, unless_taken};
use crate::{Connection, Dialect, Sql};

const COLUMNS: &str =
    "id, owner_id, name, declared, length, received, parts, created_at, expires_at, file_id,
    width, height, duration_ms, waveform, metadata";

fn read(row: &QueryResult) -> fields::Result<ResumableUpload> {
    let mut fields = Fields::of(row);
    let mut upload = ResumableUpload {
        id: fields.id(UploadId::from_uuid)?,
        owner: fields.id(UserId::from_uuid)?,
        name: read_name(&fields.get::<String>()?),
        declared: fields.get()?,
        media: MediaFacts::default(),
        metadata: String::new(),
        length: fields.count()?,
        offset: fields.count()?,
        parts: fields.count()?,
        created_at: fields.moment()?,
        expires_at: fields.moment()?,
        file: fields.optional_id(FileId::from_uuid)?,
    };
    let (width, height): (Option<i64>, Option<i64>) = (fields.get()?, fields.get()?);
    let side = |pixels: i64| u32::try_from(pixels).unwrap_or(u32::MAX);
    upload.media = MediaFacts {
        pixels: width.zip(height).map(|(width, height)| Pixels { width: side(width), height: side(height) }),
        duration: fields.get::<Option<i64>>()?.map(|duration| Duration::from_millis(count(duration))),
        waveform: fields.get()?,
    };
    upload.metadata = fields.get()?;
    Ok(upload)
}

#[async_trait]
impl<C: Connection, D: Dialect> UploadRepository for Sql<C, D> {
    async fn upload(&self, id: UploadId) -> Result<Option<ResumableUpload>> {
        let sql = format!("SELECT {COLUMNS} FROM upload WHERE id = $1");
        self.first(sql, vec![id.as_uuid().into()], read).await
    }

    async fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>> {
        let sql = "SELECT object_id, bytes FROM upload_part WHERE upload_id = $1 ORDER BY start";
        self.all(sql.into(), vec![id.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok(UploadPart { object: fields.id(ObjectId::from_uuid)?, bytes: fields.count()? })
        })
        .await
    }

    async fn unfinished_uploads(&self, owner: UserId) -> Result<UnfinishedUploads> {
        let sql = "SELECT count(*), CAST(coalesce(sum(length), 0) AS bigint) FROM upload
            WHERE owner_id = $1 AND file_id IS NULL";
        let found = self.first(sql.into(), vec![owner.as_uuid().into()], |row| {
            let mut fields = Fields::of(row);
            Ok(UnfinishedUploads { count: fields.count()?, bytes: fields.count()? })
        });
        Ok(found.await?.unwrap_or_default())
    }

    async fn lock_upload(&mut self, id: UploadId) -> Result<Option<ResumableUpload>> {
        let sql = format!("SELECT {COLUMNS} FROM upload WHERE id = $1 {}", D::LOCK.unwrap_or_default());
        self.first(sql, vec![id.as_uuid().into()], read).await
    }

    async fn insert_upload(&mut self, upload: &ResumableUpload) -> Result<()> {
        let sql = format!(
            "INSERT INTO upload ({COLUMNS})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        );
        let media = &upload.media;
        let values = vec![
            upload.id.as_uuid().into(),
            upload.owner.as_uuid().into(),
            write_name(&upload.name).into(),
            upload.declared.clone().into(),
            column(upload.length).into(),
            column(upload.offset).into(),
            column(upload.parts).into(),
            upload.created_at.as_millis().into(),
            upload.expires_at.as_millis().into(),
            upload.file.map(FileId::as_uuid).into(),
            media.pixels.map(|pixels| i64::from(pixels.width)).into(),
            media.pixels.map(|pixels| i64::from(pixels.height)).into(),
            media.duration.map(milliseconds).into(),
            media.waveform.clone().into(),
            upload.metadata.as_str().into(),
        ];
        self.run(sql, values).await.map(drop)
    }

    async fn add_upload_part(&mut self, upload: &ResumableUpload, part: UploadPart) -> Result<()> {
        let sql = "INSERT INTO upload_part (upload_id, start, object_id, bytes) VALUES ($1, $2, $3, $4)";
        let start = column(upload.offset.saturating_sub(part.bytes));
        let values = vec![
            upload.id.as_uuid().into(),
            start.into(),
            part.object.as_uuid().into(),
            column(part.bytes).into(),
        ];
        self.run(sql.into(), values).await?;
        let sql = "UPDATE upload SET received = $2, parts = $3, expires_at = $4 WHERE id = $1";
        let values = vec![
            upload.id.as_uuid().into(),
            column(upload.offset).into(),
            column(upload.parts).into(),
            upload.expires_at.as_millis().into(),
        ];
        self.run(sql.into(), values).await.map(drop)
    }

    async fn finish_upload(&mut self, id: UploadId, file: FileId) -> Result<()> {
        self.free_parts("= $1", vec![id.as_uuid().into()]).await?;
        let values = vec![id.as_uuid().into(), file.as_uuid().into()];
        self.run("UPDATE upload SET file_id = $2 WHERE id = $1".into(), values).await.map(drop)
    }

    async fn delete_upload(&mut self, id: UploadId) -> Result<()> {
        self.lock_rows("upload", [id.as_uuid()]).await?;
        self.delete_uploads(&[id]).await
    }

    async fn free_uploads(&mut self, expired_by: Timestamp, limit: u32) -> Result<u64> {
        let sql = format!(
            "SELECT id FROM upload WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2{}",
            unless_taken::<D>()
        );
        let values = vec![expired_by.as_millis().into(), i64::from(limit).into()];
        let expired = self.all(sql, values, |row| Fields::of(row).id(UploadId::from_uuid)).await?;
        if !expired.is_empty() {
            self.delete_uploads(&expired).await?;
        }
        Ok(expired.len() as u64)
    }
}

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// Lets go of what somebody has uploaded and not finished.
    pub(crate) async fn delete_uploads_of(&self, owner: UserId) -> Result<()> {
        let sql = "SELECT id FROM upload WHERE owner_id = $1";
        let read = |row: &_| Fields::of(row).id(UploadId::from_uuid);
        let uploads = self.all(sql.into(), vec![owner.as_uuid().into()], read).await?;
        if uploads.is_empty() {
            return Ok(());
        }
        self.lock_rows("upload", uploads.iter().map(|id| id.as_uuid())).await?;
        self.delete_uploads(&uploads).await
    }

    /// Lets go of uploads that are locked, and of their parts.
    async fn delete_uploads(&self, ids: &[UploadId]) -> Result<()> {
        let these = format!("IN (SELECT {id} FROM {each})", id = D::id("j.value ->> 0"), each = D::each(1));
        let ids = rows(ids.iter().map(|id| [Digits(id.as_uuid())])).map_err(failure::<D>)?;
        self.free_parts(&these, vec![ids.clone()]).await?;
        self.run(format!("DELETE FROM upload WHERE id {these}"), vec![ids]).await.map(drop)
    }

    /// Lets go of the parts of those uploads whose ids meet a condition.
    async fn free_parts(&self, these: &str, values: Vec<Value>) -> Result<()> {
        let sql = format!(
            "INSERT INTO freed_object (id) SELECT object_id FROM upload_part WHERE upload_id {these}"
        );
        self.run(sql, values.clone()).await?;
        self.run(format!("DELETE FROM upload_part WHERE upload_id {these}"), values).await.map(drop)
    }
}
