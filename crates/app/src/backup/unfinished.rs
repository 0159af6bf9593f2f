//! A backup that is being written, and its new name once it is whole.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FlockOperation, RenameFlags, flock, renameat_with};
use rustix::io::Errno;

/// How the folder of an unfinished backup is called: `.NAME.unfinished`.
const SUFFIX: &str = ".unfinished";

/// A folder beside the backup-to-be, for its owner alone, that goes with everything in it unless
/// the backup is finished. A lock on it says that somebody is at work.
#[derive(Debug)]
pub struct Unfinished {
    target: PathBuf,
    folder: PathBuf,
    lock: File,
}

impl Unfinished {
    /// Begins a backup that will be called `target`. Sweeps up what earlier ones left behind that
    /// were killed.
    pub fn begin(target: &Path) -> io::Result<Self> {
        if target.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let parent = parent(target);
        sweep(parent)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let folder = parent.join(format!(".{name}{SUFFIX}"));
        DirBuilder::new().mode(0o700).create(&folder)?;
        let lock = File::open(&folder)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { target: target.into(), folder, lock })
    }

    /// A file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A new file in the folder, for its owner alone.
    pub fn create(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(self.path(name))
    }

    /// Gives the file in the folder, which is whole and on the disk, the backup's name. What has
    /// that name already stays.
    pub fn finish(self, name: &str) -> io::Result<PathBuf> {
        rename_new(&self.path(name), &self.target)?;
        File::open(parent(&self.target))?.sync_all()?;
        Ok(self.target.clone())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "an unfinished backup stays");
        }
        _ = flock(&self.lock, FlockOperation::Unlock);
    }
}

/// The folder that a file is in.
pub fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Renames without replacing anything, also where the file system cannot say so in one step.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS) if to.symlink_metadata().is_err() => fs::rename(from, to),
        Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::AlreadyExists.into()),
        renamed => Ok(renamed?),
    }
}

/// Removes unfinished backups that nobody works at.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !(name.starts_with('.') && name.ends_with(SUFFIX) && path.is_dir()) {
            continue;
        }
        // It may be gone by now, or be somebody else's.
        let Ok(lock) = File::open(&path) else { continue };
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_ok() {
            _ = fs::remove_dir_all(&path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_finished_backup_is_one_private_file_and_an_unfinished_one_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("backup");
        drop(Unfinished::begin(&target).unwrap());
        assert!(names(folder.path()).is_empty());
        let work = Unfinished::begin(&target).unwrap();
        work.create("archive").unwrap().write_all(b"x").unwrap();
        work.finish("archive").unwrap();
        assert_eq!(names(folder.path()), ["backup"]);
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_there_already_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("backup");
        let work = Unfinished::begin(&target).unwrap();
        work.create("archive").unwrap();
        fs::write(&target, "older").unwrap();
        assert_eq!(Unfinished::begin(&target).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(work.finish("archive").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&target).unwrap(), "older");
        assert_eq!(names(folder.path()), ["backup"]);
    }

    #[test]
    fn what_a_killed_one_left_is_swept_up_and_what_another_one_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let others = Unfinished::begin(&folder.path().join("others")).unwrap();
        fs::create_dir(folder.path().join(".killed.unfinished")).unwrap();
        fs::write(folder.path().join(".killed.unfinished/archive"), "x").unwrap();
        drop(Unfinished::begin(&folder.path().join("next")).unwrap());
        assert_eq!(names(folder.path()), [".others.unfinished"]);
        drop(others);
    }
}
