use std::collections::HashMap;
use std::time::Duration;

use super::{Blob, File, FileError, FileFailure, Files, Thumbnail};
use crate::{ConversationId, ObjectId, Timestamp, Username};

/// How old an object is at least that is taken for an orphan: a younger one may be on its way, and noted
/// in a moment.
const ORPHAN: Duration = Duration::from_hours(1);

/// Rows that are read at once.
const PAGE: u32 = 1_000;

/// The most findings that are told one by one; all are counted.
const TOLD: usize = 10_000;

/// Objects that the store knows to be in the file store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownObject {
    /// Bytes that files have, and the small versions of the picture that they are.
    Blob {
        /// The bytes.
        blob: Blob,
        /// Whether it was found that they are not there any more.
        lost: bool,
    },
    /// Some bytes of an upload that is not finished. When they are gone, it begins anew.
    Part(ObjectId),
    /// What the file store is to let go of.
    Freed(ObjectId),
}

impl KnownObject {
    /// By which they are told in order, page by page.
    pub fn key(&self) -> ObjectId {
        match self {
            Self::Blob { blob, .. } => blob.object,
            Self::Part(object) | Self::Freed(object) => *object,
        }
    }
}

/// A file, whose it is, and which messages have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInUse {
    /// The file.
    pub file: File,
    /// Who uploaded it.
    pub owner: Username,
    /// The conversation and the place there of each message that has it.
    pub places: Vec<(ConversationId, u64)>,
}

/// What is wrong with something that the file store has, or should have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Defect {
    /// The bytes of files are not there.
    Missing,
    /// There are more or fewer bytes than there should be.
    Size,
    /// A small version of a picture is not there, or not whole.
    Thumbnail,
    /// Nobody knows it.
    Orphan,
    /// Bytes that had been given up are there again.
    Found,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub defect: Defect,
    /// With which object.
    pub object: ObjectId,
    /// How many bytes it should have; of an orphan, how many it has.
    pub bytes: u64,
    /// The files it belongs to.
    pub files: Vec<FileInUse>,
    /// Whether it is right now.
    pub mended: bool,
}

/// What was found when the file store and the store were compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    /// How many objects the file store has.
    pub objects: u64,
    /// How many bytes these have.
    pub bytes: u64,
    /// How often each defect was found, and how often it is mended.
    pub totals: HashMap<Defect, (u64, u64)>,
    /// What was found, the first ten thousand of it.
    pub findings: Vec<Finding>,
}

impl Verified {
    fn add(&mut self, finding: Finding) {
        let (found, mended) = self.totals.entry(finding.defect).or_default();
        *found += 1;
        *mended += u64::from(finding.mended);
        if self.findings.len() < TOLD {
            self.findings.push(finding);
        }
    }

    /// How often a defect was found, and how often it is mended.
    pub fn total(&self, defect: Defect) -> (u64, u64) {
        self.totals.get(&defect).copied().unwrap_or_default()
    }

    /// Whether everything is as it should be, or is now.
    pub fn is_well(&self) -> bool {
        self.totals.values().all(|(found, mended)| found == mended)
    }
}

/// Small versions that are missing or not whole, and how many bytes they should have.
struct Damaged {
    small: Vec<(ObjectId, u64)>,
    /// Whether the picture is there that they are made from.
    is_whole: bool,
    files: Vec<FileInUse>,
}

/// What the file store has, by name: how many bytes, and since when.
type Stored = HashMap<ObjectId, (u64, Timestamp)>;

impl Files {
    /// Compares what the file store has with what the store knows, and mends it when that is asked for.
    ///
    /// What was listed may be gone, and what was not may be there, because people go on uploading and
    /// files go on being freed: what seems to be wrong is looked at once more. Bytes that are not there are
    /// given up: whoever uploads the same ones again brings them back for all files that have them.
    ///
    /// What cannot be mended is told, and keeps nothing else from being mended. `pause` is waited for before
    /// something is tried again that others keep busy.
    pub async fn verify<P>(&self, mend: bool, pause: impl Fn() -> P + Sync) -> Result<Verified, FileError>
    where
        P: Future<Output = ()> + Send,
    {
        let mut verified = Verified::default();
        // First the objects and then the rows: an object is there before its row is.
        let mut stored = self.stored(&mut verified).await?;
        let mut after = None;
        loop {
            let page = self.store.known_objects(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key());
            for known in page {
                match known {
                    KnownObject::Part(object) | KnownObject::Freed(object) => _ = stored.remove(&object),
                    KnownObject::Blob { blob, lost } => {
                        let damaged = self.verify_blob(&mut verified, &mut stored, &blob, lost, mend).await?;
                        if let Some(damaged) = damaged {
                            self.verify_thumbnails(&mut verified, &blob, damaged, mend, &pause).await?;
                        }
                    }
                }
            }
        }
        let oldest = self.clock.now().minus(ORPHAN);
        for (object, (bytes, kept_at)) in stored {
            if kept_at < oldest && self.size(object).await?.is_some() {
                let mended = mend && self.objects.delete(object).await.is_ok();
                let files = Vec::new();
                verified.add(Finding { defect: Defect::Orphan, object, bytes, files, mended });
            }
        }
        Ok(verified)
    }

    async fn stored(&self, verified: &mut Verified) -> Result<Stored, FileError> {
        let mut stored = Stored::new();
        let mut listing = self.objects.list().await?;
        while let Some(page) = listing.next().await? {
            for found in page {
                verified.objects += 1;
                verified.bytes += found.bytes;
                stored.insert(found.object, (found.bytes, found.kept_at));
            }
        }
        Ok(stored)
    }

    /// Looks at bytes that files have; what of the small versions is wrong.
    async fn verify_blob(
        &self,
        verified: &mut Verified,
        stored: &mut Stored,
        blob: &Blob,
        lost: bool,
        mend: bool,
    ) -> Result<Option<Damaged>, FileError> {
        let (object, bytes) = (blob.object, blob.bytes);
        let defect = self.defect(stored, object, bytes).await?;
        let thumbnails = blob.thumbnails.map(|made| [made.small, made.large]);
        let mut small = Vec::new();
        for Thumbnail { object, bytes } in thumbnails.into_iter().flatten() {
            if self.defect(stored, object, bytes).await?.is_some() {
                small.push((object, bytes));
            }
        }
        if defect.is_none() && small.is_empty() && !lost {
            return Ok(None);
        }
        let files = self.store.files_with(object).await?;
        if files.is_empty() {
            // It was let go of meanwhile.
            return Ok(None);
        }
        match defect {
            Some(defect) => {
                if mend && !lost {
                    self.give_up(object, true).await?;
                }
                verified.add(Finding { defect, object, bytes, files: files.clone(), mended: false });
            }
            None if lost => {
                if mend {
                    self.give_up(object, false).await?;
                }
                let (defect, files) = (Defect::Found, files.clone());
                verified.add(Finding { defect, object, bytes, files, mended: mend });
            }
            None => {}
        }
        let is_whole = defect.is_none();
        Ok((!small.is_empty()).then_some(Damaged { small, is_whole, files }))
    }

    /// Tells small versions that are missing or not whole, and makes them anew.
    async fn verify_thumbnails<P>(
        &self,
        verified: &mut Verified,
        blob: &Blob,
        damaged: Damaged,
        mend: bool,
        pause: &(impl Fn() -> P + Sync),
    ) -> Result<(), FileError>
    where
        P: Future<Output = ()> + Send,
    {
        let Damaged { small, is_whole, files } = damaged;
        let mended = mend && is_whole && self.mend_thumbnails(blob, &files, pause).await?;
        if mend && !mended && self.store.files_with(blob.object).await?.is_empty() {
            // It was let go of meanwhile.
            return Ok(());
        }
        for (object, bytes) in small {
            let files = files.clone();
            verified.add(Finding { defect: Defect::Thumbnail, object, bytes, files, mended });
        }
        Ok(())
    }

    /// What is wrong with an object that should have so many bytes.
    async fn defect(
        &self,
        stored: &mut Stored,
        object: ObjectId,
        bytes: u64,
    ) -> Result<Option<Defect>, FileError> {
        let size = match stored.remove(&object) {
            Some((size, _)) => Some(size),
            // It may have come after the others were listed.
            None => self.size(object).await?,
        };
        Ok(match size {
            None => Some(Defect::Missing),
            Some(size) => (size != bytes).then_some(Defect::Size),
        })
    }

    async fn size(&self, object: ObjectId) -> Result<Option<u64>, FileError> {
        match self.objects.size(object).await {
            Ok(size) => Ok(Some(size)),
            Err(FileFailure::Missing) => Ok(None),
            Err(failure) => Err(failure.into()),
        }
    }

    /// Notes that bytes are not there, or that they are after all.
    async fn give_up(&self, object: ObjectId, lost: bool) -> Result<(), FileError> {
        let mut work = self.store.begin().await?;
        work.lose_blob(object, lost.then(|| self.clock.now())).await?;
        Ok(work.commit().await?)
    }
}
