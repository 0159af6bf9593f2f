use std::error::Error;

use parlor_domain::FileFailure;
use thiserror::Error;

use super::connecting::connection;

/// Why a bucket cannot be used. Each message says what to do, and none has a secret in it.
#[derive(Debug, Error)]
pub enum BucketError {
    /// The file of an authority holds no certificate.
    #[error("files.s3_certificate_file holds no certificate in PEM: {0}")]
    Authority(String),
    /// What is set does not make an address.
    #[error("the settings do not lead to a bucket: {0}; look at files.s3_endpoint and files.s3_bucket")]
    Settings(String),
    /// There is no such bucket.
    #[error("there is no bucket of this name; make it, or name another one in files.s3_bucket")]
    NoBucket,
    /// It does not know the key, or the secret is another one.
    #[error(
        "it does not take the key; look at files.s3_access_key_id and files.s3_secret_access_key, \
         and at this machine's clock"
    )]
    WrongKey,
    /// The key may not do what is needed.
    #[error("the key may not read, write, list and delete objects there; give it the right to")]
    Denied,
    /// Nobody answers.
    #[error("it cannot be reached ({0}); look at files.s3_endpoint and the network")]
    Away(String),
    /// It answers that it cannot do it now.
    #[error(
        "it answers {0}, and again when asked once more; look at what its server says, or try again later"
    )]
    Busy(String),
    /// It does not have what was written just now.
    #[error("it answers with other bytes than were written")]
    Unfaithful,
    /// It has no more room.
    #[error("it is full")]
    Full,
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

impl From<object_store::Error> for BucketError {
    fn from(error: object_store::Error) -> Self {
        let said = chain(&error);
        let says = |codes: &[&str]| codes.iter().any(|code| said.contains(&format!("<Code>{code}</Code>")));
        if says(&["NoSuchBucket"]) {
            Self::NoBucket
        } else if says(&[
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "NotSignedUp",
            "RequestTimeTooSkewed",
        ]) || matches!(error, object_store::Error::Unauthenticated { .. })
        {
            Self::WrongKey
        } else if matches!(error, object_store::Error::PermissionDenied { .. }) {
            Self::Denied
        } else if says(&["QuotaExceeded", "XMinioStorageFull"]) {
            Self::Full
        } else if let Some(cause) = connection(&error) {
            Self::Away(chain(cause))
        } else if let Some(status) = passing(&error) {
            Self::Busy(status)
        } else {
            // What a bucket says may be long, and have what was signed in it.
            Self::Failed(said.chars().take(300).collect())
        }
    }
}

impl BucketError {
    /// What it means for one object.
    pub(super) fn of_object(error: object_store::Error) -> FileFailure {
        let is_gone = matches!(error, object_store::Error::NotFound { .. });
        match Self::from(error) {
            Self::NoBucket => FileFailure::Failed(Self::NoBucket.into()),
            _ if is_gone => FileFailure::Missing,
            away @ (Self::Away(_) | Self::Busy(_)) => FileFailure::Away(away.into()),
            full @ Self::Full => FileFailure::Full(full.into()),
            other => FileFailure::Failed(other.into()),
        }
    }
}

/// What a bucket answers that cannot do something for a while, which it was asked for several times by then.
///
/// The error that has the status is not public in `object_store`, nor can it be downcast to: what it says is
/// all there is. A body with one of two words, which comes with a good status, is the same to `object_store`.
fn passing(error: &(dyn Error + 'static)) -> Option<String> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let said = error.to_string();
        if said.starts_with("Server returned error response: ") {
            return Some("with an error of its own".into());
        }
        if let Some(rest) = said.strip_prefix("Server returned non-2xx status code: ") {
            let status = rest.split(':').next().unwrap_or_default();
            let number = status.split(' ').next().unwrap_or_default();
            // 501 means that it never can.
            let passes = matches!(number, "408" | "429") || (number.starts_with('5') && number != "501");
            return passes.then(|| status.to_owned());
        }
        cause = error.source();
    }
    None
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let more = error.to_string();
        // Many errors say what their cause says, too.
        if !said.contains(&more) {
            said = format!("{said}: {more}");
        }
        cause = error.source();
    }
    said
}
