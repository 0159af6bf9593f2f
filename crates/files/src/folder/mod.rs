//! Files in a folder of the machine.

mod inspecting;
mod place;
mod reading;
mod receiving;

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{FileBytes, FileFailure, FileStore, ObjectId, Receiving};
use tokio::task::spawn_blocking;

use crate::kinds::FileTypes;
use crate::turns::Turns;
use place::Place;
use reading::Pieces;
use receiving::Incoming;

/// Keeps the bytes of files in a folder of the machine, for the program alone.
///
/// An object lies at `xx/…`, where `…` are the 32 hexadecimal digits of its id and `xx` are the last two
/// of them. Nothing of what people call a file comes into a path. What is being received is in the
/// folder `incoming`, which is emptied at every start: two programs must not share a folder.
pub struct Folder {
    shared: Arc<Shared>,
}

/// What those who receive have in common.
struct Shared {
    place: Place,
    types: FileTypes,
    turns: Turns,
}

impl Folder {
    /// Opens a folder that receives files of these types. Makes it where it is not there, removes what
    /// an earlier run left unfinished, and fails when nothing can be written there.
    pub fn open(path: &Path, types: FileTypes) -> io::Result<Self> {
        let place = Place::open(path)?;
        Ok(Self { shared: Arc::new(Shared { place, types, turns: Turns::default() }) })
    }
}

#[async_trait]
impl FileStore for Folder {
    async fn receive(&self) -> Result<Box<dyn Receiving>, FileFailure> {
        let shared = Arc::clone(&self.shared);
        let temporary = blocking(move || shared.place.temporary()).await?;
        Ok(Box::new(Incoming::new(Arc::clone(&self.shared), temporary)))
    }

    async fn read(&self, object: ObjectId, range: Range<u64>) -> Result<Box<dyn FileBytes>, FileFailure> {
        let path = self.shared.place.path(object);
        match blocking_io(move || std::fs::File::open(path)).await? {
            Ok(file) => Ok(Box::new(Pieces::new(file, range))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FileFailure::Missing),
            Err(error) => Err(failure(error)),
        }
    }

    async fn delete(&self, object: ObjectId) -> Result<(), FileFailure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.place.remove(object)).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, FileFailure> {
        let shared = Arc::clone(&self.shared);
        blocking(move || shared.place.free_bytes()).await.map(Some)
    }
}

/// Does what the disk may let wait, off the asynchronous threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, FileFailure> {
    blocking_io(work).await?.map_err(failure)
}

async fn blocking_io<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, FileFailure> {
    spawn_blocking(work).await.map_err(|error| FileFailure::Failed(Box::new(error)))
}

/// What an error of the disk means.
fn failure(error: io::Error) -> FileFailure {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileFailure::Full(Box::new(error)),
        _ => FileFailure::Failed(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_full_disk_is_told_from_one_that_fails() {
        for full in [Errno::NOSPC, Errno::DQUOT] {
            assert!(matches!(failure(full.into()), FileFailure::Full(_)));
        }
        assert!(matches!(failure(Errno::IO.into()), FileFailure::Failed(_)));
    }
}
