use super::posters::poster_name;
use super::receiving::may_be_noted;
use super::{Blob, FileError, FileFailure, FileInUse, FileKind, Files};

/// How often one tries to have a picture looked at while others wait for that, too.
const TRIES: u32 = 30;

impl Files {
    /// Makes the small versions of a picture or a poster anew; whether they are there now. What cannot be
    /// done with this one alone is no failure, so that all others are looked at, too.
    pub(super) async fn mend_thumbnails<P>(
        &self,
        blob: &Blob,
        files: &[FileInUse],
        pause: &(impl Fn() -> P + Sync),
    ) -> Result<bool, FileError>
    where
        P: Future<Output = ()> + Send,
    {
        for _ in 0..TRIES {
            match self.make_thumbnails(blob, files).await {
                Err(FileError::Failed(FileFailure::Busy)) => pause().await,
                Err(FileError::Failed(_) | FileError::Refused(_)) => return Ok(false),
                made => return made,
            }
        }
        Ok(false)
    }

    /// The picture is received once more, by the name of one of its files, and takes the place of what was
    /// there.
    async fn make_thumbnails(&self, blob: &Blob, files: &[FileInUse]) -> Result<bool, FileError> {
        for FileInUse { file, .. } in files {
            let is_poster = file.poster.as_ref().is_some_and(|poster| poster.object == blob.object);
            if !is_poster && file.media_type.kind() != FileKind::Picture {
                continue;
            }
            let mut receiving = self.objects.receive().await?;
            let mut bytes = self.objects.read(blob.object, 0..blob.bytes).await?;
            let mut name = file.name.clone();
            let mut is_begun = false;
            while let Some(piece) = bytes.next().await? {
                if is_poster && !is_begun {
                    name = poster_name(&piece)?;
                }
                is_begun = true;
                receiving.write(&piece).await?;
            }
            let Ok(inspected) = receiving.inspect(&name, None).await? else { continue };
            if inspected.hash != blob.hash || inspected.thumbnails.is_none() {
                continue;
            }
            let anew = self.new_blob(&inspected);
            let thumbnails = anew.thumbnails.map(|made| [made.small.object, made.large.object]);
            receiving.keep(anew.object, thumbnails).await?;
            let replaced = self.replace(blob, &anew).await;
            if !matches!(replaced, Ok(true)) && !may_be_noted(&replaced) {
                self.forget(&anew).await;
            }
            return replaced;
        }
        Ok(false)
    }

    /// Puts bytes in the place of the same ones, unless those were let go of meanwhile: then nothing would
    /// ever let go of the new ones.
    async fn replace(&self, blob: &Blob, anew: &Blob) -> Result<bool, FileError> {
        let mut work = self.store.begin().await?;
        let now = self.clock.now();
        if work.lock_blob(&blob.hash).await?.is_none_or(|found| found.object != blob.object) {
            return Ok(false);
        }
        work.lose_blob(blob.object, Some(now)).await?;
        work.insert_blob(anew, now).await?;
        work.commit().await?;
        Ok(true)
    }
}
