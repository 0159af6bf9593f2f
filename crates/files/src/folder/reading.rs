use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use async_trait::async_trait;
use parlor_domain::{FileBytes, FileFailure};

use crate::disk::blocking;

/// How many bytes are read at a time: so many that going to another thread for them costs little.
const PIECE: u64 = 256 * 1024;

/// Some of an object's bytes, piece by piece.
pub(super) struct Pieces {
    file: Arc<File>,
    range: Range<u64>,
}

impl Pieces {
    pub(super) fn new(file: File, range: Range<u64>) -> Self {
        Self { file: Arc::new(file), range }
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
        let piece = blocking(move || {
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
