//! `parlor restore`: a database comes back from a backup, as one of its own.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use parlor_domain::Clock;
use parlor_security::{Resealer, SigningKey};
use parlor_storage::backup::Reseal;
use parlor_storage_postgres::backup as postgres;
use parlor_storage_sqlite::{OpenError, backup as sqlite};

use crate::config::Settings;
use crate::data_dir::DataDir;
use crate::database::Place;
use crate::failure::Failure;
use crate::sharing::Sharing;
use crate::system::{SystemClock, stamp};

use super::files::put as put_file;
use super::manifest::{Counts, Kind, Manifest};
use super::{extract, parent, runtime, unusable};

/// Puts the backup where the settings say that the database is. What is there is refused, or with
/// `replace` kept aside.
pub fn restore(settings: &Settings, path: &Path, replace: bool) -> Result<(), Failure> {
    let place = Place::of(settings)?;
    // A server that runs holds the folder.
    let data_dir = DataDir::open(&settings.data_dir)?;
    let aside = stamp(SystemClock.now());
    let aside = replace.then_some(aside.as_str());
    let (key_file, sharing) = (settings.signing_key_file(), Sharing::of(settings)?);
    runtime()?.block_on(sharing.check())?;
    let (old, new) = (SigningKey::load(&key_file)?, SigningKey::generate());
    let resealer = old.map(|old| Resealer::new(&old, &new));
    let reseal: Reseal<'_> = &|user, secret| resealer.as_ref()?.reseal(user, secret);
    let (manifest, kept) = match &place {
        Place::Sqlite(file) => into_file((path, &sharing), file, aside, reseal)?,
        Place::Postgres(url) => into_postgres((path, &sharing), url.reveal(), &data_dir, aside, reseal)?,
    };
    new.store(&key_file)?;
    println!("Restored {}", manifest.summary());
    if let Some(kept) = kept {
        println!("What was there before is kept as {kept}");
    }
    println!(
        "Everybody has to sign in again, and there is a new signing key in {}{}",
        key_file.display(),
        if matches!(place, Place::Postgres(_)) { "; copy it to the other nodes" } else { "" }
    );
    Ok(())
}

/// Takes a backup apart: its database goes to `into`, and its files to where files are, to wait there for
/// a database that tells of them.
fn take_apart((path, sharing): (&Path, &Sharing), into: &Path) -> Result<Manifest, Failure> {
    let runtime = runtime()?;
    extract(path, into, &mut |object, content| runtime.block_on(put_file(&*sharing.objects, object, content)))
}

fn into_file(
    (path, sharing): (&Path, &Sharing),
    file: &Path,
    aside: Option<&str>,
    reseal: Reseal<'_>,
) -> Result<(Manifest, Option<String>), Failure> {
    let occupied = fs::metadata(file).is_ok_and(|about| about.len() > 0);
    if occupied && aside.is_none() {
        return Err(Failure::Advice(format!(
            "there is a database already in {}: choose another data folder, or keep it aside with --replace",
            file.display()
        )));
    }
    let folder = tempfile::Builder::new().prefix(".parlor-restore.").tempdir_in(parent(file))?;
    let new = folder.path().join("database");
    let manifest = take_apart((path, sharing), &new)?;
    if manifest.database != Kind::Sqlite {
        return Err(wrong_kind(path, &manifest));
    }
    let restored = runtime()?.block_on(async {
        sqlite::examine(&new).await?;
        sqlite::adopt(&new, reseal).await
    });
    let restored = restored.map_err(|error| match error {
        OpenError::TooNew { step, .. } => {
            unusable(path, format!("a newer version made it (it knows the step {step}); use that version"))
        }
        error => unusable(path, error),
    })?;
    if Counts::from(&restored) != manifest.counts {
        return Err(unusable(path, "its manifest counts something else"));
    }
    File::open(&new)?.sync_all()?;
    let kept = put(&new, file, aside.filter(|_| occupied))?;
    Ok((manifest, kept.map(|kept| kept.display().to_string())))
}

/// Puts a database where another one may be. At every moment there is a whole one with that name,
/// or none when there was none; the old one is never without its log of writes.
fn put(new: &Path, file: &Path, aside: Option<&str>) -> io::Result<Option<PathBuf>> {
    let kept = aside.map(|stamp| with_suffix(file, &format!(".replaced-{stamp}")));
    let log = with_suffix(file, "-wal");
    if let Some(kept) = &kept {
        fs::hard_link(file, kept)?;
        if log.exists() {
            fs::hard_link(&log, with_suffix(kept, "-wal"))?;
        }
        File::open(parent(file))?.sync_all()?;
    }
    // Under the new database the old log would damage it.
    for gone in [log, with_suffix(file, "-shm")] {
        match fs::remove_file(gone) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    File::open(parent(file))?.sync_all()?;
    fs::rename(new, file)?;
    File::open(parent(file))?.sync_all()?;
    Ok(kept)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn into_postgres(
    (path, sharing): (&Path, &Sharing),
    url: &str,
    data_dir: &DataDir,
    aside: Option<&str>,
    reseal: Reseal<'_>,
) -> Result<(Manifest, Option<String>), Failure> {
    let folder = tempfile::Builder::new().prefix(".parlor-restore.").tempdir_in(data_dir.path())?;
    let dump = folder.path().join("database");
    let manifest = take_apart((path, sharing), &dump)?;
    let Kind::Postgres { schema, .. } = &manifest.database else { return Err(wrong_kind(path, &manifest)) };
    let aside = aside.map(|stamp| format!("{schema}_replaced_{}", stamp.to_lowercase()));
    let restoring = postgres::restore(url, &dump, (schema, &manifest.steps), aside.as_deref(), reseal);
    let restored = runtime()?.block_on(restoring)?;
    if Counts::from(&restored.census) != manifest.counts {
        return Err(unusable(path, "its manifest counts something else"));
    }
    let kept = restored.aside.map(|schema| format!("the schema {schema}"));
    Ok((manifest, kept))
}

fn wrong_kind(path: &Path, manifest: &Manifest) -> Failure {
    let (path, kind) = (path.display(), manifest.database.name());
    Failure::Advice(format!(
        "the backup {path} is of {kind}: set database.url to such a database; \
         `parlor store copy` moves it to another kind afterwards"
    ))
}
