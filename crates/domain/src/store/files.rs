use async_trait::async_trait;

use super::Result;
use crate::{
    Blob, ContentHash, ConversationId, File, FileFigures, FileId, FileInUse, FileKind, FileOrder, FileUse,
    GroupStorage, KnownObject, ObjectId, Page, PageSize, PostedFile, Timestamp, UserId, UserStorage,
};
#[cfg(doc)]
use crate::{StoreError, UniqueKey};

/// What is known of the files that people uploaded. Their bytes are in the
/// [`FileStore`](crate::FileStore).
#[async_trait]
pub trait FileRepository: Send + Sync {
    /// A file, unless its removal was ordered.
    async fn file(&self, id: FileId) -> Result<Option<File>>;

    /// Whether a message with this file is in sight of the reader: in a conversation that they are in,
    /// above what is hidden from them there.
    async fn is_file_in_sight(&self, id: FileId, reader: UserId) -> Result<bool>;

    /// The files of a conversation's messages that are in sight of the reader, all or those of one kind,
    /// those of the newest message first. `before` is opaque, made by the store.
    async fn posted_files(
        &self,
        conversation: ConversationId,
        reader: UserId,
        kind: Option<FileKind>,
        before: Option<&str>,
        size: PageSize,
    ) -> Result<Page<PostedFile>>;

    /// The files that somebody uploaded and whose removal was not ordered. `after` is opaque, made by the
    /// store.
    async fn own_files(
        &self,
        owner: UserId,
        order: FileOrder,
        after: Option<&str>,
        size: PageSize,
    ) -> Result<Page<File>>;

    /// Where these files are used: in messages that are in sight of the reader, by conversation; and how
    /// many messages there are beside those, of the files that have some.
    async fn file_uses(&self, reader: UserId, files: &[FileId])
    -> Result<(Vec<FileUse>, Vec<(FileId, u64)>)>;

    /// Some of the files that somebody uploaded, in the order of their ids, those after this one; at
    /// most so many.
    async fn files_of(&self, owner: UserId, after: Option<FileId>, limit: u32) -> Result<Vec<File>>;

    /// How many bytes the files have that somebody uploaded, with those of their posters. Each counts
    /// for itself, also when the same bytes are kept once.
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

    /// Gives a file that is locked a poster whose bytes were noted; whether it did: not when a message
    /// has the file. Lets go of the bytes of the one before like [`FileRepository::free_files`].
    async fn set_poster(&mut self, file: FileId, poster: ObjectId) -> Result<bool>;

    /// Those of these files that there are and whose removal was not ordered, in no particular order.
    /// None of them goes until the commit.
    async fn lock_files(&mut self, ids: &[FileId]) -> Result<Vec<File>>;

    /// Notes that messages have these files: conversation, the message's place, and the files in
    /// their order.
    async fn attach(&mut self, attachments: &[(ConversationId, u64, Vec<FileId>)]) -> Result<()>;

    /// Takes the files from the message at this place. Those that nothing uses any more are unused
    /// from this moment on.
    async fn detach(&mut self, conversation: ConversationId, seq: u64, at: Timestamp) -> Result<()>;

    /// Notes that a file is to be removed: from the commit on nobody sees it or sends it.
    async fn order_file_removal(&mut self, id: FileId, at: Timestamp) -> Result<()>;

    /// Files whose removal was ordered and is not done, at most so many, the first ordered first.
    async fn file_removals(&self, limit: u32) -> Result<Vec<FileId>>;

    /// Some of the messages that have a file, by conversation and place, in this order.
    async fn messages_with_file(&self, id: FileId, limit: u32) -> Result<Vec<(ConversationId, u64)>>;

    /// Takes files from messages of a conversation, each named by the message's place. Those that nothing
    /// uses any more are unused from this moment on.
    async fn detach_files(
        &mut self,
        conversation: ConversationId,
        taken: &[(u64, FileId)],
        at: Timestamp,
    ) -> Result<()>;

    /// Lets go of a file whose removal was ordered, and of its bytes as [`FileRepository::free_files`]
    /// does. MUST NOT let go of one that a message has.
    async fn free_removed_file(&mut self, id: FileId) -> Result<()>;

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

    /// How much room files take.
    async fn file_figures(&self) -> Result<FileFigures>;

    /// Who uploaded how much, those with the most bytes first; people without files are left out.
    /// `after` is opaque, made by the store.
    async fn storage_by_user(&self, after: Option<&str>, size: PageSize) -> Result<Page<UserStorage>>;

    /// How much the messages of each group have, those with the most bytes first; deleted groups and
    /// those without files are left out. `after` is opaque, made by the store.
    async fn storage_by_group(&self, after: Option<&str>, size: PageSize) -> Result<Page<GroupStorage>>;

    /// Objects whose bytes the file store is to let go of, in the order of their ids, those after this one;
    /// at most so many.
    async fn freed_objects(&self, after: Option<ObjectId>, limit: u32) -> Result<Vec<ObjectId>>;

    /// The file store has let go of these.
    async fn forget_objects(&mut self, ids: &[ObjectId]) -> Result<()>;
}
