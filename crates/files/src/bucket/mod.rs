//! Files in a bucket that speaks the protocol of S3.

mod connecting;
mod error;
mod holding;
mod keeping;
mod listing;
mod objects;
mod reading;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use object_store::{GetOptions, ObjectStore, ObjectStoreExt};
use parlor_domain::{FileBytes, FileFailure, FileStore, Listing, ObjectId, Receiving};

use crate::disk::{blocking, free_bytes};
use crate::incoming::{Incoming, Intake};
use crate::kinds::FileTypes;
pub use error::BucketError;
pub use holding::BucketHold;
use keeping::Keeper;
use listing::Pages;
use objects::{Objects, unforeseen_name};
use reading::{Arriving, too_short};

/// Where a bucket is, and who asks for it.
#[derive(Clone)]
pub struct BucketSettings {
    /// Its name.
    pub bucket: String,
    /// The address of the server that has it, such as `https://s3.example.org`; that of AWS when nothing
    /// is said.
    pub endpoint: Option<String>,
    /// The region it is in.
    pub region: String,
    /// What the names of all objects begin with.
    pub prefix: String,
    /// The name of the key.
    pub access_key_id: String,
    /// The key.
    pub secret_access_key: String,
    /// Whether the bucket's name is in the path of addresses, and not in the name of the machine.
    pub path_style: bool,
    /// Whether it is gone to without TLS.
    pub allow_http: bool,
    /// The certificate, in PEM, of an authority that is trusted besides the known ones.
    pub authority: Option<Vec<u8>>,
}

impl BucketSettings {
    /// Where requests go to: where its name is in that of the machine, it belongs to the address.
    fn address(&self) -> Option<String> {
        let endpoint = self.endpoint.as_deref()?.trim_end_matches('/');
        match endpoint.split_once("://") {
            Some((scheme, host)) if !self.path_style => Some(format!("{scheme}://{}.{host}", self.bucket)),
            _ => Some(endpoint.to_owned()),
        }
    }
}

/// Keeps the bytes of files in a bucket. The names of objects are those that a [`Folder`](crate::Folder)
/// has, below a prefix.
///
/// What comes in goes to a folder of this machine first, because it is looked at before it is kept. It is
/// kept when the bucket has acknowledged it.
pub struct Bucket {
    name: String,
    objects: Arc<Objects>,
    intake: Arc<Intake>,
    spool: PathBuf,
}

impl Bucket {
    /// Files of these types in a bucket, which is not asked yet. What comes in goes through the folder
    /// `spool`.
    pub fn at(settings: &BucketSettings, spool: &Path, types: FileTypes) -> Result<Self, BucketError> {
        Ok(Self {
            name: settings.bucket.clone(),
            objects: Arc::new(Objects::new(settings)?),
            intake: Arc::new(Intake::new(spool, types)),
            spool: spool.into(),
        })
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Removes from the spool what killed programs left, and fails when nothing can be written there.
    pub fn check_spool(&self) -> io::Result<()> {
        self.intake.check()
    }

    /// Lists something in the bucket, writes something there, reads it and removes it.
    pub async fn check(&self) -> Result<(), BucketError> {
        let objects = &self.objects;
        let written = Bytes::from_static(b"May Parlor write here?");
        objects.store.list_with_delimiter(Some(&objects.below("checks"))).await?;
        let path = objects.within("checks", &unforeseen_name());
        objects.store.put(&path, written.clone().into()).await?;
        let read = objects.store.get(&path).await?.bytes().await?;
        objects.store.delete(&path).await?;
        if read == written { Ok(()) } else { Err(BucketError::Unfaithful) }
    }
}

#[async_trait]
impl FileStore for Bucket {
    fn endings(&self) -> Vec<String> {
        self.intake.endings()
    }

    async fn receive(&self) -> Result<Box<dyn Receiving>, FileFailure> {
        let keeper = Arc::new(Keeper(Arc::clone(&self.objects)));
        Ok(Box::new(Incoming::begin(Arc::clone(&self.intake), keeper).await?))
    }

    async fn read(&self, object: ObjectId, range: Range<u64>) -> Result<Box<dyn FileBytes>, FileFailure> {
        if range.is_empty() {
            self.size(object).await?;
            return Ok(Box::new(Arriving::new(stream::empty().boxed(), 0)));
        }
        let options = GetOptions::new().with_range(Some(range.clone()));
        let got = self.objects.store.get_opts(&self.objects.path(object), options).await;
        let got = got.map_err(BucketError::of_object)?;
        // A range that goes beyond the end is answered up to there.
        if got.range != range {
            return Err(too_short());
        }
        Ok(Box::new(Arriving::new(got.into_stream(), range.end - range.start)))
    }

    async fn size(&self, object: ObjectId) -> Result<u64, FileFailure> {
        let about = self.objects.store.head(&self.objects.path(object)).await;
        about.map(|about| about.size).map_err(BucketError::of_object)
    }

    async fn list(&self) -> Result<Box<dyn Listing>, FileFailure> {
        let found = self.objects.store.list(self.objects.prefix()).fuse().boxed();
        Ok(Box::new(Pages { objects: Arc::clone(&self.objects), found }))
    }

    async fn delete(&self, object: ObjectId) -> Result<(), FileFailure> {
        self.objects.delete(&self.objects.path(object)).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, FileFailure> {
        let spool = self.spool.clone();
        blocking(move || free_bytes(&spool)).await.map(Some)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn settings() -> BucketSettings {
        BucketSettings {
            bucket: "chat".into(),
            endpoint: Some("https://s3.example.org:9000/".into()),
            region: "us-east-1".into(),
            prefix: "of/parlor/".into(),
            access_key_id: "key".into(),
            secret_access_key: "secret".into(),
            path_style: true,
            allow_http: false,
            authority: None,
        }
    }

    #[test]
    fn the_name_of_a_bucket_is_in_the_path_or_in_the_name_of_the_machine() {
        assert_eq!(settings().address().unwrap(), "https://s3.example.org:9000");
        let named = BucketSettings { path_style: false, ..settings() };
        assert_eq!(named.address().unwrap(), "https://chat.s3.example.org:9000");
        assert_eq!(BucketSettings { endpoint: None, ..settings() }.address(), None);
    }

    #[test]
    fn objects_are_below_the_prefix_and_what_is_elsewhere_is_none() {
        let object = ObjectId::from_uuid(Uuid::from_u128(0xAB));
        for prefix in ["", "chat", "of/parlor/"] {
            let objects = Objects::new(&BucketSettings { prefix: prefix.into(), ..settings() }).unwrap();
            let path = objects.path(object);
            let place = "ab/000000000000000000000000000000ab";
            assert!(
                path.as_ref().ends_with(place) && path.as_ref().starts_with(prefix.trim_end_matches('/'))
            );
            assert_eq!(objects.object(&path), Some(object));
            assert_eq!(objects.object(&objects.within("holds", "000000000000000000000000000000ab")), None);
            assert_eq!(objects.object(&format!("x/{place}").into()), None);
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused() {
        let spoiled = BucketSettings { authority: Some(b"no certificate".to_vec()), ..settings() };
        assert!(matches!(Objects::new(&spoiled), Err(BucketError::Authority(_))));
    }
}
