use std::io::{self, Write};
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{ContentHash, FileFailure, FileName, FileRefusal, Inspected, ObjectId, Receiving};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::inspecting::{self, Stopped};
use super::place::Place;
use super::{Shared, blocking, blocking_io, failure};
use crate::pictures;
use crate::turns::NoResult;

/// How many bytes are gathered before they are written.
const PIECE: usize = 1024 * 1024;

/// A file on its way in: what came last in memory, what came before in a temporary file.
pub(super) struct Incoming {
    shared: Arc<Shared>,
    gathered: Vec<u8>,
    /// It is away while somebody works with it, and stays away when that breaks off.
    received: Option<Received>,
}

/// What came so far.
pub(super) struct Received {
    pub(super) file: NamedTempFile,
    pub(super) hash: Sha256,
    pub(super) bytes: u64,
    /// The small versions of the picture that it is.
    pub(super) thumbnails: Option<[Vec<u8>; 2]>,
}

impl Received {
    pub(super) fn new(file: NamedTempFile) -> Self {
        Self { file, hash: Sha256::new(), bytes: 0, thumbnails: None }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_file_mut().write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    pub(super) fn hash(&self) -> ContentHash {
        ContentHash(self.hash.clone().finalize().into())
    }
}

impl Incoming {
    pub(super) fn new(shared: Arc<Shared>, file: NamedTempFile) -> Self {
        Self { shared, gathered: Vec::new(), received: Some(Received::new(file)) }
    }

    fn take(&mut self) -> Result<Received, FileFailure> {
        self.received
            .take()
            .ok_or_else(|| FileFailure::Failed("what was received is not there any more".into()))
    }

    /// Does something with what came, off the asynchronous threads.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Shared, &mut Received) -> T + Send + 'static,
    ) -> Result<T, FileFailure> {
        let (shared, mut received) = (Arc::clone(&self.shared), self.take()?);
        let (received, done) = blocking_io(move || {
            let done = work(&shared, &mut received);
            (received, done)
        })
        .await?;
        self.received = Some(received);
        Ok(done)
    }

    /// Does the same when it is its turn to read a picture.
    async fn with_turn<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Shared, &mut Received) -> Result<T, Stopped> + Send + 'static,
    ) -> Result<T, Stopped> {
        let (shared, mut received) = (Arc::clone(&self.shared), self.take()?);
        let turn = self.shared.turns.take(move || {
            let done = work(&shared, &mut received);
            (received, done)
        });
        let (received, done) = turn.await.map_err(|stopped| match stopped {
            NoResult::Busy => Stopped::Failed(FileFailure::Busy),
            NoResult::TooSlow => Stopped::Refused(FileRefusal::TooSlow),
            NoResult::Broken(error) => Stopped::Failed(FileFailure::Failed(Box::new(error))),
        })?;
        self.received = Some(received);
        done
    }

    /// Writes what was gathered.
    async fn flush(&mut self) -> Result<(), FileFailure> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let mut gathered = std::mem::take(&mut self.gathered);
        let written = move |_: &Shared, received: &mut Received| {
            let written = received.add(&gathered);
            gathered.clear();
            written.map(|()| gathered)
        };
        self.gathered = self.with(written).await?.map_err(failure)?;
        Ok(())
    }

    async fn look(&mut self, name: FileName, declared: Option<String>) -> Result<Inspected, Stopped> {
        self.flush().await?;
        let told = move |shared: &Shared, received: &mut Received| {
            inspecting::media_type(shared, received, &name, declared.as_deref())
        };
        let media_type = self.with(told).await??;
        let shown = match pictures::format(&media_type) {
            Some(format) => {
                let read = move |shared: &Shared, received: &mut Received| {
                    inspecting::picture(shared, received, format)
                };
                Some(self.with_turn(read).await?)
            }
            None => None,
        };
        let (pixels, placeholder) = shown.unzip();
        let received = self.take()?;
        let inspected = Inspected {
            media_type,
            hash: received.hash(),
            bytes: received.bytes,
            pixels,
            placeholder,
            thumbnails: received.thumbnails.as_ref().map(|both| both.each_ref().map(|one| one.len() as u64)),
        };
        self.received = Some(received);
        Ok(inspected)
    }
}

#[async_trait]
impl Receiving for Incoming {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileFailure> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < PIECE {
            return Ok(());
        }
        self.flush().await
    }

    async fn inspect(
        &mut self,
        name: &FileName,
        declared: Option<&str>,
    ) -> Result<Result<Inspected, FileRefusal>, FileFailure> {
        match self.look(name.clone(), declared.map(str::to_owned)).await {
            Ok(inspected) => Ok(Ok(inspected)),
            Err(Stopped::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stopped::Failed(failure)) => Err(failure),
        }
    }

    async fn keep(
        mut self: Box<Self>,
        object: ObjectId,
        thumbnails: Option<[ObjectId; 2]>,
    ) -> Result<(), FileFailure> {
        let (shared, received) = (Arc::clone(&self.shared), self.take()?);
        blocking(move || keep(&shared.place, received, object, thumbnails)).await
    }
}

/// Keeps all of it or nothing.
fn keep(
    place: &Place,
    received: Received,
    object: ObjectId,
    thumbnails: Option<[ObjectId; 2]>,
) -> io::Result<()> {
    let small = thumbnails.into_iter().flatten();
    let made = small.clone().zip(received.thumbnails.into_iter().flatten());
    let kept = keep_small(place, made).and_then(|()| place.keep(received.file, object));
    if kept.is_err() {
        for object in small.chain([object]) {
            // What cannot be removed now is an orphan, which does no harm but for its room.
            _ = place.remove(object);
        }
    }
    kept
}

fn keep_small(place: &Place, made: impl Iterator<Item = (ObjectId, Vec<u8>)>) -> io::Result<()> {
    for (object, bytes) in made {
        let mut file = place.temporary()?;
        file.write_all(&bytes)?;
        place.keep(file, object)?;
    }
    Ok(())
}
