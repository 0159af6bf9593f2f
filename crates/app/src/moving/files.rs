//! The files that people share, on their way to where another server keeps them.

use std::path::Path;

use parlor_domain::{FileFailure, FileStore, StoredObject};
use parlor_files::place_of;

use crate::config::{self, Settings, Sources};
use crate::failure::{Failure, chain};
use crate::sharing::Sharing;

/// Where files are, and where they are to be as well.
pub struct Files {
    from: Sharing,
    to: Sharing,
}

/// What was copied.
pub struct Copied {
    /// How many objects there are: files, and small versions of pictures.
    pub objects: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// How many of them were not there before.
    pub added: u64,
}

impl Files {
    /// From where a server with these settings has its files to where one with this settings file will
    /// have them. Variables say where the old ones are, and so count for the old server alone.
    pub fn between(old: &Settings, new: &Path) -> Result<Self, Failure> {
        let sources = Sources { file: Some(new.into()), variables: Vec::new(), flags: Vec::new() };
        let new = config::load(&sources)?.settings;
        Ok(Self { from: Sharing::of(old)?, to: Sharing::of(&new)? })
    }

    /// Copies what is not there yet. Objects never change, so that what is there with as many bytes is the
    /// same.
    pub async fn copy(&self) -> Result<Copied, Failure> {
        self.from.check().await?;
        self.to.check().await?;
        let mut done = Copied { objects: 0, bytes: 0, added: 0 };
        let mut listing =
            self.from.objects.list().await.map_err(|failure| cannot("list the files", &failure))?;
        while let Some(page) = listing.next().await.map_err(|failure| cannot("list the files", &failure))? {
            for object in page {
                let copied = copy(&object, &*self.from.objects, &*self.to.objects).await;
                let what = || format!("copy the file {}", place_of(object.object).display());
                done.added += u64::from(copied.map_err(|failure| cannot(&what(), &failure))?);
                done.objects += 1;
                done.bytes += object.bytes;
            }
        }
        Ok(done)
    }
}

/// Copies one object unless it is there; whether it was not.
async fn copy(
    StoredObject { object, bytes, .. }: &StoredObject,
    from: &dyn FileStore,
    to: &dyn FileStore,
) -> Result<bool, FileFailure> {
    match to.size(*object).await {
        Ok(size) if size == *bytes => return Ok(false),
        Ok(_) | Err(FileFailure::Missing) => {}
        Err(failure) => return Err(failure),
    }
    let mut receiving = to.receive().await?;
    let mut pieces = from.read(*object, 0..*bytes).await?;
    while let Some(piece) = pieces.next().await? {
        receiving.write(&piece).await?;
    }
    receiving.keep(*object, None).await?;
    Ok(true)
}

fn cannot(what: &str, failure: &FileFailure) -> Failure {
    Failure::Fault(
        format!("cannot {what}: {}; what was copied stays, and the same command goes on", chain(failure))
            .into(),
    )
}
