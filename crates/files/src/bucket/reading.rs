use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use parlor_domain::{FileBytes, FileFailure};

use super::BucketError;

/// The most bytes that are handed on at once.
const PIECE: usize = 256 * 1024;

/// An object's bytes as they come from the bucket.
pub(super) struct Arriving {
    stream: BoxStream<'static, object_store::Result<Bytes>>,
    left: u64,
    arrived: Bytes,
}

impl Arriving {
    pub(super) fn new(stream: BoxStream<'static, object_store::Result<Bytes>>, bytes: u64) -> Self {
        Self { stream, left: bytes, arrived: Bytes::new() }
    }
}

#[async_trait]
impl FileBytes for Arriving {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, FileFailure> {
        while self.arrived.is_empty() && self.left > 0 {
            self.arrived = match self.stream.next().await {
                Some(arrived) => arrived.map_err(BucketError::of_object)?,
                None => return Err(too_short()),
            };
        }
        if self.left == 0 {
            return Ok(None);
        }
        let piece = self.arrived.split_to(self.arrived.len().min(PIECE));
        self.left = self.left.checked_sub(piece.len() as u64).ok_or_else(too_short)?;
        Ok(Some(piece.to_vec()))
    }
}

/// There are other bytes than were asked for.
pub(super) fn too_short() -> FileFailure {
    FileFailure::Failed("the object has fewer bytes than it should".into())
}
