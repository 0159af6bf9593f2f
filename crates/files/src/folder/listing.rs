use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use async_trait::async_trait;
use parlor_domain::{FileFailure, Listing, StoredObject, Timestamp};

use crate::disk::{blocking, named};

/// The objects of a folder, those of one of its folders at a time.
pub(super) struct Folders {
    left: Vec<PathBuf>,
}

impl Folders {
    pub(super) fn of(root: &Path) -> io::Result<Self> {
        let mut left = Vec::new();
        if fs::exists(root)? {
            for entry in fs::read_dir(root)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    left.push(entry.path());
                }
            }
        }
        Ok(Self { left })
    }
}

#[async_trait]
impl Listing for Folders {
    async fn next(&mut self) -> Result<Option<Vec<StoredObject>>, FileFailure> {
        let Some(folder) = self.left.pop() else { return Ok(None) };
        blocking(move || objects(&folder)).await.map(Some)
    }
}

fn objects(folder: &Path) -> io::Result<Vec<StoredObject>> {
    let mut found = Vec::new();
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    for entry in fs::read_dir(folder)? {
        match object(name, &entry?) {
            Ok(object) => found.extend(object),
            // Somebody has let go of it meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

fn object(folder: &str, entry: &DirEntry) -> io::Result<Option<StoredObject>> {
    let Some(object) = entry.file_name().to_str().and_then(|name| named(folder, name)) else {
        return Ok(None);
    };
    let about = entry.metadata()?;
    let since = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let kept_at = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
    let found = StoredObject { object, bytes: about.len(), kept_at };
    Ok(about.is_file().then_some(found))
}
