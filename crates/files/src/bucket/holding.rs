use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use object_store::ObjectStore;
use parlor_domain::{FileFailure, Timestamp};

use super::objects::unforeseen_name;
use super::{Bucket, BucketError};

/// Where holds lie.
const HOLDS: &str = "holds";

/// How long a hold counts, should nobody have released it.
const HOLDS_FOR: Duration = Duration::from_hours(24);

/// A hold on all objects of a bucket.
///
/// A bucket has no locks. Who copies objects puts one there first and copies the database then; who lets
/// go of objects lets the database forget them first, and looks for holds then. So what is let go of
/// was forgotten before the hold came, and with that before the database was copied.
#[derive(Debug, Clone)]
pub struct BucketHold(String);

impl Bucket {
    /// Holds on to all objects.
    pub async fn hold(&self) -> Result<BucketHold, FileFailure> {
        let name = unforeseen_name();
        self.objects.put(&self.objects.within(HOLDS, &name), Bytes::from_static(b"hold")).await?;
        Ok(BucketHold(name))
    }

    /// Ends a hold.
    pub async fn release(&self, hold: &BucketHold) -> Result<(), FileFailure> {
        self.objects.delete(&self.objects.within(HOLDS, &hold.0)).await
    }

    /// Whether somebody holds on to all objects.
    pub async fn is_held(&self, now: Timestamp) -> Result<bool, FileFailure> {
        let since = now.minus(HOLDS_FOR).as_millis();
        let mut holds = self.objects.store.list(Some(&self.objects.below(HOLDS))).fuse();
        while let Some(hold) = holds.try_next().await.map_err(BucketError::of_object)? {
            if hold.last_modified.timestamp_millis() > since {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
