//! The folder for everything the server keeps.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, Mode};
use rustix::io::Errno;

/// The folder cannot be used. Each message is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made.
    #[error("cannot make the data folder {}: {cause}; make it by hand or choose another with --data-dir", .path.display())]
    Make {
        /// The folder.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// It cannot be written.
    #[error("cannot write to the data folder {}: {cause}; give this user the right to, or choose another with --data-dir", .path.display())]
    Write {
        /// The folder.
        path: PathBuf,
        /// The system's answer.
        cause: io::Error,
    },
    /// Its file system is on another machine.
    #[error("the data folder {} is on a network file system ({system}), where a database can be damaged; choose a local one with --data-dir", .path.display())]
    Network {
        /// The folder.
        path: PathBuf,
        /// Which file system.
        system: &'static str,
    },
    /// Another process has it.
    #[error("another parlor process uses the data folder {}; stop it first or choose another with --data-dir", .0.display())]
    InUse(PathBuf),
}

/// The data folder, held by this process alone until it is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    // The lock is held as long as the file is open.
    _lock: File,
}

impl DataDir {
    /// Makes the folder when it is missing, for this user alone, and takes it for this process.
    /// Files made from now on are for this user alone, too.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        rustix::process::umask(Mode::RWXG | Mode::RWXO);
        let make = DirBuilder::new().recursive(true).mode(0o700).create(path);
        make.map_err(|cause| DataDirError::Make { path: path.into(), cause })?;
        if let Some(system) = network_file_system(path) {
            return Err(DataDirError::Network { path: path.into(), system });
        }
        let lock = lock(path)?;
        check_writable(path)?;
        Ok(Self { path: path.into(), _lock: lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn lock(path: &Path) -> Result<File, DataDirError> {
    let write = |cause| DataDirError::Write { path: path.into(), cause };
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path.join("parlor.lock"))
        .map_err(write)?;
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(DataDirError::InUse(path.into())),
        Err(error) => Err(write(error.into())),
    }
}

/// A folder can be writable by its mode and still refuse: a full disk, a read-only mount.
fn check_writable(path: &Path) -> Result<(), DataDirError> {
    let probe = path.join(".parlor-write-test");
    let result = File::create(&probe).and_then(|mut file| file.write_all(b"parlor"));
    let removed = fs::remove_file(&probe);
    result.and(removed).map_err(|cause| DataDirError::Write { path: path.into(), cause })
}

/// The name of the network file system a folder is on, by the numbers in Linux' `magic.h`.
#[cfg(target_os = "linux")]
fn network_file_system(path: &Path) -> Option<&'static str> {
    let kind = rustix::fs::statfs(path).ok()?.f_type;
    match u64::try_from(kind).ok()? & 0xFFFF_FFFF {
        0x6969 => Some("NFS"),
        0x517B | 0xFE53_4D42 | 0xFF53_4D42 => Some("SMB"),
        0x00C3_6400 => Some("Ceph"),
        0x0BD0_0BD0 => Some("Lustre"),
        0x7375_7245 => Some("Coda"),
        0x5346_414F | 0x6B41_4653 => Some("AFS"),
        _ => None,
    }
}

#[cfg(not(target_os = "linux"))]
fn network_file_system(_: &Path) -> Option<&'static str> {
    None
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_missing_folder_is_made_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = DataDir::open(&folder.path().join("a/b")).unwrap();
        assert_eq!(mode(data_dir.path()), 0o700);
        fs::write(data_dir.path().join("file"), "x").unwrap();
        assert_eq!(mode(&data_dir.path().join("file")), 0o600);
    }

    #[test]
    fn a_second_process_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataDir::open(folder.path()).unwrap();
        let error = DataDir::open(folder.path()).unwrap_err();
        assert!(matches!(error, DataDirError::InUse(_)), "{error}");
        drop(first);
        DataDir::open(folder.path()).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "x").unwrap();
        let line = DataDir::open(&file.join("data")).unwrap_err().to_string();
        assert!(line.contains("file/data") && line.contains("--data-dir"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        // On this file system nobody may make a file, not even the administrator.
        let line = DataDir::open(Path::new("/proc/self/fd")).unwrap_err().to_string();
        assert!(line.starts_with("cannot write to the data folder /proc/self/fd"), "{line}");
    }
}
