//! Files that people share: where their bytes are, and what is let go of.

mod holding;
mod opening;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, FileError, FileStore, Files, FilesPolicy, IdSource, Store, StoreError};
use parlor_files::Bucket;
use parlor_http::UploadPace;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::Settings;
use crate::failure::{Failure, chain};
pub use holding::Hold;

/// How often one looks whether there are files that nothing uses.
const EVERY: Duration = Duration::from_mins(5);

/// How often one looks whether the database has let go of bytes, such as those of removed files.
const SOON: Duration = Duration::from_secs(2);

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
    let (mut tick, mut soon) = (interval(EVERY), interval(SOON));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    soon.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let freed = tokio::select! {
            _ = tick.tick() => free_all(&files).await,
            _ = soon.tick() => delete_freed(&files, &sharing).await,
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

/// Deletes the bytes that the database has let go of, unless somebody copies them: then they wait.
async fn delete_freed(files: &Files, sharing: &Sharing) -> Result<(), FileError> {
    loop {
        let freed = files.freed().await?;
        if freed.is_empty() {
            return Ok(());
        }
        // Only after the database has let go of exactly these: see `Sharing::changing`.
        let Some(_hold) = sharing.changing().await? else {
            tracing::debug!("what files had stays until the backup is made");
            return Ok(());
        };
        match files.delete_freed(&freed).await {
            Ok(()) => tokio::task::yield_now().await,
            Err(FileError::Store(StoreError::ReadOnly(_))) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}
