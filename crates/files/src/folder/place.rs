use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use parlor_domain::ObjectId;
use tempfile::NamedTempFile;

/// Where what is being received lies.
const INCOMING: &str = "incoming";

/// For the program alone.
const PRIVATE: u32 = 0o700;

/// The folder on the disk: which object lies where, and how it gets there.
pub(super) struct Place {
    root: PathBuf,
    incoming: PathBuf,
    /// Held while a folder is made, so that nobody relies on one that is not on the disk yet.
    making: Mutex<()>,
}

impl Place {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let incoming = root.join(INCOMING);
        DirBuilder::new().recursive(true).mode(PRIVATE).create(root)?;
        match fs::symlink_metadata(&incoming) {
            // A link may lead to where nothing is to be removed.
            Ok(found) if found.is_dir() => fs::remove_dir_all(&incoming)?,
            Ok(_) => fs::remove_file(&incoming)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        DirBuilder::new().mode(PRIVATE).create(&incoming)?;
        let place = Self { root: root.into(), incoming, making: Mutex::new(()) };
        place.temporary()?.write_all(b"?")?;
        Ok(place)
    }

    /// A new file that goes when it is dropped, for the program alone.
    pub(super) fn temporary(&self) -> io::Result<NamedTempFile> {
        NamedTempFile::new_in(&self.incoming)
    }

    /// Where an object lies. Ids begin with the time, so that only their end spreads over the folders.
    pub(super) fn path(&self, object: ObjectId) -> PathBuf {
        let name = object.as_uuid().simple().to_string();
        self.root.join(&name[name.len() - 2..]).join(name)
    }

    /// Keeps a file as this object, on the disk when it returns.
    pub(super) fn keep(&self, file: NamedTempFile, object: ObjectId) -> io::Result<()> {
        file.as_file().sync_all()?;
        let path = self.path(object);
        let folder = path.parent().unwrap_or(&self.root);
        self.make(folder)?;
        file.persist(&path).map_err(|refused| refused.error)?;
        sync(folder)
    }

    /// Removes an object, when it is there.
    pub(super) fn remove(&self, object: ObjectId) -> io::Result<()> {
        match fs::remove_file(self.path(object)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    /// How many bytes more the disk takes.
    pub(super) fn free_bytes(&self) -> io::Result<u64> {
        let told = rustix::fs::statvfs(&self.root)?;
        Ok(told.f_bavail.saturating_mul(told.f_frsize))
    }

    fn make(&self, folder: &Path) -> io::Result<()> {
        let _making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        match DirBuilder::new().mode(PRIVATE).create(folder) {
            Ok(()) => sync(&self.root),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Waits until the names in a folder are on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
