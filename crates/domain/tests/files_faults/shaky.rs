//! A store of files with faults.

use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use parlor_domain::{
    FileBytes, FileFailure, FileName, FileRefusal, FileStore, Inspected, Listing, ObjectId, Receiving,
};
use parlor_files::Folder;

/// How the next look at a picture ends.
pub enum Look {
    Busy,
    TooSlow,
}

type Doing = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What does not go well.
#[derive(Default)]
pub struct Faults {
    /// How many bytes are free on the disk.
    pub free: AtomicU64,
    pub looks: Mutex<VecDeque<Look>>,
    /// What cannot be deleted or read.
    pub stuck: Mutex<BTreeSet<ObjectId>>,
    pub deletions: AtomicUsize,
    /// What happens once something was kept.
    pub then: Mutex<Option<Doing>>,
}

/// A folder with faults.
pub struct Shaky {
    pub folder: Folder,
    pub faults: Arc<Faults>,
}

impl Shaky {
    fn is_stuck(&self, object: ObjectId) -> Result<(), FileFailure> {
        let stuck = self.faults.stuck.lock().unwrap().contains(&object);
        if stuck { Err(FileFailure::Failed("it is stuck".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl FileStore for Shaky {
    fn endings(&self) -> Vec<String> {
        self.folder.endings()
    }

    async fn receive(&self) -> Result<Box<dyn Receiving>, FileFailure> {
        let inner = self.folder.receive().await?;
        Ok(Box::new(ShakyReceiving { inner, faults: self.faults.clone() }))
    }

    async fn read(&self, object: ObjectId, range: Range<u64>) -> Result<Box<dyn FileBytes>, FileFailure> {
        self.is_stuck(object)?;
        self.folder.read(object, range).await
    }

    async fn size(&self, object: ObjectId) -> Result<u64, FileFailure> {
        self.folder.size(object).await
    }

    async fn list(&self) -> Result<Box<dyn Listing>, FileFailure> {
        self.folder.list().await
    }

    async fn delete(&self, object: ObjectId) -> Result<(), FileFailure> {
        self.faults.deletions.fetch_add(1, Ordering::SeqCst);
        self.is_stuck(object)?;
        self.folder.delete(object).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, FileFailure> {
        Ok(Some(self.faults.free.load(Ordering::SeqCst)))
    }
}

struct ShakyReceiving {
    inner: Box<dyn Receiving>,
    faults: Arc<Faults>,
}

#[async_trait]
impl Receiving for ShakyReceiving {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), FileFailure> {
        self.inner.write(bytes).await
    }

    async fn inspect(
        &mut self,
        name: &FileName,
        declared: Option<&str>,
    ) -> Result<Result<Inspected, FileRefusal>, FileFailure> {
        let look = self.faults.looks.lock().unwrap().pop_front();
        match look {
            Some(Look::Busy) => Err(FileFailure::Busy),
            Some(Look::TooSlow) => Ok(Err(FileRefusal::TooSlow)),
            None => self.inner.inspect(name, declared).await,
        }
    }

    async fn keep(
        self: Box<Self>,
        object: ObjectId,
        thumbnails: Option<[ObjectId; 2]>,
    ) -> Result<(), FileFailure> {
        self.inner.keep(object, thumbnails).await?;
        let then = self.faults.then.lock().unwrap().take();
        if let Some(then) = then {
            then.await;
        }
        Ok(())
    }
}
