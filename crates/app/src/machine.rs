//! What the machine tells of itself.

use std::path::Path;

use parlor_http::{Disk, Machine};

use crate::backup::Schedule;
use crate::config::Settings;
use crate::failure::Failure;

/// The machine that has this data folder.
pub fn machine(settings: &Settings, data_dir: &Path) -> Result<Machine, Failure> {
    let (folder, backups) = (data_dir.to_owned(), Schedule::of(settings)?);
    Ok(Machine {
        disk: Box::new(move || disk(&folder)),
        latest_backup: Box::new(move || backups.as_ref().and_then(Schedule::latest)),
    })
}

fn disk(folder: &Path) -> Option<Disk> {
    let told = rustix::fs::statvfs(folder).ok()?;
    // What is kept for whoever operates the machine is not free for the server.
    Some(Disk {
        size: told.f_blocks.checked_mul(told.f_frsize)?,
        free: told.f_bavail.checked_mul(told.f_frsize)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_tells_its_size_and_what_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let found = disk(folder.path()).unwrap();
        assert!(found.size > 0 && found.free <= found.size, "{found:?}");
        assert_eq!(disk(&folder.path().join("nowhere")), None);
    }
}
