use std::time::Duration;

use super::{FileError, FileFailure, Files};
use crate::ObjectId;

/// How long a file stays that nothing uses, so that one who uploads has time to send it.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// Files that are freed in one unit of work: few enough that nobody who posts waits for it.
const AT_ONCE: u32 = 100;

/// Uploads that are freed with them. Each may have many parts.
const UPLOADS_AT_ONCE: u32 = 10;

impl Files {
    /// Lets go of some files that nothing has used for a day, and of their bytes when no other file has
    /// them, and of some uploads that did not go on for as long; whether there was one.
    ///
    /// The database forgets bytes first, in one unit of work that looks once more whether something
    /// uses them; what it noted to go is deleted by [`Files::delete_freed`], also when the program was
    /// killed in between.
    pub async fn free(&self) -> Result<bool, FileError> {
        let now = self.clock.now();
        let unused_since = now.minus(KEPT_FOR);
        let mut work = self.store.begin().await?;
        let freed =
            work.free_files(unused_since, AT_ONCE).await? + work.free_uploads(now, UPLOADS_AT_ONCE).await?;
        if freed > 0 {
            work.commit().await?;
        }
        Ok(freed > 0)
    }

    /// Some objects that the database has let go of and whose bytes are still there, in an order, those
    /// after this one.
    pub async fn freed(&self, after: Option<ObjectId>) -> Result<Vec<ObjectId>, FileError> {
        Ok(self.store.freed_objects(after, AT_ONCE).await?)
    }

    /// Deletes the bytes of objects that the database has let go of, and answers why one of them could not be
    /// deleted. Those stay for another time, and keep the others from nothing.
    pub async fn delete_freed(&self, objects: &[ObjectId]) -> Result<Option<FileFailure>, FileError> {
        // While nothing can be written, nobody could note what was deleted, and it would be deleted again
        // and again.
        drop(self.store.begin().await?);
        let (mut deleted, mut failed) = (Vec::new(), None);
        for object in objects {
            match self.objects.delete(*object).await {
                Ok(()) => deleted.push(*object),
                // The others are there as well, and each would be waited for.
                Err(away @ FileFailure::Away(_)) => {
                    failed = Some(away);
                    break;
                }
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        if !deleted.is_empty() {
            let mut work = self.store.begin().await?;
            work.forget_objects(&deleted).await?;
            work.commit().await?;
        }
        Ok(failed)
    }
}
