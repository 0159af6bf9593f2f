//! Files in a folder of the machine.

mod keeping;
mod listing;
mod place;
mod reading;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{FileBytes, FileFailure, FileStore, Listing, ObjectId, Receiving};

use crate::disk::{PRIVATE, blocking, blocking_io, failure, free_bytes};
use crate::incoming::{Incoming, Intake};
use crate::kinds::FileTypes;
use keeping::Keeper;
use listing::Folders;
use place::Place;
use reading::Readers;

/// Keeps the bytes of files in a folder of the machine, for the program alone.
///
/// An object lies at `xx/…`, where `…` are the 32 hexadecimal digits of its id and `xx` are the last two
/// of them. Nothing of what people call a file comes into a path. What is being received is in the
/// folder `incoming`, where each program has a folder of its own: several may share all of it.
pub struct Folder {
    place: Arc<Place>,
    intake: Arc<Intake>,
    readers: Readers,
}

impl Folder {
    /// Files of these types in a folder, of which nothing is touched before it is needed.
    pub fn at(path: &Path, types: FileTypes) -> Self {
        let intake = Arc::new(Intake::new(path, types));
        Self { place: Arc::new(Place::at(path)), intake, readers: Readers::default() }
    }

    /// Opens a folder that receives files of these types. Makes it where it is not there, removes what
    /// programs left unfinished that were killed, and fails when nothing can be written there.
    pub fn open(path: &Path, types: FileTypes) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(PRIVATE).create(path)?;
        let folder = Self::at(path, types);
        folder.intake.check()?;
        Ok(folder)
    }
}

#[async_trait]
impl FileStore for Folder {
    fn endings(&self) -> Vec<String> {
        self.intake.endings()
    }

    async fn receive(&self) -> Result<Box<dyn Receiving>, FileFailure> {
        let (place, intake) = (Arc::clone(&self.place), Arc::clone(&self.intake));
        let keeper = Arc::new(Keeper { place, intake: Arc::clone(&intake) });
        Ok(Box::new(Incoming::begin(intake, keeper).await?))
    }

    async fn read(&self, object: ObjectId, range: Range<u64>) -> Result<Box<dyn FileBytes>, FileFailure> {
        let path = self.place.path(object);
        match blocking_io(move || File::open(path)).await? {
            Ok(file) => Ok(Box::new(self.readers.pieces(file, range))),
            Err(error) => Err(missing_or(error)),
        }
    }

    async fn size(&self, object: ObjectId) -> Result<u64, FileFailure> {
        let path = self.place.path(object);
        let about = blocking_io(move || fs::metadata(path)).await?;
        about.map(|about| about.len()).map_err(missing_or)
    }

    async fn list(&self) -> Result<Box<dyn Listing>, FileFailure> {
        let place = Arc::clone(&self.place);
        Ok(Box::new(blocking(move || Folders::of(&place.root)).await?))
    }

    async fn delete(&self, object: ObjectId) -> Result<(), FileFailure> {
        let place = Arc::clone(&self.place);
        blocking(move || place.remove(object)).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, FileFailure> {
        let place = Arc::clone(&self.place);
        blocking(move || free_bytes(&place.root)).await.map(Some)
    }
}

fn missing_or(error: io::Error) -> FileFailure {
    if error.kind() == io::ErrorKind::NotFound { FileFailure::Missing } else { failure(error) }
}
