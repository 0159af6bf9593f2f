//! The files that people share, in a backup.
//!
//! What lies in their folder never changes, and each file lies there before the database tells of it.
//! So a list of the folder that is made after the copy of the database has all files that the copy
//! tells of, as long as none of them goes meanwhile.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Read};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::unfinished::parent;
use crate::sharing::Hold;

/// Where the files are in a backup.
const PLACE: &str = "files";

/// Where in their folder those lie that are not whole yet.
const INCOMING: &str = "incoming";

/// How many files there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many, small versions of pictures included.
    pub count: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

impl Totals {
    pub(super) fn add(&mut self, bytes: u64) {
        self.count += 1;
        self.bytes += bytes;
    }
}

/// A folder with files, from which none goes for as long as this is there.
pub struct Shared {
    folder: PathBuf,
    held: Option<Hold>,
}

/// What was in such a folder at one moment: where in it, and how many bytes.
pub struct Found {
    folder: PathBuf,
    files: Vec<(PathBuf, u64)>,
}

impl Shared {
    /// Holds on to the files in a folder. To be done before the database is copied.
    pub fn hold(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.into(), held: Hold::copying(folder)? })
    }

    /// Lists them. To be done after the database was copied.
    pub fn list(&self) -> io::Result<Found> {
        let mut found = Found { folder: self.folder.clone(), files: Vec::new() };
        if self.held.is_some() {
            found.add(Path::new(""))?;
        }
        found.files.sort_unstable();
        Ok(found)
    }
}

impl Found {
    fn add(&mut self, within: &Path) -> io::Result<()> {
        for entry in fs::read_dir(self.folder.join(within))? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, within.join(entry.file_name()));
            if kind.is_dir() && path != Path::new(INCOMING) {
                self.add(&path)?;
            } else if kind.is_file() {
                self.files.push((path, entry.metadata()?.len()));
            }
        }
        Ok(())
    }

    /// How many there are.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.files.iter().for_each(|(_, bytes)| totals.add(*bytes));
        totals
    }

    /// Hands each of them on, with its name in the backup.
    pub fn each(&self, mut take: impl FnMut(&Path, u64, File) -> io::Result<()>) -> io::Result<()> {
        for (path, bytes) in &self.files {
            take(&Path::new(PLACE).join(path), *bytes, File::open(self.folder.join(path))?)?;
        }
        Ok(())
    }
}

/// The place in the folder of what has this name in a backup; `None` when it is no file that people
/// share, or would lie outside.
pub fn place(name: &Path) -> Option<&Path> {
    let within = name.strip_prefix(PLACE).ok()?;
    let is_inside = within.components().all(|part| matches!(part, Component::Normal(_)));
    (is_inside && within.components().next().is_some()).then_some(within)
}

/// Puts a file from a backup into a folder. One that lies there already is the same one: nothing in the
/// folder ever changes.
pub fn put(folder: &Path, within: &Path, content: &mut (impl Read + ?Sized)) -> io::Result<u64> {
    let (path, incoming) = (folder.join(within), folder.join(INCOMING));
    for folder in [parent(&path), &incoming] {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    // The next start removes it there, should this one be killed.
    let mut file = NamedTempFile::new_in(&incoming)?;
    let bytes = io::copy(content, &mut file)?;
    file.as_file().sync_all()?;
    file.persist(&path)?;
    Ok(bytes)
}

/// Waits until all names in the folder are on the disk.
pub fn sync(folder: &Path) -> io::Result<()> {
    if fs::exists(folder)? {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                File::open(entry.path())?.sync_all()?;
            }
        }
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_into_the_folder_or_nowhere() {
        assert_eq!(place(Path::new("files/ab/cdef")), Some(Path::new("ab/cdef")));
        for name in
            ["files", "files/", "database.sqlite3", "files/../x", "files/ab/../../x", "/etc/x", "filesx/y"]
        {
            assert_eq!(place(Path::new(name)), None, "{name}");
        }
    }

    #[test]
    fn what_is_whole_is_listed_and_put_back() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for (path, content) in [("ab/one", "1"), ("cd/two", "22"), ("incoming/half", "3")] {
            fs::create_dir_all(parent(&from.path().join(path))).unwrap();
            fs::write(from.path().join(path), content).unwrap();
        }
        let found = Shared::hold(from.path()).unwrap().list().unwrap();
        assert_eq!(found.totals(), Totals { count: 2, bytes: 3 });
        found
            .each(|name, bytes, mut file| {
                assert_eq!(put(to.path(), place(name).unwrap(), &mut file).unwrap(), bytes);
                Ok(())
            })
            .unwrap();
        sync(to.path()).unwrap();
        let again = Shared::hold(to.path()).unwrap().list().unwrap();
        assert_eq!(again.files, found.files);
        let nowhere = Shared::hold(&from.path().join("nowhere")).unwrap();
        assert_eq!(nowhere.list().unwrap().totals(), Totals::default());
    }
}
