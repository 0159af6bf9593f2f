//! Uploads that go on after they broke off: their bytes come in parts, and each part that came is kept.

use std::sync::Arc;
use std::time::Duration;

use super::under_way::is_to_look_again;
use super::{File, FileError, FileFailure, FileName, FileRefusal, Files, MediaFacts, Receiving};
use crate::{Actor, Denied, FileId, ObjectId, StoreError, Timestamp, UploadId, UserId};

/// How long an upload waits for its next byte, and answers once all came.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// The most unfinished uploads of one person.
const MOST: u64 = 20;

/// The most parts of one upload. Each is an object of its own until all came.
const MOST_PARTS: u64 = 1_000;

/// A file of which the bytes come one after another, over any number of connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumableUpload {
    /// Its id.
    pub id: UploadId,
    /// Who uploads it.
    pub owner: UserId,
    /// What they call it.
    pub name: FileName,
    /// The type that they say.
    pub declared: Option<String>,
    /// What they tell of the film or the sound that it is.
    pub media: MediaFacts,
    /// All that they said of it, as they said it.
    pub metadata: String,
    /// How many bytes it will have.
    pub length: u64,
    /// How many came.
    pub offset: u64,
    /// In how many parts.
    pub parts: u64,
    /// When it was announced.
    pub created_at: Timestamp,
    /// When it is let go of, unless more comes.
    pub expires_at: Timestamp,
    /// The file that it became.
    pub file: Option<FileId>,
}

impl ResumableUpload {
    /// Whether all bytes came.
    pub fn is_whole(&self) -> bool {
        self.offset == self.length
    }
}

/// Some bytes of an upload, which the file store has until the upload is finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadPart {
    /// Under which name the file store has them.
    pub object: ObjectId,
    /// How many there are.
    pub bytes: u64,
}

/// What somebody's unfinished uploads will need.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UnfinishedUploads {
    /// How many there are.
    pub count: u64,
    /// How many bytes they were announced with.
    pub bytes: u64,
}

/// What is done with the bytes that somebody sends.
pub enum Appending<'a> {
    /// They are the next ones.
    Part(PartUpload<'a>),
    /// They came before: this is how far the upload is.
    Whole(ResumableUpload),
}

/// The next bytes of an upload, on their way in. What came is kept by [`PartUpload::keep`] only.
pub struct PartUpload<'a> {
    files: &'a Files,
    upload: ResumableUpload,
    received: u64,
    receiving: Box<dyn Receiving>,
}

impl Files {
    /// Announces a file whose bytes come later. All that can be told by its length is refused now.
    pub async fn announce(
        &self,
        actor: &Actor,
        name: FileName,
        declared: Option<String>,
        media: MediaFacts,
        metadata: String,
        length: u64,
    ) -> Result<ResumableUpload, FileError> {
        if length == 0 {
            return Err(FileError::Empty);
        }
        self.check_type(&name)?;
        // Of what no file may have, nobody has to know whether there is room for it.
        if length > self.policy.max_bytes {
            return Err(FileError::TooLarge(self.policy.max_bytes));
        }
        self.check_room(length).await?;
        let now = self.clock.now();
        let upload = ResumableUpload {
            id: UploadId::from_uuid(self.ids.next_id()),
            owner: actor.user,
            name,
            declared,
            media,
            metadata,
            length,
            offset: 0,
            parts: 0,
            created_at: now,
            expires_at: now.plus(KEPT_FOR),
            file: None,
        };
        let mut work = self.store.begin().await?;
        // What somebody announces or uploads at the same time is counted, too.
        work.lock_user(actor.user).await?;
        let unfinished = work.unfinished_uploads(actor.user).await?;
        let coming = unfinished.bytes.saturating_add(self.under_way.of(actor.user));
        let used = work.file_usage(actor.user).await?.saturating_add(coming);
        self.check_size(length, self.policy.quota_bytes.saturating_sub(used))?;
        if unfinished.count >= MOST {
            return Err(FileError::TooManyUploads(MOST));
        }
        work.insert_upload(&upload).await?;
        work.commit().await?;
        Ok(upload)
    }

    /// How far an upload is, for the one whose it is.
    pub async fn resumable(&self, actor: &Actor, id: UploadId) -> Result<ResumableUpload, FileError> {
        let upload = self.store.upload(id).await?.ok_or(Denied::NotFound)?;
        if upload.owner != actor.user || upload.expires_at <= self.clock.now() {
            return Err(Denied::NotFound.into());
        }
        Ok(upload)
    }

    /// Begins to receive the bytes from this one on; so many, as far as the sender says.
    ///
    /// Bytes that end a file and came before are not received again: what was answered may have been
    /// lost.
    pub async fn append(
        &self,
        actor: &Actor,
        id: UploadId,
        offset: u64,
        announced: Option<u64>,
    ) -> Result<Appending<'_>, FileError> {
        let upload = self.resumable(actor, id).await?;
        let end = announced.map(|announced| offset.saturating_add(announced));
        if end.is_some_and(|end| end > upload.length) {
            return Err(FileError::BeyondEnd(upload.length));
        }
        if upload.is_whole() && (offset == upload.length || end == Some(upload.length)) {
            return Ok(Appending::Whole(upload));
        }
        is_at(&upload, offset)?;
        self.check_room(announced.unwrap_or(1)).await?;
        let receiving = self.objects.receive().await?;
        Ok(Appending::Part(PartUpload { files: self, upload, received: 0, receiving }))
    }

    /// Makes a file of an upload when all its bytes came, and answers it; `None` while some are missing.
    ///
    /// What cannot be a file, or not any more, ends the upload. After anything else that goes wrong it is as
    /// it was, and whoever asks again may get the file: a picture that took too long, say, while there was
    /// much else to do.
    pub async fn complete(
        self: &Arc<Self>,
        actor: &Actor,
        upload: &ResumableUpload,
    ) -> Result<Option<File>, FileError> {
        if !upload.is_whole() {
            return Ok(None);
        }
        if let Some(file) = upload.file {
            return self.file(actor, file).await.map(Some);
        }
        let failed = match self.assemble(actor, upload).await {
            Ok(file) => return Ok(Some(file)),
            Err(failed) => failed,
        };
        // Another node may have done it meanwhile, and let go of the parts.
        if let Some(ResumableUpload { file: Some(file), .. }) = self.store.upload(upload.id).await?
            && let Some(file) = self.store.file(file).await?
        {
            return Ok(Some(file));
        }
        // It will not be another file the next time, and of a part that is missing nothing comes back.
        match failed {
            FileError::Refused(FileRefusal::TooSlow) => {}
            FileError::Refused(_) | FileError::Failed(FileFailure::Missing) => self.end(upload.id).await?,
            _ => {}
        }
        Err(failed)
    }

    /// Lets go of an upload. A file that it became stays.
    pub async fn cancel(&self, actor: &Actor, id: UploadId) -> Result<(), FileError> {
        let upload = self.resumable(actor, id).await?;
        self.end(upload.id).await
    }

    async fn end(&self, id: UploadId) -> Result<(), FileError> {
        let mut work = self.store.begin().await?;
        work.delete_upload(id).await?;
        work.commit().await?;
        Ok(())
    }

    /// Reads the parts in their order into a file.
    async fn assemble(self: &Arc<Self>, actor: &Actor, upload: &ResumableUpload) -> Result<File, FileError> {
        let mut file = self.begin_whole(actor, upload).await?;
        for part in self.store.upload_parts(upload.id).await? {
            let mut bytes = self.objects.read(part.object, 0..part.bytes).await?;
            while let Some(piece) = bytes.next().await? {
                file.write(&piece).await?;
            }
        }
        file.finish().await
    }

    /// Notes that a part came; how far the upload is with it.
    async fn note_part(
        &self,
        upload: &ResumableUpload,
        part: UploadPart,
    ) -> Result<ResumableUpload, FileError> {
        let mut work = self.store.begin().await?;
        let upload = match work.lock_upload(upload.id).await? {
            Some(found) if found.offset == upload.offset => found,
            Some(found) => return Err(FileError::Offset(found.offset)),
            None => return Err(Denied::NotFound.into()),
        };
        let upload = ResumableUpload {
            offset: upload.offset.saturating_add(part.bytes),
            parts: upload.parts + 1,
            expires_at: self.clock.now().plus(KEPT_FOR),
            ..upload
        };
        work.add_upload_part(&upload, part).await?;
        work.commit().await?;
        Ok(upload)
    }
}

impl PartUpload<'_> {
    /// Takes the next bytes, as long as there is room for them beside what others upload meanwhile.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        let more = bytes.len() as u64;
        let received = self.received.saturating_add(more);
        if received > self.upload.length.saturating_sub(self.upload.offset) {
            return Err(FileError::BeyondEnd(self.upload.length));
        }
        self.received = received;
        if is_to_look_again(received, more) {
            self.files.check_room(more).await?;
        }
        Ok(self.receiving.write(bytes).await?)
    }

    /// Keeps what came, which need not be all that was to come; how far the upload is with it.
    pub async fn keep(self) -> Result<ResumableUpload, FileError> {
        let Self { files, upload, received, receiving } = self;
        if received == 0 {
            return Ok(upload);
        }
        let part = UploadPart { object: ObjectId::from_uuid(files.ids.next_id()), bytes: received };
        receiving.keep(part.object, None).await?;
        let noted = files.note_part(&upload, part).await;
        // After an error of the store nobody knows whether it was noted. Then it stays, which does no harm
        // but for its room.
        let is_refused = matches!(
            noted,
            Err(FileError::Offset(_) | FileError::Denied(_) | FileError::Store(StoreError::ReadOnly(_)))
        );
        if is_refused {
            _ = files.objects.delete(part.object).await;
        }
        noted
    }
}

/// Whether the next bytes of an upload begin here, and it may have one more part.
fn is_at(upload: &ResumableUpload, offset: u64) -> Result<(), FileError> {
    if offset != upload.offset {
        return Err(FileError::Offset(upload.offset));
    }
    if upload.parts >= MOST_PARTS {
        return Err(FileError::TooManyParts(MOST_PARTS));
    }
    Ok(())
}
