//! From settings to where the bytes of files are.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use parlor_files::{Bucket, BucketError, BucketSettings, FileTypes, Folder};

use super::Sharing;
use crate::config::{Hidden, Settings};
use crate::failure::Failure;
use crate::setup::read_password;

impl Sharing {
    /// For a command: nothing is touched before it is needed.
    pub fn of(settings: &Settings) -> Result<Self, Failure> {
        let (folder, types) = (settings.files_folder(), FileTypes::new(&settings.files.types));
        let Some(bucket) = bucket(settings)? else {
            return Ok(Self { objects: Arc::new(Folder::at(&folder, types)), folder, bucket: None });
        };
        let opened =
            Bucket::at(&bucket, &folder, types).map_err(|error| unusable_bucket(&bucket.bucket, &error))?;
        let opened = Arc::new(opened);
        Ok(Self { objects: opened.clone(), folder, bucket: Some(opened) })
    }

    /// For a server: it has to be possible to write there.
    pub(super) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let folder = settings.files_folder();
        if settings.files.s3_bucket.is_none() {
            let opened = Folder::open(&folder, FileTypes::new(&settings.files.types));
            let opened = opened.map_err(|error| unusable_folder(&folder, &error))?;
            return Ok(Self { objects: Arc::new(opened), folder, bucket: None });
        }
        let sharing = Self::of(settings)?;
        if let Some(opened) = &sharing.bucket {
            opened.check_spool().map_err(|error| unusable_folder(&folder, &error))?;
            tracing::info!(bucket = opened.name(), "files are kept in a bucket");
        }
        sharing.check().await?;
        Ok(sharing)
    }

    /// Whether a bucket, where there is one, can be written to and read.
    pub async fn check(&self) -> Result<(), Failure> {
        match &self.bucket {
            Some(bucket) => bucket.check().await.map_err(|error| unusable_bucket(bucket.name(), &error)),
            None => Ok(()),
        }
    }

    /// In a folder.
    #[cfg(test)]
    pub fn in_folder(folder: &Path) -> Self {
        let objects = Arc::new(Folder::at(folder, FileTypes::default()));
        Self { objects, folder: folder.into(), bucket: None }
    }
}

fn unusable_folder(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::Advice(format!(
        "the folder for files {} cannot be used: {error}; make it writable, or name another one in \
         files.folder",
        folder.display()
    ))
}

fn unusable_bucket(name: &str, error: &BucketError) -> Failure {
    Failure::Advice(format!("the bucket {name} for files cannot be used: {error}"))
}

/// The bucket that the settings name, when they name one.
fn bucket(settings: &Settings) -> Result<Option<BucketSettings>, Failure> {
    let files = &settings.files;
    let (Some(bucket), Some(access_key_id)) = (&files.s3_bucket, &files.s3_access_key_id) else {
        return Ok(None);
    };
    let secret_access_key = match (&files.s3_secret_access_key, &files.s3_secret_access_key_file) {
        (Some(secret), _) => Hidden::reveal(secret).to_owned(),
        (None, Some(file)) => read_password(file)?,
        (None, None) => return Ok(None),
    };
    let authority = match &files.s3_certificate_file {
        None => None,
        Some(file) => Some(fs::read(file).map_err(|error| {
            Failure::Advice(format!("cannot read files.s3_certificate_file {}: {error}", file.display()))
        })?),
    };
    Ok(Some(BucketSettings {
        bucket: bucket.clone(),
        endpoint: files.s3_endpoint.clone(),
        region: files.s3_region.clone(),
        prefix: files.s3_prefix.clone(),
        access_key_id: access_key_id.clone(),
        secret_access_key,
        path_style: files.s3_path_style,
        allow_http: files.s3_allow_http,
        authority,
    }))
}
