use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{FileBytes, FileFailure};

use tokio::sync::Semaphore;

use crate::disk::blocking;

/// How many bytes are read at a time: so many that going to another thread for them costs little.
const PIECE: u64 = 256 * 1024;

/// How many pieces are read at a time. Each takes a thread; many threads that copy from the memory of the
/// disk leave none of the machine to those who chat.
const AT_ONCE: usize = 4;

/// Lets all who read from a folder take turns, piece by piece.
pub(super) struct Readers(Arc<Semaphore>);

impl Default for Readers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// Some of an object's bytes, piece by piece.
pub(super) struct Pieces {
    file: Arc<File>,
    range: Range<u64>,
    turns: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn pieces(&self, file: File, range: Range<u64>) -> Pieces {
        Pieces { file: Arc::new(file), range, turns: Arc::clone(&self.0) }
    }
}

#[async_trait]
impl FileBytes for Pieces {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileFailure> {
        if self.range.is_empty() {
            return Ok(None);
        }
        let start = self.range.start;
        let end = self.range.end.min(start + PIECE);
        let file = Arc::clone(&self.file);
        let turn =
            Arc::clone(&self.turns).acquire_owned().await.map_err(|gone| FileFailure::Failed(gone.into()))?;
        let piece = blocking(move || {
            // Held until it is read, also when nobody waits for it any more.
            let _turn = turn;
            let mut piece = vec![0; usize::try_from(end - start).unwrap_or(usize::MAX)];
            // It fails when the file ends before.
            file.read_exact_at(&mut piece, start)?;
            Ok(piece)
        })
        .await?;
        self.range.start = end;
        Ok(Some(piece))
    }
}
