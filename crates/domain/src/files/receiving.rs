use std::sync::Arc;

use super::under_way::{Arrived, is_to_look_again};
use super::{
    Blob, File, FileError, FileName, FileRefusal, Files, Inspected, MediaFacts, Receiving, ResumableUpload,
    Thumbnail, Thumbnails,
};
use crate::{Actor, Denied, FileId, ObjectId, StoreError, Timestamp, UnitOfWork, UploadId, UserId};

/// A file on its way in. Dropping it leaves nothing behind.
pub struct Upload {
    files: Arc<Files>,
    actor: Actor,
    name: FileName,
    declared: Option<String>,
    announced: Option<u64>,
    media: MediaFacts,
    received: u64,
    /// How many bytes more its owner may have in all, when one looked last.
    left: u64,
    /// Its bytes as they are counted. Those of an upload that was announced are counted already.
    arrived: Option<Arrived>,
    /// Of which upload the bytes are, when they came before in parts.
    resumed: Option<UploadId>,
    receiving: Box<dyn Receiving>,
}

impl Files {
    /// Begins to receive a file. What is known to be too much is refused before a byte is taken.
    pub async fn begin(
        self: &Arc<Self>,
        actor: &Actor,
        name: FileName,
        declared: Option<String>,
        announced: Option<u64>,
    ) -> Result<Upload, FileError> {
        self.check_type(&name)?;
        let left = self.left(actor.user, 0).await?;
        let coming = announced.unwrap_or(1);
        self.check_size(coming, left.saturating_sub(self.under_way.of(actor.user)))?;
        self.check_room(coming).await?;
        let receiving = self.objects.receive().await?;
        let media = MediaFacts::default();
        Ok(Upload {
            files: Arc::clone(self),
            actor: *actor,
            name,
            declared,
            announced,
            media,
            received: 0,
            left,
            arrived: Some(self.under_way.begin(actor.user)),
            resumed: None,
            receiving,
        })
    }

    /// Begins to receive a file whose bytes came before, in parts.
    pub(super) async fn begin_whole(
        self: &Arc<Self>,
        actor: &Actor,
        upload: &ResumableUpload,
    ) -> Result<Upload, FileError> {
        let left = self.left(actor.user, upload.length).await?;
        self.check_size(upload.length, left)?;
        self.check_room(upload.length).await?;
        Ok(Upload {
            files: Arc::clone(self),
            actor: *actor,
            name: upload.name.clone(),
            declared: upload.declared.clone(),
            announced: Some(upload.length),
            media: upload.media.clone(),
            received: 0,
            left,
            arrived: None,
            resumed: Some(upload.id),
            receiving: self.objects.receive().await?,
        })
    }

    /// How many bytes more somebody may upload, when what they announced comes, too, but for so many of it.
    async fn left(&self, owner: UserId, but: u64) -> Result<u64, FileError> {
        let announced = self.store.unfinished_uploads(owner).await?.bytes.saturating_sub(but);
        let used = self.store.file_usage(owner).await?.saturating_add(announced);
        Ok(self.policy.quota_bytes.saturating_sub(used))
    }

    /// Whether files with such a name are received. What is in them is looked at once they came.
    pub(super) fn check_type(&self, name: &FileName) -> Result<(), FileError> {
        let ending = name.ending();
        if self.endings().contains(&ending) {
            return Ok(());
        }
        let shown = if ending.is_empty() { "unknown".into() } else { ending };
        Err(FileRefusal::Type(shown).into())
    }

    /// Whether the disk takes so many bytes more.
    pub(super) async fn check_room(&self, coming: u64) -> Result<(), FileError> {
        match self.objects.free_bytes().await? {
            Some(free) if free < self.policy.min_free_bytes.saturating_add(coming) => Err(FileError::NoRoom),
            _ => Ok(()),
        }
    }

    pub(super) fn check_size(&self, bytes: u64, left: u64) -> Result<(), FileError> {
        if bytes > self.policy.max_bytes {
            return Err(FileError::TooLarge(self.policy.max_bytes));
        }
        if bytes > left {
            return Err(FileError::Quota { quota: self.policy.quota_bytes, left });
        }
        Ok(())
    }
}

impl Upload {
    /// The same with what the sender tells of the film or the sound that it is.
    #[must_use]
    pub fn told(self, media: MediaFacts) -> Self {
        Self { media, ..self }
    }

    /// Takes the next bytes, as long as there is room for them beside what others upload meanwhile.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let more = bytes.len() as u64;
        self.received = self.received.saturating_add(more);
        if is_to_look_again(self.received, more) {
            let own = self.announced.filter(|_| self.resumed.is_some());
            self.left = self.files.left(self.actor.user, own.unwrap_or(0)).await?;
            self.files.check_room(more).await?;
        }
        let room = match &mut self.arrived {
            Some(arrived) => arrived.add(more, self.left),
            None => self.left,
        };
        self.files.check_size(self.received, room)?;
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
            media: self.media.of(inspected.media_type.kind()),
            media_type: inspected.media_type,
            blob,
            poster: None,
            created_at: self.files.clock.now(),
        };
        // Most of what people upload twice is there already: then nothing has to be kept.
        if let Some(file) = self.files.note(&file, false, self.resumed).await? {
            return Ok(file);
        }
        let blob = &file.blob;
        let thumbnails = blob.thumbnails.map(|made| [made.small.object, made.large.object]);
        self.receiving.keep(blob.object, thumbnails).await?;
        // From here on its row counts.
        drop(self.arrived.take());
        let noted = match self.files.note(&file, true, self.resumed).await {
            // Somebody has uploaded the same meanwhile.
            Err(FileError::Store(StoreError::Conflict(_))) => {
                self.files.note(&file, false, self.resumed).await
            }
            noted => noted,
        };
        let is_used = matches!(&noted, Ok(Some(noted)) if noted.blob.object == blob.object);
        if !is_used && !may_be_noted(&noted) {
            self.files.forget(blob).await;
        }
        noted?.ok_or_else(|| StoreError::Failed("the bytes of a file were not noted".into()).into())
    }
}

/// Whether it may have been noted although an error says that nobody knows: then the bytes stay, or the
/// database would tell of what is not there. What stays in vain is an orphan.
pub(super) fn may_be_noted<T>(noted: &Result<T, FileError>) -> bool {
    matches!(noted, Err(FileError::Store(StoreError::Unavailable(_) | StoreError::Failed(_))))
}

/// The bytes that are noted with the hash of these, or these when they were kept just now; `None` when they
/// have to be kept before.
pub(super) async fn note_blob(
    work: &mut dyn UnitOfWork,
    blob: &Blob,
    is_kept: bool,
    now: Timestamp,
) -> Result<Option<Blob>, FileError> {
    let known = work.lock_blob(&blob.hash).await?;
    // A picture that was only saved so far has no small versions. Then it is kept once more, with them, and
    // for all files that have it.
    let lacks = |known: &Blob| known.thumbnails.is_none() && blob.thumbnails.is_some();
    match known {
        Some(known) if !lacks(&known) => return Ok(Some(known)),
        _ if !is_kept => return Ok(None),
        Some(known) => work.lose_blob(known.object, Some(now)).await?,
        None => {}
    }
    work.insert_blob(blob, now).await?;
    Ok(Some(blob.clone()))
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

    /// Notes a file with the bytes that are there already, or with its own when they were kept just now;
    /// `None` when they have to be kept before. The upload that they came with ends; when it became a file before,
    /// that one is answered.
    async fn note(
        &self,
        file: &File,
        is_kept: bool,
        resumed: Option<UploadId>,
    ) -> Result<Option<File>, FileError> {
        let mut work = self.store.begin().await?;
        // What somebody uploads at the same time is counted, too.
        work.lock_user(file.owner).await?;
        if let Some(id) = resumed {
            let upload = work.lock_upload(id).await?.ok_or(Denied::NotFound)?;
            if let Some(known) = upload.file {
                return work.file(known).await?.map(Some).ok_or_else(|| Denied::NotFound.into());
            }
            work.finish_upload(id, file.id).await?;
        }
        let announced = work.unfinished_uploads(file.owner).await?.bytes;
        let used = work.file_usage(file.owner).await?.saturating_add(announced);
        self.check_size(file.blob.bytes, self.policy.quota_bytes.saturating_sub(used))?;
        let Some(blob) = note_blob(&mut *work, &file.blob, is_kept, file.created_at).await? else {
            return Ok(None);
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
