use super::receiving::{may_be_noted, note_blob};
use super::{Blob, File, FileError, FileKind, FileName, FileRefusal, Files};
use crate::{Actor, Denied, FileId, StoreError};

impl Files {
    /// Gives a film a poster: the picture that stands in its place until it is played. It takes the
    /// place of an earlier one.
    ///
    /// Only who uploaded the film may do so, and only before a message has it: what others saw does
    /// not become something else. The poster goes through all that a picture goes through, is kept
    /// like the bytes of one, and goes with the last film that has it.
    pub async fn set_poster(&self, actor: &Actor, id: FileId, picture: &[u8]) -> Result<File, FileError> {
        let file = self.file(actor, id).await?;
        if file.owner != actor.user {
            return Err(Denied::Forbidden.into());
        }
        if file.media_type.kind() != FileKind::Video {
            return Err(FileError::NoVideo);
        }
        self.check_room(picture.len() as u64).await?;
        let mut receiving = self.objects.receive().await?;
        receiving.write(picture).await?;
        let inspected = receiving.inspect(&poster_name(picture)?, None).await??;
        if inspected.media_type.kind() != FileKind::Picture {
            return Err(FileRefusal::Damaged.into());
        }
        let poster = self.new_blob(&inspected);
        if let Some(file) = self.note_poster(&file, &poster, false).await? {
            return Ok(file);
        }
        let thumbnails = poster.thumbnails.map(|made| [made.small.object, made.large.object]);
        receiving.keep(poster.object, thumbnails).await?;
        let noted = match self.note_poster(&file, &poster, true).await {
            // Somebody has uploaded the same meanwhile.
            Err(FileError::Store(StoreError::Conflict(_))) => self.note_poster(&file, &poster, false).await,
            noted => noted,
        };
        let is_used = |file: &File| file.poster.as_ref().is_some_and(|used| used.object == poster.object);
        if !matches!(&noted, Ok(Some(file)) if is_used(file)) && !may_be_noted(&noted) {
            self.forget(&poster).await;
        }
        noted?.ok_or_else(|| StoreError::Failed("the bytes of a poster were not noted".into()).into())
    }

    /// Notes a poster whose bytes are there already, or were kept just now; `None` when they are not
    /// there.
    async fn note_poster(
        &self,
        file: &File,
        poster: &Blob,
        is_kept: bool,
    ) -> Result<Option<File>, FileError> {
        let mut work = self.store.begin().await?;
        work.lock_user(file.owner).await?;
        let file = work.lock_files(&[file.id]).await?.pop().ok_or(Denied::NotFound)?;
        let before = file.poster.as_ref().map_or(0, |before| before.bytes);
        let used = work.file_usage(file.owner).await?.saturating_sub(before);
        self.check_size(poster.bytes, self.policy.quota_bytes.saturating_sub(used))?;
        let Some(poster) = note_blob(&mut *work, poster, is_kept, self.clock.now()).await? else {
            return Ok(None);
        };
        if !work.set_poster(file.id, poster.object).await? {
            return Err(FileError::Sent);
        }
        work.commit().await?;
        Ok(Some(File { poster: Some(Box::new(poster)), ..file }))
    }
}

/// A name that says what the bytes begin like, which is what files are received by.
pub(super) fn poster_name(picture: &[u8]) -> Result<FileName, FileRefusal> {
    let ending = match picture {
        [0xFF, 0xD8, 0xFF, ..] => "jpg",
        [0x89, b'P', b'N', b'G', ..] => "png",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "webp",
        _ => return Err(FileRefusal::Damaged),
    };
    Ok(FileName::from_stored(format!("poster.{ending}")))
}
