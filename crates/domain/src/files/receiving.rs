use super::{Blob, File, FileError, FileName, Files, Inspected, Receiving, Thumbnail, Thumbnails};
use crate::{Actor, FileId, ObjectId, StoreError};

/// A file on its way in. Dropping it leaves nothing behind.
pub struct Upload<'a> {
    files: &'a Files,
    actor: Actor,
    name: FileName,
    declared: Option<String>,
    announced: Option<u64>,
    received: u64,
    left: u64,
    receiving: Box<dyn Receiving>,
}

impl Files {
    /// Begins to receive a file. What is known to be too much is refused before a byte is taken.
    pub async fn begin(
        &self,
        actor: &Actor,
        name: FileName,
        declared: Option<String>,
        announced: Option<u64>,
    ) -> Result<Upload<'_>, FileError> {
        let left = self.policy.quota_bytes.saturating_sub(self.store.file_usage(actor.user).await?);
        let coming = announced.unwrap_or(1);
        self.check_size(coming, left)?;
        if let Some(free) = self.objects.free_bytes().await?
            && free < self.policy.min_free_bytes.saturating_add(coming)
        {
            return Err(FileError::NoRoom);
        }
        let receiving = self.objects.receive().await?;
        Ok(Upload { files: self, actor: *actor, name, declared, announced, received: 0, left, receiving })
    }

    fn check_size(&self, bytes: u64, left: u64) -> Result<(), FileError> {
        if bytes > self.policy.max_bytes {
            return Err(FileError::TooLarge(self.policy.max_bytes));
        }
        if bytes > left {
            return Err(FileError::Quota { quota: self.policy.quota_bytes, left });
        }
        Ok(())
    }
}

impl Upload<'_> {
    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.received = self.received.saturating_add(bytes.len() as u64);
        self.files.check_size(self.received, self.left)?;
        Ok(self.receiving.write(bytes).await?)
    }

    /// All bytes came: looks at them, keeps them, and notes the file.
    pub async fn finish(mut self) -> Result<File, FileError> {
        if self.received == 0 {
            return Err(FileError::Empty);
        }
        if self.announced.is_some_and(|announced| announced != self.received) {
            return Err(FileError::Incomplete);
        }
        let inspected = self.receiving.inspect(&self.name, self.declared.as_deref()).await??;
        let blob = self.files.new_blob(&inspected);
        let file = File {
            id: FileId::from_uuid(self.files.ids.next_id()),
            owner: self.actor.user,
            name: self.name,
            media_type: inspected.media_type,
            blob,
            created_at: self.files.clock.now(),
        };
        // Most of what people upload twice is there already: then nothing has to be kept.
        if let Some(file) = self.files.note(&file, None).await? {
            return Ok(file);
        }
        let blob = &file.blob;
        let thumbnails = blob.thumbnails.map(|made| [made.small.object, made.large.object]);
        self.receiving.keep(blob.object, thumbnails).await?;
        let noted = match self.files.note(&file, Some(blob)).await {
            // Somebody has uploaded the same meanwhile.
            Err(FileError::Store(StoreError::Conflict(_))) => self.files.note(&file, None).await,
            noted => noted,
        };
        if !matches!(&noted, Ok(Some(noted)) if noted.blob.object == blob.object) {
            self.files.forget(blob).await;
        }
        noted?.ok_or_else(|| StoreError::Failed("the bytes of a file were not noted".into()).into())
    }
}

impl Files {
    pub(super) fn new_blob(&self, inspected: &Inspected) -> Blob {
        let object = || ObjectId::from_uuid(self.ids.next_id());
        Blob {
            object: object(),
            hash: inspected.hash,
            bytes: inspected.bytes,
            pixels: inspected.pixels,
            placeholder: inspected.placeholder.clone(),
            thumbnails: inspected.thumbnails.map(|[small, large]| Thumbnails {
                small: Thumbnail { object: object(), bytes: small },
                large: Thumbnail { object: object(), bytes: large },
            }),
        }
    }

    /// Notes a file with the bytes that are there already, or with these, which were kept just now;
    /// `None` when there are none.
    async fn note(&self, file: &File, kept: Option<&Blob>) -> Result<Option<File>, FileError> {
        let mut work = self.store.begin().await?;
        // What somebody uploads at the same time is counted, too.
        work.lock_user(file.owner).await?;
        let left = self.policy.quota_bytes.saturating_sub(work.file_usage(file.owner).await?);
        self.check_size(file.blob.bytes, left)?;
        let blob = match (work.lock_blob(&file.blob.hash).await?, kept) {
            (Some(blob), _) => blob,
            (None, Some(kept)) => {
                work.insert_blob(kept, file.created_at).await?;
                kept.clone()
            }
            (None, None) => return Ok(None),
        };
        let file = File { blob, ..file.clone() };
        work.insert_file(&file).await?;
        work.commit().await?;
        Ok(Some(file))
    }

    /// Lets go of what was kept and is not needed. What stays because that fails is an orphan, which
    /// does no harm but for its room.
    pub(super) async fn forget(&self, blob: &Blob) {
        let thumbnails = blob.thumbnails.iter().flat_map(|made| [made.small.object, made.large.object]);
        for object in thumbnails.chain([blob.object]) {
            _ = self.objects.delete(object).await;
        }
    }
}
