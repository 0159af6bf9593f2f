//! Files that people share: received and looked at, shown to those who may see them, and freed.

mod figures;
mod freeing;
mod listing;
mod media;
mod media_type;
mod mending;
mod ports;
mod posters;
mod receiving;
mod removing;
mod showing;
mod under_way;
mod uploads;
mod verifying;

use std::fmt;
use std::sync::Arc;

use thiserror::Error;

pub use figures::{FileFigures, GroupStorage, UserStorage};
pub use listing::{FileOrder, FileUse, OwnFile, PostedFile};
pub use media::{InvalidClaim, MediaClaims, MediaFacts};
pub use media_type::{FileKind, MediaType};
pub use ports::{
    FileBytes, FileFailure, FileRefusal, FileStore, Inspected, Listing, Receiving, StoredObject,
};
pub use receiving::Upload;
pub(crate) use removing::{remove_slice, take_files};
use under_way::UnderWay;
pub use uploads::{Appending, PartUpload, ResumableUpload, UnfinishedUploads, UploadPart};
pub use verifying::{Defect, FileInUse, Finding, KnownObject, Verified};

pub use crate::text::FileName;
use crate::{Clock, Denied, FileId, IdSource, ObjectId, Store, StoreError, Timestamp, UserId};

/// A file that somebody uploaded. It never changes, but that a film may get a poster before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its id.
    pub id: FileId,
    /// Who uploaded it.
    pub owner: UserId,
    /// What they call it.
    pub name: FileName,
    /// What it is, by its bytes.
    pub media_type: MediaType,
    /// Its bytes, which other files may have too.
    pub blob: Blob,
    /// What its sender tells of the film or the sound that it is.
    pub media: MediaFacts,
    /// What is shown in its place until it is played: a picture, which other films may have too.
    pub poster: Option<Box<Blob>>,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

/// Bytes that are kept once, however many files have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Under which name the file store has them.
    pub object: ObjectId,
    /// Their hash.
    pub hash: ContentHash,
    /// How many there are.
    pub bytes: u64,
    /// How large the picture is that they are.
    pub pixels: Option<Pixels>,
    /// What is shown of the picture until it has come: a `ThumbHash`.
    pub placeholder: Option<Vec<u8>>,
    /// The small versions of the picture.
    pub thumbnails: Option<Thumbnails>,
}

/// The SHA-256 of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// How large a picture is, upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pixels {
    /// From left to right.
    pub width: u32,
    /// From top to bottom.
    pub height: u32,
}

/// Under which names the file store has the small versions of a picture, as WebP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thumbnails {
    /// In [`ThumbnailSize::Small`].
    pub small: Thumbnail,
    /// In [`ThumbnailSize::Large`].
    pub large: Thumbnail,
}

/// A small version of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thumbnail {
    /// Under which name the file store has it.
    pub object: ObjectId,
    /// How many bytes it has.
    pub bytes: u64,
}

/// In which size a small version is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ThumbnailSize {
    /// At most 480 pixels on the longer side, for the conversation.
    Small,
    /// At most 1,600 pixels on the longer side, for a whole screen.
    Large,
}

impl ThumbnailSize {
    /// The most pixels of the longer side. A picture that is smaller stays as small.
    pub const fn pixels(self) -> u32 {
        match self {
            Self::Small => 480,
            Self::Large => 1_600,
        }
    }
}

/// How much may be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilesPolicy {
    /// The most bytes of one file.
    pub max_bytes: u64,
    /// The most bytes of all files of one person.
    pub quota_bytes: u64,
    /// How many bytes stay free on the disk: beyond that nothing is received.
    pub min_free_bytes: u64,
}

impl File {
    /// The most files of one message.
    pub const MOST: usize = 10;

    /// How many bytes count for its owner: its own, and those of its poster.
    pub fn counted_bytes(&self) -> u64 {
        self.blob.bytes + self.poster.as_ref().map_or(0, |poster| poster.bytes)
    }

    /// The bytes whose small versions and whose placeholder are shown of it: those of a film's poster,
    /// and of anything else its own.
    pub fn face(&self) -> &Blob {
        self.poster.as_deref().unwrap_or(&self.blob)
    }

    /// How large what it shows is: found by the server in a picture, told by the sender of a film.
    pub fn pixels(&self) -> Option<Pixels> {
        self.blob.pixels.or(self.media.pixels).or(self.face().pixels)
    }
}

/// Why a file was not received or is not shown.
#[derive(Debug, Error)]
pub enum FileError {
    /// It has more bytes than a file may have.
    #[error("the file is larger than {0} bytes, which is the most here")]
    TooLarge(u64),
    /// With it the files of this person would have more bytes than they may.
    #[error("your files would have more than {quota} bytes; {left} are left")]
    Quota {
        /// How many bytes all files of one person may have.
        quota: u64,
        /// How many more may be uploaded.
        left: u64,
    },
    /// The disk is nearly full; what is left is for the chat.
    #[error("there is no room for files at the moment")]
    NoRoom,
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It ended before all the bytes came that were announced.
    #[error("the file is not whole; send it again")]
    Incomplete,
    /// What it is, is not received here.
    #[error(transparent)]
    Refused(#[from] FileRefusal),
    /// So many uploads of this person are not finished, which is the most.
    #[error("you have {0} unfinished uploads; finish or cancel one of them first")]
    TooManyUploads(u64),
    /// The upload came in so many parts, which is the most.
    #[error("the upload came in {0} parts; begin it anew, and send more bytes at a time")]
    TooManyParts(u64),
    /// The next byte of the upload is this one.
    #[error("the next byte of the upload is number {0}; go on from there")]
    Offset(u64),
    /// More bytes than the so many that were announced.
    #[error("the upload was announced with {0} bytes; send no more than that")]
    BeyondEnd(u64),
    /// A poster was handed in for what is no film.
    #[error("only a video has a poster")]
    NoVideo,
    /// What can be done only with a file that no message has.
    #[error("a message has this file already; it stays as it is")]
    Sent,
    /// Not theirs to see.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The file store could not do it.
    #[error(transparent)]
    Failed(#[from] FileFailure),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Receiving files, showing them, and letting go of those that nothing uses.
pub struct Files {
    store: Arc<dyn Store>,
    objects: Arc<dyn FileStore>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    policy: FilesPolicy,
    under_way: UnderWay,
}

impl Files {
    /// Files whose bytes are in `objects`, known by `store`.
    pub fn new(
        store: Arc<dyn Store>,
        objects: Arc<dyn FileStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
        policy: FilesPolicy,
    ) -> Self {
        Self { store, objects, clock, ids, policy, under_way: UnderWay::default() }
    }

    /// Which files are received: those whose names end in one of these, such as `png`.
    pub fn endings(&self) -> Vec<String> {
        self.objects.endings()
    }

    /// How much may be uploaded.
    pub fn policy(&self) -> &FilesPolicy {
        &self.policy
    }
}
