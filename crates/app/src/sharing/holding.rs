//! Nothing goes while it is copied.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;

use parlor_domain::{Clock, FileFailure};
use parlor_files::{Bucket, BucketHold};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::Sharing;
use crate::system::SystemClock;

/// What the folder with files is held by: a file, because over NFS only what is open for writing can be held.
const LOCK: &str = "lock";

/// A hold on the files: as long as a backup has one, nothing of them goes, or the copy of the database
/// would tell of bytes that are not there any more.
pub struct Hold {
    _lock: Option<File>,
    bucket: Option<(Arc<Bucket>, BucketHold)>,
}

impl Sharing {
    /// For one who deletes bytes that the database has let go of already; `None` while somebody copies
    /// them.
    pub async fn changing(&self) -> Result<Option<Hold>, FileFailure> {
        let Some(lock) = lock_to_change(&self.folder).map_err(failed)? else { return Ok(None) };
        if let Some(bucket) = &self.bucket
            && bucket.is_held(SystemClock.now()).await?
        {
            return Ok(None);
        }
        Ok(Some(Hold { _lock: Some(lock), bucket: None }))
    }

    /// For one who copies them; waits for one who deletes some.
    pub async fn copying(&self) -> Result<Hold, FileFailure> {
        let lock = lock_to_copy(&self.folder).map_err(failed)?;
        let bucket = match &self.bucket {
            Some(bucket) => Some((Arc::clone(bucket), bucket.hold().await?)),
            None => None,
        };
        Ok(Hold { _lock: lock, bucket })
    }
}

impl Hold {
    /// Ends it. One that is only dropped ends at once in a folder, and after a day in a bucket.
    pub async fn release(self) -> Result<(), FileFailure> {
        match &self.bucket {
            Some((bucket, hold)) => bucket.release(hold).await,
            None => Ok(()),
        }
    }
}

fn failed(error: io::Error) -> FileFailure {
    FileFailure::Failed(error.into())
}

fn lock_to_change(folder: &Path) -> io::Result<Option<File>> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let lock = open(folder)?;
    match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(lock)),
        Err(Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// `None` when there is no folder.
fn lock_to_copy(folder: &Path) -> io::Result<Option<File>> {
    if !fs::exists(folder)? {
        return Ok(None);
    }
    let lock = open(folder)?;
    flock(&lock, FlockOperation::LockShared)?;
    Ok(Some(lock))
}

fn open(folder: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600).open(folder.join(LOCK))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_while_somebody_copies() {
        let folder = tempfile::tempdir().unwrap();
        let copying = [lock_to_copy(folder.path()).unwrap(), lock_to_copy(folder.path()).unwrap()];
        assert!(copying.iter().all(Option::is_some));
        assert!(lock_to_change(folder.path()).unwrap().is_none());
        drop(copying);
        assert!(lock_to_change(folder.path()).unwrap().is_some());
        assert!(lock_to_copy(&folder.path().join("nowhere")).unwrap().is_none());
    }
}
