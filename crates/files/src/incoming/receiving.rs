use std::io::{self, Write};
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{ContentHash, FileFailure, FileName, FileRefusal, Inspected, ObjectId, Receiving};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::inspecting::{self, Stopped};
use super::{Intake, Keep};
use crate::disk::{blocking, blocking_io, failure};
use crate::pictures;
use crate::turns::NoResult;

/// How many bytes are gathered before they are written.
const PIECE: usize = 1024 * 1024;

/// A file on its way in: what came last in memory, what came before in a temporary file.
pub(crate) struct Incoming {
    intake: Arc<Intake>,
    keep: Arc<dyn Keep>,
    gathered: Vec<u8>,
    /// It is away while somebody works with it, and stays away when that breaks off.
    received: Option<Received>,
}

/// What came so far.
pub(crate) struct Received {
    pub(crate) file: NamedTempFile,
    pub(super) hash: Sha256,
    pub(crate) bytes: u64,
    /// The small versions of the picture that it is.
    pub(crate) thumbnails: Option<[Vec<u8>; 2]>,
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
    /// What comes goes to a temporary file of `intake`, and in the end to `keep`.
    pub(crate) async fn begin(intake: Arc<Intake>, keep: Arc<dyn Keep>) -> Result<Self, FileFailure> {
        let spool = Arc::clone(&intake);
        let file = blocking(move || spool.spool.temporary()).await?;
        Ok(Self { intake, keep, gathered: Vec::new(), received: Some(Received::new(file)) })
    }

    fn take(&mut self) -> Result<Received, FileFailure> {
        self.received
            .take()
            .ok_or_else(|| FileFailure::Failed("what was received is not there any more".into()))
    }

    /// Does something with what came, off the asynchronous threads.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Intake, &mut Received) -> T + Send + 'static,
    ) -> Result<T, FileFailure> {
        let (intake, mut received) = (Arc::clone(&self.intake), self.take()?);
        let (received, done) = blocking_io(move || {
            let done = work(&intake, &mut received);
            (received, done)
        })
        .await?;
        self.received = Some(received);
        Ok(done)
    }

    /// Does the same when it is its turn to read a picture.
    async fn with_turn<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Intake, &mut Received) -> Result<T, Stopped> + Send + 'static,
    ) -> Result<T, Stopped> {
        let (intake, mut received) = (Arc::clone(&self.intake), self.take()?);
        let turn = self.intake.turns.take(move || {
            let done = work(&intake, &mut received);
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
        let written = move |_: &Intake, received: &mut Received| {
            let written = received.add(&gathered);
            gathered.clear();
            written.map(|()| gathered)
        };
        self.gathered = self.with(written).await?.map_err(failure)?;
        Ok(())
    }

    async fn look(&mut self, name: FileName, declared: Option<String>) -> Result<Inspected, Stopped> {
        self.flush().await?;
        let told = move |intake: &Intake, received: &mut Received| {
            inspecting::media_type(intake, received, &name, declared.as_deref())
        };
        let media_type = self.with(told).await??;
        let shown = match pictures::format(&media_type) {
            Some(format) => {
                let read = move |intake: &Intake, received: &mut Received| {
                    inspecting::picture(intake, received, format)
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
        // What was looked at has been flushed; what comes without having to be looked at has not.
        self.flush().await?;
        let received = self.take()?;
        self.keep.keep(received, object, thumbnails).await
    }
}
