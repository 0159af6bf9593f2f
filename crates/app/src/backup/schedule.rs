//! Backups that the server makes by itself.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Clock, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::config::{Backup, Settings};
use crate::database::Place;
use crate::failure::Failure;
use crate::sharing::Sharing;
use crate::system::{SystemClock, stamp};

use super::{archive, file_name, make, moment_in};

/// How long after a failure the next try comes.
const AGAIN: Duration = Duration::from_mins(5);

/// The longest that one waits before looking at the clock again: a machine may sleep, and a clock
/// may be set.
const LOOK: Duration = Duration::from_mins(1);

/// When backups are made, where, and how many are kept.
pub struct Schedule {
    place: Place,
    /// Where the files are that people share.
    sharing: Arc<Sharing>,
    folder: PathBuf,
    every: Duration,
    keep: usize,
}

impl Schedule {
    /// What the settings ask for; nothing without a folder.
    pub fn of(settings: &Settings) -> Result<Option<Self>, Failure> {
        let Backup { folder, every_hours, keep } = &settings.backup;
        let Some(folder) = folder else { return Ok(None) };
        let every = Duration::from_secs(every_hours * 3_600);
        Ok(Some(Self {
            place: Place::of(settings)?,
            sharing: Arc::new(Sharing::of(settings)?),
            folder: folder.clone(),
            every,
            keep: *keep,
        }))
    }

    /// When the latest one in the folder was made.
    pub fn latest(&self) -> Option<Timestamp> {
        self.made().unwrap_or_default().into_iter().map(|(moment, _)| moment).max()
    }

    /// Makes backups until the server stops. One that is half done then is given up.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let wait = self.wait(SystemClock.now()).min(LOOK);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            if !self.wait(SystemClock.now()).is_zero() {
                continue;
            }
            let made = tokio::select! {
                () = stop.cancelled() => return,
                made = self.make(stop.clone()) => made,
            };
            let Err(failure) = made else { continue };
            tracing::warn!(error = failure.line(), "the backup was not made; trying again in 5 minutes");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
    }

    /// How long until the next one is due.
    fn wait(&self, now: Timestamp) -> Duration {
        self.latest().map_or(Duration::ZERO, |newest| {
            let age = now.as_millis().saturating_sub(newest.as_millis());
            // One from the future was made under a clock that was wrong.
            u64::try_from(age)
                .map_or(Duration::ZERO, |age| self.every.saturating_sub(Duration::from_millis(age)))
        })
    }

    async fn make(&self, stop: CancellationToken) -> Result<(), Failure> {
        fs::create_dir_all(&self.folder)
            .map_err(|error| Failure::Advice(format!("backup.folder {}: {error}", self.folder.display())))?;
        let target = self.folder.join(file_name(&stamp(SystemClock.now())));
        let (place, sharing) = (self.place.clone(), Arc::clone(&self.sharing));
        // On a thread of its own, because compressing keeps one busy.
        let making = tokio::task::spawn_blocking(move || {
            let go_on = || !stop.is_cancelled();
            super::runtime()?.block_on(async {
                tokio::select! {
                    () = stop.cancelled() => Err(Failure::Advice("the server is stopping".into())),
                    made = make((&place, &sharing), &target, &go_on) => made,
                }
            })
        });
        let (path, manifest) = making.await.map_err(|error| Failure::Fault(error.into()))??;
        let bytes = fs::metadata(&path)?.len();
        tracing::info!(path = %path.display(), bytes, entries = manifest.counts.entries, "a backup was made");
        self.remove_old()
    }

    /// The backups in the folder by the moment in their names: files that this program named and
    /// made.
    fn made(&self) -> io::Result<Vec<(Timestamp, PathBuf)>> {
        let mut made = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let moment = entry.file_name().to_str().and_then(moment_in);
            if let Some(moment) = moment.filter(|_| entry.file_type().is_ok_and(|kind| kind.is_file())) {
                made.push((moment, entry.path()));
            }
        }
        made.sort_unstable();
        Ok(made)
    }

    fn remove_old(&self) -> Result<(), Failure> {
        let made: Vec<PathBuf> =
            self.made()?.into_iter().map(|(_, path)| path).filter(|path| is_ours(path)).collect();
        for path in made.iter().take(made.len().saturating_sub(self.keep)) {
            fs::remove_file(path)?;
            tracing::info!(path = %path.display(), "an old backup was removed");
        }
        Ok(())
    }
}

/// Whether it is a backup, and not something else by such a name.
fn is_ours(path: &Path) -> bool {
    archive::peek(path).is_ok()
}
