//! What the disk does, and what its errors mean.

use std::io;
use std::path::{Path, PathBuf};

use parlor_domain::{FileFailure, ObjectId};
use tokio::task::spawn_blocking;
use uuid::Uuid;

/// For the program alone.
pub(crate) const PRIVATE: u32 = 0o700;

/// Does what the disk may let wait, off the asynchronous threads.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, FileFailure> {
    blocking_io(work).await?.map_err(failure)
}

/// The same for what says by itself what went wrong.
pub(crate) async fn blocking_io<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, FileFailure> {
    spawn_blocking(work).await.map_err(|error| FileFailure::Failed(Box::new(error)))
}

/// What an error of the disk means.
pub(crate) fn failure(error: io::Error) -> FileFailure {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileFailure::Full(Box::new(error)),
        _ => FileFailure::Failed(Box::new(error)),
    }
}

/// How many bytes more the disk takes that a folder is on.
pub(crate) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let told = rustix::fs::statvfs(folder)?;
    Ok(told.f_bavail.saturating_mul(told.f_frsize))
}

/// What is to be removed may be gone already.
pub(crate) fn unless_gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// The folder of an object, and its name in there. Ids begin with the time, so that only their end
/// spreads over the folders.
pub(crate) fn name(object: ObjectId) -> (String, String) {
    let name = object.as_uuid().simple().to_string();
    (name[name.len() - 2..].to_owned(), name)
}

/// The object that has this name in this folder; `None` for anything else that lies there.
pub(crate) fn named(folder: &str, name: &str) -> Option<ObjectId> {
    let id = ObjectId::from_uuid(Uuid::try_parse(name).ok()?);
    (self::name(id) == (folder.to_owned(), name.to_owned())).then_some(id)
}

/// The place of an object in a folder, and in a backup.
pub fn place_of(object: ObjectId) -> PathBuf {
    let (folder, name) = name(object);
    Path::new(&folder).join(name)
}

/// The object that has this place; `None` for anything else.
pub fn object_at(place: &Path) -> Option<ObjectId> {
    let mut parts = place.iter().map(|part| part.to_str());
    let (folder, name) = (parts.next()??, parts.next()??);
    named(folder, name).filter(|_| parts.next().is_none())
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn a_full_disk_is_told_from_one_that_fails() {
        for full in [Errno::NOSPC, Errno::DQUOT] {
            assert!(matches!(failure(full.into()), FileFailure::Full(_)));
        }
        assert!(matches!(failure(Errno::IO.into()), FileFailure::Failed(_)));
    }

    #[test]
    fn only_what_the_server_named_is_an_object() {
        let object = ObjectId::from_uuid(Uuid::from_u128(0xAB));
        let (folder, name) = name(object);
        assert_eq!((folder.as_str(), name.as_str()), ("ab", "000000000000000000000000000000ab"));
        assert_eq!(named(&folder, &name), Some(object));
        assert_eq!(object_at(&place_of(object)), Some(object));
        for place in ["ab", "ab/cd", "../ab/000000000000000000000000000000ab", "/etc/passwd"] {
            assert_eq!(object_at(Path::new(place)), None, "{place}");
        }
        for (folder, name) in [
            ("ac", "000000000000000000000000000000ab"),
            ("AB", "000000000000000000000000000000AB"),
            ("ab", "00000000-0000-0000-0000-0000000000ab"),
            ("ab", "ab"),
            ("incoming", "lock"),
        ] {
            assert_eq!(named(folder, name), None, "{folder}/{name}");
        }
    }
}
