use async_trait::async_trait;

use super::Result;
use crate::{MadePicture, PictureId, PictureSize, Timestamp};

/// Pictures of people and groups, as they are shown: small, and already made by the server.
#[async_trait]
pub trait PictureRepository: Send + Sync {
    /// The bytes of a picture in this size.
    async fn picture(&self, id: PictureId, size: PictureSize) -> Result<Option<Vec<u8>>>;

    /// Adds a picture.
    async fn insert_picture(&mut self, id: PictureId, made: &MadePicture, at: Timestamp) -> Result<()>;

    /// Lets go of a picture that nobody has any more. An unknown id does no harm.
    async fn delete_picture(&mut self, id: PictureId) -> Result<()>;
}
