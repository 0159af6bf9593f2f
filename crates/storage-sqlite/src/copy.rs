//! The copy that is made before an existing database is changed to a new schema.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::OpenError;

/// Makes an empty file that only its owner may read, unless there is one. SQLite gives the files
/// beside it the same mode.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    OpenOptions::new().create(true).append(true).mode(0o600).open(path).map(drop)
}

/// Copies the database to `<path>.before-<step>`, whole and consistent, and on the disk when this
/// answers. The copies that earlier changes left are gone then: there is room for one.
pub(crate) async fn keep_copy(
    database: &DatabaseConnection,
    path: &Path,
    step: &str,
) -> Result<PathBuf, OpenError> {
    let unreachable =
        |error: io::Error| OpenError::Unreachable { path: path.to_owned(), reason: error.to_string() };
    let copy = beside(path, &format!(".before-{step}"));
    let unfinished = beside(path, ".copy");
    // What a crash left behind of an earlier try.
    fs::write(&unfinished, b"").map_err(unreachable)?;
    fs::remove_file(&unfinished).map_err(unreachable)?;
    make_private(&unfinished).map_err(unreachable)?;
    let into = Statement::from_sql_and_values(
        database.get_database_backend(),
        "VACUUM INTO $1",
        [unfinished.to_string_lossy().into_owned().into()],
    );
    database.execute_raw(into).await.map_err(|error| OpenError::from_database(path, error))?;
    fs::File::open(&unfinished).and_then(|file| file.sync_all()).map_err(unreachable)?;
    fs::rename(&unfinished, &copy).map_err(unreachable)?;
    discard_others(path, &copy).map_err(unreachable)?;
    Ok(copy)
}

/// Removes the copies beside the database other than `kept`, and brings the folder to the disk.
fn discard_others(path: &Path, kept: &Path) -> io::Result<()> {
    let prefix = beside(path, ".before-m");
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    for entry in fs::read_dir(folder)? {
        let other = path.with_file_name(entry?.file_name());
        if other != kept
            && other.as_os_str().as_encoded_bytes().starts_with(prefix.as_os_str().as_encoded_bytes())
        {
            fs::remove_file(other)?;
        }
    }
    fs::File::open(folder)?.sync_all()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
