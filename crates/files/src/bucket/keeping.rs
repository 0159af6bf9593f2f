use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use parlor_domain::{FileFailure, ObjectId};

use super::objects::Objects;
use crate::incoming::{Keep, Received};

/// Keeps in a bucket what came.
pub(super) struct Keeper(pub(super) Arc<Objects>);

#[async_trait]
impl Keep for Keeper {
    async fn keep(
        &self,
        received: Received,
        object: ObjectId,
        thumbnails: Option<[ObjectId; 2]>,
    ) -> Result<(), FileFailure> {
        let objects = Arc::clone(&self.0);
        // It goes on to its end although nobody may wait for it any more: a part that stays behind would
        // be in nobody's list.
        let kept = tokio::spawn(async move { keep(&objects, received, object, thumbnails).await });
        kept.await.map_err(|error| FileFailure::Failed(error.into()))?
    }
}

async fn keep(
    objects: &Objects,
    received: Received,
    object: ObjectId,
    thumbnails: Option<[ObjectId; 2]>,
) -> Result<(), FileFailure> {
    let small = thumbnails.into_iter().flatten();
    let made = small.clone().zip(received.thumbnails.into_iter().flatten());
    let kept = async {
        for (object, bytes) in made {
            objects.put(&objects.path(object), Bytes::from(bytes)).await?;
        }
        let file = received.file.reopen().map_err(|error| FileFailure::Failed(error.into()))?;
        objects.put_file(&objects.path(object), file, received.bytes).await
    };
    let kept = kept.await;
    if kept.is_err() {
        for object in small.chain([object]) {
            // What cannot be removed now is an orphan, which does no harm but for its room.
            _ = objects.delete(&objects.path(object)).await;
        }
    }
    kept
}
