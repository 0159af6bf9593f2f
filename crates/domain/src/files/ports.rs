use std::ops::Range;

use async_trait::async_trait;
use thiserror::Error;

use crate::{ContentHash, FileName, MediaType, ObjectId, Pixels, Timestamp};

/// Why the file store could not do it.
#[derive(Debug, Error)]
pub enum FileFailure {
    /// The disk is full.
    #[error("the file storage is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The bytes are not there.
    #[error("the bytes of the file are missing")]
    Missing,
    /// Too many pictures are being looked at; try again shortly.
    #[error("too many files are being looked at")]
    Busy,
    /// Where the bytes are cannot be reached; try again later.
    #[error("the file storage cannot be reached")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else.
    #[error("the file storage failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What is wrong with a file that was received.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum FileRefusal {
    /// Files of this type are not received here.
    #[error("files of the type {0} are not received here")]
    Type(String),
    /// It says that it is a picture, and is not whole, or not well formed.
    #[error("the picture is damaged; save it anew and try again")]
    Damaged,
    /// It would take too much memory to look at.
    #[error("the picture is too large; it may have 40 million pixels and 12,000 on each side")]
    TooManyPixels,
    /// It took too long.
    #[error("the picture takes too long to read; save it anew and try again")]
    TooSlow,
}

/// What a received file is. When it is a picture, what is kept is not what was received: it is
/// upright, and has nothing in it but what it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// What it is, by its bytes.
    pub media_type: MediaType,
    /// The hash of what is kept.
    pub hash: ContentHash,
    /// How many bytes are kept.
    pub bytes: u64,
    /// How large the picture is.
    pub pixels: Option<Pixels>,
    /// What is shown of it until it has come: a `ThumbHash`.
    pub placeholder: Option<Vec<u8>>,
    /// How many bytes its small versions have, the small one first.
    pub thumbnails: Option<[u64; 2]>,
}

/// Where the bytes of files are kept, apart from the database.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Which files are received: those whose names end in one of these, such as `png`, in small letters.
    fn endings(&self) -> Vec<String>;

    /// Begins to receive a file. MUST leave nothing behind when what it answers is dropped, or at the
    /// latest when the program starts the next time.
    async fn receive(&self) -> Result<Box<dyn Receiving>, FileFailure>;

    /// Reads some of an object's bytes; whoever asks knows how many there are.
    async fn read(&self, object: ObjectId, range: Range<u64>) -> Result<Box<dyn FileBytes>, FileFailure>;

    /// How many bytes an object has.
    async fn size(&self, object: ObjectId) -> Result<u64, FileFailure>;

    /// Lists all objects there are. Of those that come or go meanwhile each may be in it or not.
    async fn list(&self) -> Result<Box<dyn Listing>, FileFailure>;

    /// Lets go of an object. An unknown one does no harm.
    async fn delete(&self, object: ObjectId) -> Result<(), FileFailure>;

    /// How many bytes are free on the disk of this machine that what comes in goes to; `None` where nobody knows.
    async fn free_bytes(&self) -> Result<Option<u64>, FileFailure>;
}

/// A file that is being received.
#[async_trait]
pub trait Receiving: Send {
    /// Adds the next bytes.
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileFailure>;

    /// Looks at all that came. What is a picture is read within limits, turned upright, freed of all
    /// else that was in the file, and made small in two sizes; MUST answer [`FileFailure::Busy`] rather
    /// than queue without a bound. `name` and `declared`, the type that the sender says, have to agree
    /// with the bytes: otherwise the file is of a type that is only saved.
    async fn inspect(
        &mut self,
        name: &FileName,
        declared: Option<&str>,
    ) -> Result<Result<Inspected, FileRefusal>, FileFailure>;

    /// Keeps what came, looked at or not, under these names: the bytes, and the small versions where there are
    /// some. MUST be durable when it answers.
    async fn keep(
        self: Box<Self>,
        object: ObjectId,
        thumbnails: Option<[ObjectId; 2]>,
    ) -> Result<(), FileFailure>;
}

/// An object's bytes, bit by bit.
#[async_trait]
pub trait FileBytes: Send {
    /// The next bytes, some 256 KiB at most; `None` when all came. MUST fail when the object has
    /// fewer bytes than were asked for.
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileFailure>;
}

/// An object in the file store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name.
    pub object: ObjectId,
    /// How many bytes it has.
    pub bytes: u64,
    /// Since when it is there.
    pub kept_at: Timestamp,
}

/// The objects of a file store, page by page.
#[async_trait]
pub trait Listing: Send {
    /// Some more, or none although there are more; `None` when all were told.
    async fn next(&mut self) -> Result<Option<Vec<StoredObject>>, FileFailure>;
}
