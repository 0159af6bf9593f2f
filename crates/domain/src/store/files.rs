use async_trait::async_trait;

use super::Result;
use crate::{
    Blob, ContentHash, ConversationId, File, FileId, FileInUse, KnownObject, ObjectId, Timestamp, UserId,
};
#[cfg(doc)]
use crate::{StoreError, UniqueKey};

/// What is known of the files that people uploaded. Their bytes are in the
/// [`FileStore`](crate::FileStore).
#[async_trait]
pub trait FileRepository: Send + Sync {
    /// A file.
    async fn file(&self, id: FileId) -> Result<Option<File>>;

    /// Whether a message with this file is in sight of the reader: in a conversation that they are in,
    /// above what is hidden from them there.
    async fn is_file_in_sight(&self, id: FileId, reader: UserId) -> Result<bool>;

    /// Some of the files that somebody uploaded, in the order of their ids, those after this one; at
    /// most so many.
    async fn files_of(&self, owner: UserId, after: Option<FileId>, limit: u32) -> Result<Vec<File>>;

    /// How many bytes the files have that somebody uploaded. Each counts for itself, also when the
    /// same bytes are kept once.
    async fn file_usage(&self, owner: UserId) -> Result<u64>;

    /// The bytes with this hash that are not lost, which nobody lets go of until the commit.
    async fn lock_blob(&mut self, hash: &ContentHash) -> Result<Option<Blob>>;

    /// Notes bytes that the file store has. MUST answer [`StoreError::Conflict`] with
    /// [`UniqueKey::Other`] when there are some with this hash that are not lost. Lost ones are replaced:
    /// all files that had those have these, and the objects of those are noted for
    /// [`FileRepository::freed_objects`].
    async fn insert_blob(&mut self, blob: &Blob, at: Timestamp) -> Result<()>;

    /// Notes that bytes are lost since this moment, or that they are not.
    async fn lose_blob(&mut self, blob: ObjectId, since: Option<Timestamp>) -> Result<()>;

    /// Adds a file, which nothing uses yet. Its bytes MUST have been noted.
    async fn insert_file(&mut self, file: &File) -> Result<()>;

    /// Those of these files that there are, in no particular order. None of them goes until the commit.
    async fn lock_files(&mut self, ids: &[FileId]) -> Result<Vec<File>>;

    /// Notes that messages have these files: conversation, the message's place, and the files in
    /// their order.
    async fn attach(&mut self, attachments: &[(ConversationId, u64, Vec<FileId>)]) -> Result<()>;

    /// Takes the files from the message at this place. Those that nothing uses any more are unused
    /// from this moment on.
    async fn detach(&mut self, conversation: ConversationId, seq: u64, at: Timestamp) -> Result<()>;

    /// Lets go of files that nothing has used since this moment or longer, at most so many, and of the
    /// bytes that no file has any more, whose objects are noted for
    /// [`FileRepository::freed_objects`]; how many files. MUST NOT let go of one that a message has
    /// got meanwhile.
    async fn free_files(&mut self, unused_since: Timestamp, limit: u32) -> Result<u64>;

    /// Some of what the file store should have, in the order of [`KnownObject::key`], that after this one;
    /// at most so much.
    async fn known_objects(&self, after: Option<ObjectId>, limit: u32) -> Result<Vec<KnownObject>>;

    /// The files that have these bytes.
    async fn files_with(&self, blob: ObjectId) -> Result<Vec<FileInUse>>;

    /// Objects whose bytes the file store is to let go of.
    async fn freed_objects(&self, limit: u32) -> Result<Vec<ObjectId>>;

    /// The file store has let go of these.
    async fn forget_objects(&mut self, ids: &[ObjectId]) -> Result<()>;
}
