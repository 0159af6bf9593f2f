//! The files that people share, in a backup.
//!
//! Where they are, in a folder or in a bucket, nothing ever changes, and each file is there before the
//! database tells of it. So a list that is made after the copy of the database has all files that the copy
//! tells of, as long as none of them goes meanwhile.

use std::io::{self, Read};
use std::path::Path;

use parlor_domain::{FileBytes, FileFailure, FileStore, ObjectId};
use parlor_files::{object_at, place_of};
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;

use crate::failure::chain;
use crate::sharing::{Hold, Sharing};

/// Where the files are in a backup.
const PLACE: &str = "files";

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

/// Where files are, from which none goes for as long as this is there.
pub struct Shared<'a> {
    sharing: &'a Sharing,
    held: Hold,
}

/// What was there at one moment: which objects, and how many bytes they have.
pub struct Found<'a> {
    objects: &'a dyn FileStore,
    found: Vec<(ObjectId, u64)>,
}

impl<'a> Shared<'a> {
    /// Holds on to the files. To be done before the database is copied.
    pub async fn hold(sharing: &'a Sharing) -> Result<Self, FileFailure> {
        Ok(Self { sharing, held: sharing.copying().await? })
    }

    /// Lists them. To be done after the database was copied.
    pub async fn list(&self) -> Result<Found<'a>, FileFailure> {
        let objects = &*self.sharing.objects;
        let (mut listing, mut found) = (objects.list().await?, Vec::new());
        while let Some(page) = listing.next().await? {
            found.extend(page.iter().map(|stored| (stored.object, stored.bytes)));
        }
        found.sort_unstable();
        Ok(Found { objects, found })
    }

    /// Lets go of them.
    pub async fn release(self) -> Result<(), FileFailure> {
        self.held.release().await
    }
}

impl Found<'_> {
    /// How many there are.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.found.iter().for_each(|(_, bytes)| totals.add(*bytes));
        totals
    }

    /// Hands each of them on, with its name in the backup. To be done where one may wait.
    pub fn each(&self, mut take: impl FnMut(&Path, u64, &mut dyn Read) -> io::Result<()>) -> io::Result<()> {
        for (object, bytes) in &self.found {
            let name = Path::new(PLACE).join(place_of(*object));
            let arriving = Handle::current().block_on(self.objects.read(*object, 0..*bytes));
            let arriving = arriving.map_err(|failure| failed(*object, &failure))?;
            take(&name, *bytes, &mut Content { object: *object, arriving, piece: Vec::new(), read: 0 })?;
        }
        Ok(())
    }
}

/// An object's bytes, for one who waits for them.
struct Content {
    object: ObjectId,
    arriving: Box<dyn FileBytes>,
    piece: Vec<u8>,
    read: usize,
}

impl Read for Content {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            let next = Handle::current().block_on(self.arriving.next());
            match next.map_err(|failure| failed(self.object, &failure))? {
                Some(piece) => (self.piece, self.read) = (piece, 0),
                None => return Ok(0),
            }
        }
        let read = (&self.piece[self.read..]).read(buffer)?;
        self.read += read;
        Ok(read)
    }
}

fn failed(object: ObjectId, failure: &FileFailure) -> io::Error {
    io::Error::other(format!("the file {}: {}", place_of(object).display(), chain(failure)))
}

/// The place of what has this name in a backup; `None` when it is no file that people share.
pub fn object(name: &Path) -> Option<ObjectId> {
    object_at(name.strip_prefix(PLACE).ok()?)
}

/// Puts a file from a backup to the others. One that is there already is the same one: none of them ever
/// changes.
pub async fn put(objects: &dyn FileStore, object: ObjectId, content: &mut dyn Read) -> io::Result<u64> {
    let put = async {
        let mut receiving = objects.receive().await?;
        let (mut piece, mut bytes) = (vec![0; 256 * 1024], 0);
        loop {
            let read = content.read(&mut piece).map_err(|error| FileFailure::Failed(error.into()))?;
            if read == 0 {
                break;
            }
            receiving.write(&piece[..read]).await?;
            bytes += read as u64;
        }
        receiving.keep(object, None).await?;
        Ok(bytes)
    };
    put.await.map_err(|failure| failed(object, &failure))
}

#[cfg(test)]
mod tests {
    use parlor_files::{FileTypes, Folder};

    use super::*;

    fn folder(path: &Path) -> Folder {
        Folder::open(path, FileTypes::default()).unwrap()
    }

    #[test]
    fn a_name_is_that_of_an_object_or_nothing() {
        let name = "files/ab/000000000000000000000000000000ab";
        assert_eq!(object(Path::new(name)).map(place_of), Some("ab/000000000000000000000000000000ab".into()));
        for name in
            ["files", "files/", "files/ab/cdef", "database.sqlite3", "files/../x", "/etc/x", "filesx/y"]
        {
            assert_eq!(object(Path::new(name)), None, "{name}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_there_is_listed_and_put_back() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = |number: u8| Path::new(PLACE).join(format!("{number:02x}/{number:032x}"));
        let objects = folder(from.path());
        for (number, content) in [(1, "1"), (2, "22")] {
            put(&objects, object(&name(number)).unwrap(), &mut content.as_bytes()).await.unwrap();
        }
        let sharing = Sharing::in_folder(from.path());
        let found = Shared::hold(&sharing).await.unwrap().list().await.unwrap();
        assert_eq!(found.totals(), Totals { count: 2, bytes: 3 });
        let back = folder(to.path());
        tokio::task::block_in_place(|| {
            found.each(|name, bytes, content| {
                let mut all = Vec::new();
                content.read_to_end(&mut all)?;
                let mut all = all.as_slice();
                let put = put(&back, object(name).unwrap(), &mut all);
                assert_eq!(Handle::current().block_on(put)?, bytes);
                Ok(())
            })
        })
        .unwrap();
        let sharing = Sharing::in_folder(to.path());
        let again = Shared::hold(&sharing).await.unwrap().list().await.unwrap();
        assert_eq!(again.found, found.found);
        let nowhere = Sharing::in_folder(&from.path().join("nowhere"));
        let nowhere = Shared::hold(&nowhere).await.unwrap().list().await.unwrap();
        assert_eq!(nowhere.totals(), Totals::default());
    }
}
