use std::ops::Range;

use super::{File, FileBytes, FileError, Files, ThumbnailSize};
use crate::{Actor, Denied, FileId};

impl Files {
    /// A file, for one who may see it: who uploaded it, and who sees a message that has it.
    pub async fn file(&self, actor: &Actor, id: FileId) -> Result<File, FileError> {
        let file = self.store.file(id).await?.ok_or(Denied::NotFound)?;
        if file.owner != actor.user && !self.store.is_file_in_sight(id, actor.user).await? {
            return Err(Denied::NotFound.into());
        }
        Ok(file)
    }

    /// Some of the bytes of a file that [`Files::file`] answered.
    pub async fn read(&self, file: &File, range: Range<u64>) -> Result<Box<dyn FileBytes>, FileError> {
        Ok(self.objects.read(file.blob.object, range).await?)
    }

    /// How many bytes the small version of a file has that [`Files::file`] answered, and those bytes;
    /// `None` when it has none.
    pub async fn thumbnail(
        &self,
        file: &File,
        size: ThumbnailSize,
    ) -> Result<Option<(u64, Box<dyn FileBytes>)>, FileError> {
        let Some(thumbnails) = file.face().thumbnails else { return Ok(None) };
        let thumbnail = match size {
            ThumbnailSize::Small => thumbnails.small,
            ThumbnailSize::Large => thumbnails.large,
        };
        let bytes = self.objects.read(thumbnail.object, 0..thumbnail.bytes).await?;
        Ok(Some((thumbnail.bytes, bytes)))
    }
}
