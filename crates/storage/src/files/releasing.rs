//! Taking files from messages, and letting go of those that no message has.

use parlor_domain::{FileId, ObjectId, Timestamp};
use sea_orm::Value;

use crate::fields::Fields;
use crate::parameter::{Digits, rows};
use crate::sql::{Result, failure, unless_taken};
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// Takes the files from messages that are erased: those whose attachments meet a condition, after
    /// what has to stand before the statement.
    ///
    /// The files are locked before it is asked which of them others have: of two that are taken from
    /// their last messages at the same time, each would take the other for one that is left.
    pub(crate) async fn release_files(
        &self,
        with: &str,
        condition: &str,
        values: Vec<Value>,
        at: Timestamp,
    ) -> Result<()> {
        let sql = format!("{with} SELECT DISTINCT file_id FROM attachment WHERE {condition}");
        let files = self.all(sql, values.clone(), |row| Fields::of(row).id(FileId::from_uuid)).await?;
        if files.is_empty() {
            return Ok(());
        }
        self.lock_rows("file", files.iter().map(|file| file.as_uuid())).await?;
        self.run(format!("{with} DELETE FROM attachment WHERE {condition}"), values).await?;
        let sql = format!(
            "UPDATE file SET unused_since = $2 WHERE id IN (SELECT {id} FROM {each})
                AND NOT EXISTS (SELECT 1 FROM attachment AS a WHERE a.file_id = file.id)",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let files = rows(files.iter().map(|file| [Digits(file.as_uuid())])).map_err(failure::<D>)?;
        self.run(sql, vec![files, at.as_millis().into()]).await.map(drop)
    }

    /// Lets go of files, and then of the blobs that only they had.
    ///
    /// A file that is being attached is locked and passed over, and one that was attached meanwhile is
    /// unused no more. A blob may get another file as long as it is not locked, which is why only
    /// then it is asked whether it has one.
    pub(super) async fn free_unused(&self, unused_since: Timestamp, limit: u32) -> Result<u64> {
        let sql = format!(
            "SELECT id FROM file WHERE unused_since <= $1
                AND NOT EXISTS (SELECT 1 FROM attachment AS a WHERE a.file_id = file.id)
            ORDER BY unused_since, id LIMIT $2{}",
            unless_taken::<D>()
        );
        let values = vec![unused_since.as_millis().into(), i64::from(limit).into()];
        let unused = self.all(sql, values, |row| Fields::of(row).id(FileId::from_uuid)).await?;
        if unused.is_empty() {
            return Ok(0);
        }
        let sql = format!(
            "DELETE FROM file WHERE id IN (SELECT {id} FROM {each}) RETURNING blob_id, poster_id",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let unused = rows(unused.iter().map(|file| [Digits(file.as_uuid())])).map_err(failure::<D>)?;
        let freed = self.all(sql, vec![unused], |row| {
            let mut fields = Fields::of(row);
            Ok([Some(fields.id(ObjectId::from_uuid)?), fields.optional_id(ObjectId::from_uuid)?])
        });
        let blobs = freed.await?;
        let freed = blobs.len() as u64;
        let mut blobs: Vec<_> = blobs.into_iter().flatten().flatten().collect();
        blobs.sort_unstable();
        blobs.dedup();
        self.free_blobs(&blobs).await?;
        Ok(freed)
    }

    /// Lets go of those of these blobs that no file has, as its bytes or as its poster.
    pub(super) async fn free_blobs(&self, blobs: &[ObjectId]) -> Result<()> {
        self.lock_rows("blob", blobs.iter().map(|blob| blob.as_uuid())).await?;
        let sql = format!(
            "DELETE FROM blob WHERE id IN (SELECT {id} FROM {each})
                AND NOT EXISTS (SELECT 1 FROM file AS l WHERE l.blob_id = blob.id)
                AND NOT EXISTS (SELECT 1 FROM file AS l WHERE l.poster_id = blob.id)
            RETURNING id, small_id, large_id",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let blobs = rows(blobs.iter().map(|blob| [Digits(blob.as_uuid())])).map_err(failure::<D>)?;
        let freed = self.all(sql, vec![blobs], |row| {
            let mut fields = Fields::of(row);
            Ok([Some(fields.get()?), fields.get()?, fields.get()?])
        });
        let objects: Vec<_> = freed.await?.into_iter().flatten().flatten().collect();
        if objects.is_empty() {
            return Ok(());
        }
        let sql = format!(
            "INSERT INTO freed_object (id) SELECT {id} FROM {each}",
            id = D::id("j.value ->> 0"),
            each = D::each(1),
        );
        let objects = rows(objects.into_iter().map(|object| [Digits(object)])).map_err(failure::<D>)?;
        self.run(sql, vec![objects]).await.map(drop)
    }
}
