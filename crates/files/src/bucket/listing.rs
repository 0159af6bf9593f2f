use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use object_store::ObjectMeta;
use parlor_domain::{FileFailure, Listing, StoredObject, Timestamp};

use super::BucketError;
use super::objects::Objects;

/// The most objects of a page.
const PAGE: usize = 1_000;

/// The objects of a bucket.
pub(super) struct Pages {
    pub(super) objects: Arc<Objects>,
    pub(super) found: BoxStream<'static, object_store::Result<ObjectMeta>>,
}

#[async_trait]
impl Listing for Pages {
    async fn next(&mut self) -> Result<Option<Vec<StoredObject>>, FileFailure> {
        let mut page = Vec::new();
        let mut seen = 0;
        while seen < PAGE {
            let Some(found) = self.found.next().await else { break };
            let found = found.map_err(BucketError::of_object)?;
            seen += 1;
            page.extend(self.objects.object(&found.location).map(|object| StoredObject {
                object,
                bytes: found.size,
                kept_at: Timestamp::from_millis(found.last_modified.timestamp_millis()),
            }));
        }
        Ok((seen > 0).then_some(page))
    }
}
