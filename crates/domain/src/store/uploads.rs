use async_trait::async_trait;

use super::Result;
#[cfg(doc)]
use crate::FileRepository;
use crate::{FileId, ResumableUpload, Timestamp, UnfinishedUploads, UploadId, UploadPart, UserId};

/// Uploads of which the bytes come in parts, and the parts that came. Their bytes are in the
/// [`FileStore`](crate::FileStore).
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// An upload, also a finished one.
    async fn upload(&self, id: UploadId) -> Result<Option<ResumableUpload>>;

    /// The parts of an upload that came and was not finished, in their order.
    async fn upload_parts(&self, id: UploadId) -> Result<Vec<UploadPart>>;

    /// How many uploads somebody has announced and not finished.
    async fn unfinished_uploads(&self, owner: UserId) -> Result<UnfinishedUploads>;

    /// An upload, which nobody changes or lets go of until the commit.
    async fn lock_upload(&mut self, id: UploadId) -> Result<Option<ResumableUpload>>;

    /// Adds an upload of which nothing came yet.
    async fn insert_upload(&mut self, upload: &ResumableUpload) -> Result<()>;

    /// Notes a part that came, and how far the upload is with it. It MUST be locked.
    async fn add_upload_part(&mut self, upload: &ResumableUpload, part: UploadPart) -> Result<()>;

    /// Notes which file an upload became, and lets go of its parts, whose objects are noted for
    /// [`FileRepository::freed_objects`]. It MUST be locked.
    async fn finish_upload(&mut self, id: UploadId, file: FileId) -> Result<()>;

    /// Lets go of an upload and its parts, whose objects are noted for
    /// [`FileRepository::freed_objects`]. An unknown one does no harm.
    async fn delete_upload(&mut self, id: UploadId) -> Result<()>;

    /// Lets go of uploads that have expired by this moment, at most so many, and of their parts; how
    /// many uploads. MUST NOT let go of one that is locked.
    async fn free_uploads(&mut self, expired_by: Timestamp, limit: u32) -> Result<u64>;
}
