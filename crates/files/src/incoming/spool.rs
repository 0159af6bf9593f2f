use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use tempfile::NamedTempFile;

use crate::disk::{PRIVATE, unless_gone};

/// Where what is being received lies.
const INCOMING: &str = "incoming";

/// What a folder is held by: a file, because over NFS only what is open for writing can be held.
const LOCK: &str = "lock";

/// Temporary files of this program, in a folder that other programs may share.
///
/// Each program has a folder of its own within `incoming`, and holds it for as long as it lives. One that
/// begins removes those that nobody holds: what killed programs left unfinished, and nothing that another
/// one is receiving.
pub(crate) struct Spool {
    incoming: PathBuf,
    /// Made when it is needed first: who only reads leaves no trace.
    own: Mutex<Option<Own>>,
}

impl Spool {
    /// Temporary files below a folder, which is made when it is missing.
    pub(crate) fn below(folder: &Path) -> Self {
        Self { incoming: folder.join(INCOMING), own: Mutex::new(None) }
    }

    /// A new file that goes when it is dropped, for the program alone.
    pub(crate) fn temporary(&self) -> io::Result<NamedTempFile> {
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        let own = match &mut *own {
            Some(own) => own,
            none => none.insert(Own::make(&self.incoming)?),
        };
        NamedTempFile::new_in(&own.folder)
    }
}

/// This program's own folder.
struct Own {
    folder: PathBuf,
    /// Held as long as the file is open.
    _lock: File,
}

impl Own {
    fn make(incoming: &Path) -> io::Result<Self> {
        make_folder(incoming)?;
        // Nobody removes a folder between its making and its lock.
        let _making = hold(&incoming.join(LOCK), FlockOperation::LockExclusive)?;
        sweep(incoming)?;
        let folder = tempfile::Builder::new().prefix("program-").tempdir_in(incoming)?.keep();
        let lock = hold(&folder.join(LOCK), FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { folder, _lock: lock })
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // What stays is removed by the next program that begins.
        _ = fs::remove_dir_all(&self.folder);
    }
}

fn make_folder(incoming: &Path) -> io::Result<()> {
    match fs::symlink_metadata(incoming) {
        // A link may lead to where nothing is to be removed.
        Ok(found) if !found.is_dir() => unless_gone(fs::remove_file(incoming))?,
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    DirBuilder::new().recursive(true).mode(PRIVATE).create(incoming)
}

fn hold(path: &Path, operation: FlockOperation) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
    flock(&file, operation)?;
    Ok(file)
}

/// Removes what nobody holds.
fn sweep(incoming: &Path) -> io::Result<()> {
    for entry in fs::read_dir(incoming)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_name() == LOCK {
            continue;
        }
        if !entry.file_type()?.is_dir() {
            unless_gone(fs::remove_file(path))?;
        } else if !is_held(&path)? {
            unless_gone(fs::remove_dir_all(path))?;
        }
    }
    Ok(())
}

fn is_held(folder: &Path) -> io::Result<bool> {
    match OpenOptions::new().write(true).open(folder.join(LOCK)) {
        Ok(file) => match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(false),
            Err(Errno::WOULDBLOCK) => Ok(true),
            Err(error) => Err(error.into()),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn what_another_program_is_receiving_stays_and_what_nobody_holds_goes() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Spool::below(folder.path()), Spool::below(folder.path()));
        let mut receiving = one.temporary().unwrap();
        fs::create_dir(folder.path().join("incoming/program-killed")).unwrap();
        fs::write(folder.path().join("incoming/program-killed/half"), "half").unwrap();
        drop(two.temporary().unwrap());
        assert!(!folder.path().join("incoming/program-killed").exists());
        receiving.write_all(b"goes on").unwrap();
        assert!(receiving.path().exists());
        drop((receiving, one));
        let left = fs::read_dir(folder.path().join("incoming")).unwrap();
        assert_eq!(left.filter(|entry| entry.as_ref().unwrap().file_name() != LOCK).count(), 1);
    }

    #[test]
    fn many_that_begin_at_once_do_not_hurt_each_other() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let spool = Spool::below(folder.path());
                        let files = [spool.temporary().unwrap(), spool.temporary().unwrap()];
                        assert!(files.iter().all(|file| file.path().exists()));
                    }
                });
            }
        });
    }

    #[test]
    fn who_receives_nothing_leaves_no_trace() {
        let folder = tempfile::tempdir().unwrap();
        drop(Spool::below(folder.path()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
