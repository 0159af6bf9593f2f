//! Files that people share: where their bytes are, and what is let go of.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, FileError, FileFailure, Files, FilesPolicy, IdSource, Store, StoreError};
use parlor_files::{FileTypes, Folder};
use parlor_http::UploadPace;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Settings;
use crate::failure::{Failure, chain};

/// How often one looks whether there are files that nothing uses.
const EVERY: Duration = Duration::from_mins(5);

/// What receives and shows files, as the settings say; what nothing uses goes from now on.
pub fn start(
    settings: &Settings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
) -> Result<Arc<Files>, Failure> {
    let (path, files) = (settings.files_folder(), &settings.files);
    let folder = Folder::open(&path, FileTypes::new(&files.types)).map_err(|error| {
        Failure::Advice(format!(
            "the folder for files {} cannot be used: {error}; make it writable, or name another one in \
             files.folder",
            path.display()
        ))
    })?;
    let policy = FilesPolicy {
        max_bytes: files.max_bytes,
        quota_bytes: files.quota_bytes,
        min_free_bytes: files.min_free_bytes,
    };
    let files = Arc::new(Files::new(store, Arc::new(folder), clock, ids, policy));
    tokio::spawn(free(Arc::clone(&files), path));
    Ok(files)
}

/// How long a file may take on its way in.
pub fn pace(settings: &Settings) -> UploadPace {
    UploadPace {
        within: Duration::from_secs(settings.files.upload_timeout_seconds),
        bytes_per_second: settings.files.min_bytes_per_second,
    }
}

/// Lets go of what nothing uses, for as long as the server runs.
async fn free(files: Arc<Files>, folder: PathBuf) {
    let mut tick = interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = free_all(&files, &folder).await {
            tracing::warn!(error = chain(&error), "files that nothing uses stay for now; trying again");
        }
    }
}

async fn free_all(files: &Files, folder: &Path) -> Result<(), FileError> {
    let held = Hold::changing(folder).map_err(|error| FileFailure::Failed(error.into()))?;
    if held.is_none() {
        tracing::info!("files that nothing uses stay until the backup is made");
        return Ok(());
    }
    loop {
        match files.free().await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) | Err(FileError::Store(StoreError::ReadOnly(_))) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// A hold on the folder with the files: as long as a backup has one, nothing in it goes, or the copy of
/// the database would tell of bytes that are not there any more.
pub struct Hold {
    _folder: File,
}

impl Hold {
    /// For one who lets go of files; `None` while somebody copies them.
    fn changing(folder: &Path) -> io::Result<Option<Self>> {
        let folder = File::open(folder)?;
        match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _folder: folder })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// For one who copies them; waits for one who lets go of some. `None` when there is no folder.
    pub fn copying(folder: &Path) -> io::Result<Option<Self>> {
        if !fs::exists(folder)? {
            return Ok(None);
        }
        let folder = File::open(folder)?;
        flock(&folder, FlockOperation::LockShared)?;
        Ok(Some(Self { _folder: folder }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_while_somebody_copies() {
        let folder = tempfile::tempdir().unwrap();
        let copying = [Hold::copying(folder.path()).unwrap(), Hold::copying(folder.path()).unwrap()];
        assert!(copying.iter().all(Option::is_some));
        assert!(Hold::changing(folder.path()).unwrap().is_none());
        drop(copying);
        assert!(Hold::changing(folder.path()).unwrap().is_some());
        assert!(Hold::copying(&folder.path().join("nowhere")).unwrap().is_none());
    }
}
