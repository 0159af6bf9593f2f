//! What the file store should have, and what becomes of bytes that it does not have.

use std::collections::HashMap;

use parlor_domain::{Blob, ConversationId, FileId, FileInUse, KnownObject, ObjectId, Timestamp, Username};
use uuid::Uuid;

use super::reading::{blob, file, read_blob, read_file};
use crate::fields::Fields;
use crate::sql::Result;
use crate::{Connection, Dialect, Sql};

impl<C: Connection, D: Dialect> Sql<C, D> {
    /// Everything that names an object is asked here, so that nothing else is an orphan.
    pub(super) async fn read_known_objects(
        &self,
        after: Option<ObjectId>,
        limit: u32,
    ) -> Result<Vec<KnownObject>> {
        let sql = format!(
            "SELECT b.id AS id, {blob} AS blob, b.lost_since AS lost_since, false AS part
            FROM blob AS b WHERE b.id > $1
            UNION ALL
            SELECT f.id, CAST(NULL AS text), CAST(NULL AS bigint), false FROM freed_object AS f WHERE f.id > $1
            UNION ALL
            SELECT p.object_id, CAST(NULL AS text), CAST(NULL AS bigint), true
            FROM upload_part AS p WHERE p.object_id > $1
            ORDER BY id LIMIT $2",
            blob = blob::<D>("b"),
        );
        let after = after.map_or(Uuid::nil(), ObjectId::as_uuid);
        let read = |row: &_| {
            let mut fields = Fields::of(row);
            let object = fields.id(ObjectId::from_uuid)?;
            let (blob, lost): (Option<String>, Option<i64>) = (fields.get()?, fields.get()?);
            Ok(match (blob, fields.get()?) {
                (Some(blob), _) => KnownObject::Blob { blob: read_blob(&blob)?, lost: lost.is_some() },
                (None, true) => KnownObject::Part(object),
                (None, false) => KnownObject::Freed(object),
            })
        };
        self.all(sql, vec![after.into(), i64::from(limit).into()], read).await
    }

    pub(super) async fn read_files_with(&self, blob: ObjectId) -> Result<Vec<FileInUse>> {
        let sql = format!(
            r#"SELECT {}, u.username FROM file AS l CROSS JOIN blob AS b CROSS JOIN "user" AS u
            WHERE (l.blob_id = $1 OR l.poster_id = $1) AND b.id = l.blob_id AND u.id = l.owner_id ORDER BY l.id"#,
            file::<D>()
        );
        let read = |row: &_| {
            let mut fields = Fields::of(row);
            let file = read_file(&fields.get::<String>()?)?;
            Ok(FileInUse { file, owner: Username::from_stored(fields.get()?), places: Vec::new() })
        };
        let mut files = self.all(sql, vec![blob.as_uuid().into()], read).await?;
        let sql = "SELECT a.file_id, a.conversation_id, a.seq FROM file AS l CROSS JOIN attachment AS a
            WHERE (l.blob_id = $1 OR l.poster_id = $1) AND a.file_id = l.id ORDER BY a.conversation_id, a.seq";
        let read = |row: &_| {
            let mut fields = Fields::of(row);
            let file = fields.id(FileId::from_uuid)?;
            Ok((file, (fields.id(ConversationId::from_uuid)?, fields.count()?)))
        };
        let mut places: HashMap<FileId, Vec<_>> = HashMap::new();
        for (file, place) in self.all(sql.into(), vec![blob.as_uuid().into()], read).await? {
            places.entry(file).or_default().push(place);
        }
        for found in &mut files {
            found.places = places.remove(&found.file.id).unwrap_or_default();
        }
        Ok(files)
    }

    /// Makes room for bytes of which lost ones have the hash; the lost ones. Their own hash from now on is
    /// what no bytes have: a hash is longer than an id.
    pub(super) async fn make_room_for(&self, blob: &Blob) -> Result<Option<ObjectId>> {
        let sql = "UPDATE blob SET hash = $2 WHERE hash = $1 AND lost_since IS NOT NULL RETURNING id";
        let none = blob.object.as_uuid().as_bytes().to_vec();
        let values = vec![blob.hash.0.to_vec().into(), none.into()];
        self.first(sql.into(), values, |row| Fields::of(row).id(ObjectId::from_uuid)).await
    }

    /// Gives the files of lost bytes these, and lets go of the lost ones.
    pub(super) async fn replace_blob(&self, lost: ObjectId, by: ObjectId) -> Result<()> {
        for sql in [
            "UPDATE file SET blob_id = $2 WHERE blob_id = $1",
            "UPDATE file SET poster_id = $2 WHERE poster_id = $1",
        ] {
            self.run(sql.into(), vec![lost.as_uuid().into(), by.as_uuid().into()]).await?;
        }
        self.free_blobs(&[lost]).await
    }

    pub(super) async fn note_lost(&self, blob: ObjectId, since: Option<Timestamp>) -> Result<()> {
        let since = since.map(Timestamp::as_millis);
        let sql = "UPDATE blob SET lost_since = $2 WHERE id = $1";
        self.run(sql.into(), vec![blob.as_uuid().into(), since.into()]).await.map(drop)
    }
}
