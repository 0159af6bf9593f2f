use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use parlor_domain::ObjectId;
use tempfile::NamedTempFile;

use crate::disk::{PRIVATE, name, unless_gone};

/// The folder on the disk: which object lies where, and how it gets there.
pub(super) struct Place {
    pub(super) root: PathBuf,
    /// Held while a folder is made, so that nobody relies on one that is not on the disk yet.
    making: Mutex<()>,
}

impl Place {
    pub(super) fn at(root: &Path) -> Self {
        Self { root: root.into(), making: Mutex::new(()) }
    }

    /// Where an object lies.
    pub(super) fn path(&self, object: ObjectId) -> PathBuf {
        let (folder, name) = name(object);
        self.root.join(folder).join(name)
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
        unless_gone(fs::remove_file(self.path(object)))
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
