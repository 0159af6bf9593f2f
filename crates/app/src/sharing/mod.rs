//! Files that people share: where their bytes are, and what is let go of.

mod holding;
mod opening;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{
    Clock, FileError, FileFailure, FileStore, Files, FilesPolicy, IdSource, Store, StoreError,
};
use parlor_files::Bucket;
use parlor_http::UploadPace;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use crate::config::Settings;
use crate::failure::{Failure, chain};
pub use holding::Hold;

/// How often one looks whether there are files that nothing uses.
const EVERY: Duration = Duration::from_mins(5);

/// How often one looks whether the database has let go of bytes, such as those of removed files.
const SOON: Duration = Duration::from_secs(2);

/// How long one waits at most before trying again what could not be deleted.
const LATE: Duration = Duration::from_mins(5);

/// Where the bytes of files are.
pub struct Sharing {
    /// What is in there.
    pub objects: Arc<dyn FileStore>,
    /// All of it; with a bucket, what is on its way there.
    folder: PathBuf,
    bucket: Option<Arc<Bucket>>,
}

/// What receives and shows files, as the settings say; what nothing uses goes from now on.
pub async fn start(
    settings: &Settings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
) -> Result<(Arc<Files>, Arc<Sharing>), Failure> {
    let sharing = Arc::new(Sharing::open(settings).await?);
    let files = Arc::new(sharing.files(settings, store, clock, ids));
    tokio::spawn(free(Arc::clone(&files), Arc::clone(&sharing)));
    Ok((files, sharing))
}

impl Sharing {
    /// What receives and shows them.
    pub fn files(
        &self,
        settings: &Settings,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Files {
        let files = &settings.files;
        let policy = FilesPolicy {
            max_bytes: files.max_bytes,
            quota_bytes: files.quota_bytes,
            min_free_bytes: files.min_free_bytes,
        };
        Files::new(store, Arc::clone(&self.objects), clock, ids, policy)
    }
}

/// How long a file may take on its way in.
pub fn pace(settings: &Settings) -> UploadPace {
    UploadPace {
        within: Duration::from_secs(settings.files.upload_timeout_seconds),
        bytes_per_second: settings.files.min_bytes_per_second,
    }
}

/// Lets go of what nothing uses, for as long as the server runs.
async fn free(files: Arc<Files>, sharing: Arc<Sharing>) {
    let (mut tick, mut wait, mut next) = (interval(EVERY), SOON, Instant::now());
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let freed = tokio::select! {
            _ = tick.tick() => free_all(&files).await,
            () = sleep_until(next) => {
                let deleted = delete_freed(&files, &sharing).await;
                wait = waiting(wait, deleted.is_err());
                next = Instant::now() + wait;
                deleted
            }
        };
        if let Err(error) = freed {
            tracing::warn!(error = chain(&error), "files that nothing uses stay for now; trying again");
        }
    }
}

async fn free_all(files: &Files) -> Result<(), FileError> {
    loop {
        match files.free().await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) | Err(FileError::Store(StoreError::ReadOnly(_))) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// How long one waits until the next round of deleting: longer each time that something could not be
/// deleted.
fn waiting(before: Duration, has_failed: bool) -> Duration {
    if has_failed { LATE.min(before * 2) } else { SOON }
}

/// Deletes the bytes that the database has let go of, unless somebody copies them: then they wait. What
/// cannot be deleted is passed over until the next round.
async fn delete_freed(files: &Files, sharing: &Sharing) -> Result<(), FileError> {
    let (mut after, mut failed) = (None, None);
    loop {
        let freed = files.freed(after).await?;
        if freed.is_empty() {
            return failed.map_or(Ok(()), Err);
        }
        after = freed.last().copied();
        // Only after the database has let go of exactly these: see `Sharing::changing`.
        let Some(_hold) = sharing.changing().await? else {
            tracing::debug!("what files had stays until the backup is made");
            return Ok(());
        };
        match files.delete_freed(&freed).await {
            Ok(Some(away @ FileFailure::Away(_))) => return Err(away.into()),
            Ok(failure) => failed = failed.or(failure.map(FileError::from)),
            Err(FileError::Store(StoreError::ReadOnly(_))) => return Ok(()),
            Err(error) => return Err(error),
        }
        tokio::task::yield_now().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_waits_longer_each_time_and_no_longer_once_it_works() {
        let mut wait = SOON;
        let waits = [true; 9].map(|has_failed| {
            wait = waiting(wait, has_failed);
            wait.as_secs()
        });
        assert_eq!(waits, [4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(waiting(wait, false), SOON);
    }
}
