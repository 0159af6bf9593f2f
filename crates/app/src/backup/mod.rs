//! Backups: `parlor backup`, `parlor restore`, and those that the server makes by itself.

mod archive;
mod files;
mod manifest;
mod restore;
mod schedule;
mod unfinished;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use parlor_domain::{Clock, FileFailure};
use parlor_storage_postgres::backup as postgres;
use parlor_storage_sqlite::backup as sqlite;

use crate::config::Settings;
use crate::database::Place;
use crate::failure::{Failure, chain};
use crate::sharing::Sharing;
use crate::system::{SystemClock, stamp, stamped};

use archive::Take;
use files::Shared;
use manifest::{Counts, FORMAT, Kind, Manifest};
use unfinished::{Unfinished, parent};

pub use restore::restore;
pub use schedule::Schedule;

/// `parlor backup DIR|FILE`: also beside a running server.
pub fn create(settings: &Settings, target: &Path) -> Result<(), Failure> {
    let place = Place::of(settings)?;
    let sharing = Sharing::of(settings)?;
    let made = runtime()?.block_on(make((&place, &sharing), &target_file(target), &|| true))?;
    println!("{}: {}", made.0.display(), made.1.summary());
    Ok(())
}

/// `parlor backup verify FILE`.
pub fn verify(path: &Path) -> Result<(), Failure> {
    let folder = tempfile::Builder::new().prefix("parlor-verify.").tempdir()?;
    let database = folder.path().join("database");
    let manifest = extract(path, &database, &mut |_, file| io::copy(file, &mut io::sink()))?;
    runtime()?.block_on(examine(path, &manifest, &database))?;
    println!("{}: {}", path.display(), manifest.summary());
    Ok(())
}

/// Opens the database that was in a backup, as far as that shows that it is whole.
async fn examine(path: &Path, manifest: &Manifest, database: &Path) -> Result<(), Failure> {
    match &manifest.database {
        Kind::Sqlite => {
            let found = sqlite::examine(database).await.map_err(|error| unusable(path, error))?;
            if Counts::from(&found) != manifest.counts || found.epoch != manifest.epoch {
                return Err(unusable(path, "its manifest counts something else"));
            }
        }
        Kind::Postgres { .. } => {
            postgres::list(database).await?;
        }
    }
    Ok(())
}

/// Makes a backup of a database, and of the files that people share, with this name; or nothing.
async fn make(
    (place, sharing): (&Place, &Sharing),
    target: &Path,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(PathBuf, Manifest), Failure> {
    let work = Unfinished::begin(target).map_err(|error| write_failure(target, &error))?;
    let shared = Shared::hold(sharing).await.map_err(|error| files_failure(&error))?;
    let made = make_held((place, &shared), work, target, go_on).await;
    if let Err(error) = shared.release().await {
        tracing::warn!(error = chain(&error), "files that nothing uses stay for a day");
    }
    made
}

async fn make_held(
    (place, shared): (&Place, &Shared<'_>),
    work: Unfinished,
    target: &Path,
    go_on: &(dyn Fn() -> bool + Sync),
) -> Result<(PathBuf, Manifest), Failure> {
    let refused = |error: io::Error| write_failure(target, &error);
    let database = work.path("database");
    let made_at = stamp(SystemClock.now());
    let (census, kind) = match place {
        Place::Sqlite(file) => (sqlite::snapshot(file, &database).await?, Kind::Sqlite),
        Place::Postgres(url) => {
            let dump = postgres::dump(url.reveal(), &database).await?;
            (dump.census, Kind::Postgres { schema: dump.schema, server: dump.server })
        }
    };
    let files = shared.list().await.map_err(|error| files_failure(&error))?;
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").into(),
        made_at,
        database: kind,
        epoch: census.epoch,
        counts: Counts::from(&census),
        steps: census.steps,
        file: archive::facts(&database, go_on).map_err(refused)?,
        files: files.totals(),
    };
    let file = work.create("archive").map_err(refused)?;
    // Compressing keeps a thread busy, and what is read from a bucket is waited for on it.
    let write = || archive::write(&file, &manifest, (&database, &files), go_on);
    tokio::task::block_in_place(write).map_err(refused)?;
    Ok((work.finish("archive").map_err(refused)?, manifest))
}

/// Checks a backup, writes the database that is in it into a new file, and hands on the files that people
/// share.
fn extract(path: &Path, into: &Path, take: Take<'_>) -> Result<Manifest, Failure> {
    let mut options = File::options();
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.write(true).create_new(true).open(into)?;
    archive::extract(path, &file, take).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Failure {
    Failure::Advice(format!("the backup {} cannot be used: {}", path.display(), why.into()))
}

fn files_failure(error: &FileFailure) -> Failure {
    Failure::Advice(format!("the files that people share cannot be read: {}", chain(error)))
}

fn write_failure(target: &Path, error: &io::Error) -> Failure {
    let target = target.display();
    Failure::Advice(match error.kind() {
        io::ErrorKind::AlreadyExists => {
            format!("{target} exists already: choose another name for the backup")
        }
        io::ErrorKind::NotFound => format!("the folder for {target} does not exist: make it first"),
        _ => format!("the backup {target} cannot be written: {error}"),
    })
}

/// A folder gets a backup that is named after the moment.
fn target_file(target: &Path) -> PathBuf {
    if target.is_dir() { target.join(file_name(&stamp(SystemClock.now()))) } else { target.into() }
}

/// `parlor-20261121T033000Z.parlor-backup`.
fn file_name(stamp: &str) -> String {
    format!("parlor-{stamp}.parlor-backup")
}

/// The moment in the name of a backup that this program named.
fn moment_in(name: &str) -> Option<parlor_domain::Timestamp> {
    name.strip_prefix("parlor-")?.strip_suffix(".parlor-backup").and_then(stamped)
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}
