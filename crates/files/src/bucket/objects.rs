use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{BackoffConfig, MultipartUpload, ObjectStoreExt, PutPayload, RetryConfig};
use parlor_domain::{FileFailure, ObjectId};
use uuid::Uuid;

use super::connecting::Way;
use super::{BucketError, BucketSettings};
use crate::disk::{blocking, name, named};

/// How many bytes travel at once, and are in memory meanwhile: the fewest that a part may have.
const PART: u64 = 5 * 1024 * 1024;

/// How often and for how long something is tried that a bucket could not do.
const RETRIES: usize = 2;
const RETRY_WITHIN: Duration = Duration::from_secs(15);

/// The objects of a bucket, below a prefix.
pub(super) struct Objects {
    pub(super) store: AmazonS3,
    prefix: Path,
}

impl Objects {
    pub(super) fn new(settings: &BucketSettings) -> Result<Self, BucketError> {
        let mut builder = AmazonS3Builder::new()
            .with_http_connector(Way::new(settings.authority.as_deref(), settings.allow_http)?)
            .with_allow_http(settings.allow_http)
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key_id)
            .with_secret_access_key(&settings.secret_access_key)
            .with_virtual_hosted_style_request(!settings.path_style)
            .with_retry(RetryConfig {
                max_retries: RETRIES,
                retry_timeout: RETRY_WITHIN,
                backoff: BackoffConfig::default(),
            });
        if let Some(endpoint) = settings.address() {
            builder = builder.with_endpoint(endpoint);
        }
        let store = builder.build().map_err(|error| BucketError::Settings(error.to_string()))?;
        let prefix = Path::parse(&settings.prefix)
            .map_err(|error| BucketError::Settings(format!("files.s3_prefix: {error}")))?;
        Ok(Self { store, prefix })
    }

    /// Where something lies.
    pub(super) fn within(&self, folder: &str, name: &str) -> Path {
        self.below(folder).join(name)
    }

    /// Where the things of a folder lie.
    pub(super) fn below(&self, folder: &str) -> Path {
        self.prefix.clone().join(folder)
    }

    /// Where an object lies.
    pub(super) fn path(&self, object: ObjectId) -> Path {
        let (folder, name) = name(object);
        self.within(&folder, &name)
    }

    /// Which object lies there; `None` for anything else.
    pub(super) fn object(&self, path: &Path) -> Option<ObjectId> {
        let mut parts = path.prefix_match(&self.prefix)?;
        let (folder, name) = (parts.next()?, parts.next()?);
        named(folder.as_ref(), name.as_ref()).filter(|_| parts.next().is_none())
    }

    /// Everything below the prefix.
    pub(super) fn prefix(&self) -> Option<&Path> {
        (!self.prefix.as_ref().is_empty()).then_some(&self.prefix)
    }

    pub(super) async fn put(&self, path: &Path, bytes: Bytes) -> Result<(), FileFailure> {
        let put = self.store.put(path, PutPayload::from_bytes(bytes)).await;
        put.map(drop).map_err(BucketError::of_object)
    }

    pub(super) async fn delete(&self, path: &Path) -> Result<(), FileFailure> {
        match self.store.delete(path).await {
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            deleted => deleted.map_err(BucketError::of_object),
        }
    }

    /// Puts a file of this machine there, in parts when it is large.
    pub(super) async fn put_file(&self, path: &Path, file: File, bytes: u64) -> Result<(), FileFailure> {
        let file = Arc::new(file);
        if bytes <= PART {
            return self.put(path, piece(&file, 0, bytes).await?).await;
        }
        let mut upload = self.store.put_multipart(path).await.map_err(BucketError::of_object)?;
        let put = put_parts(&mut *upload, &file, bytes).await;
        if put.is_err() {
            // What cannot be taken back goes by the bucket's own rules.
            _ = upload.abort().await;
        }
        put
    }
}

async fn put_parts(
    upload: &mut dyn MultipartUpload,
    file: &Arc<File>,
    bytes: u64,
) -> Result<(), FileFailure> {
    let mut start = 0;
    while start < bytes {
        let end = bytes.min(start + PART);
        let part = PutPayload::from_bytes(piece(file, start, end).await?);
        upload.put_part(part).await.map_err(BucketError::of_object)?;
        start = end;
    }
    upload.complete().await.map(drop).map_err(BucketError::of_object)
}

async fn piece(file: &Arc<File>, start: u64, end: u64) -> Result<Bytes, FileFailure> {
    let file = Arc::clone(file);
    blocking(move || {
        let length = usize::try_from(end - start).map_err(io::Error::other)?;
        let mut piece = vec![0; length];
        file.read_exact_at(&mut piece, start)?;
        Ok(piece.into())
    })
    .await
}

/// A name for something of the bucket's own, which no other program has.
#[expect(clippy::disallowed_methods, reason = "nothing has to foresee the name, and it is no id")]
pub(super) fn unforeseen_name() -> String {
    Uuid::new_v4().simple().to_string()
}
