use std::path::PathBuf;

use parlor_files::FileTypes;

use super::Hidden;
use super::section::section;

section! {
    /// Files that people share. See `docs/operations/files.md`.
    struct Files = "files";

    /// The folder for them, best on a disk of its own. Without one it is `files` in the data folder.
    /// Several nodes need one that they share. With a bucket, only what is on its way lies there, and each
    /// node has one of its own.
    folder: Option<PathBuf> = None;

    /// The most bytes of one file.
    max_bytes: u64 [1_024..=4_000_000_000] = 52_428_800;

    /// The most bytes of all files of one person.
    quota_bytes: u64 [1_024..=1_000_000_000_000_000] = 1_073_741_824;

    /// How many bytes stay free on the disk with the files: when there are fewer, none is received, and
    /// the chat goes on.
    min_free_bytes: u64 [0..=1_000_000_000_000_000] = 1_073_741_824;

    /// The types that are received, by the endings of names. Of an ending that is none of the default
    /// ones nothing is known: files with it are only saved, and never shown.
    types: Vec<String> = FileTypes::default().endings().map(str::to_owned).collect();

    /// How long a file may take on its way in.
    upload_timeout_seconds: u64 [10..=86_400] = 600;

    /// How many bytes of a file have to come each second, after its first half minute; 0 is any number.
    min_bytes_per_second: u64 [0..=1_000_000_000] = 1_024;

    /// The bucket that files are kept in, instead of the folder: at AWS, or at another server that speaks the
    /// protocol of S3.
    s3_bucket: Option<String> = None;

    /// The address of the server that has the bucket, such as `https://s3.example.org`; without one it is
    /// AWS.
    s3_endpoint: Option<String> = None;

    /// The region that the bucket is in. Many servers besides AWS take any.
    s3_region: String = "us-east-1".into();

    /// What the names of all objects begin with, such as `chat`, when others use the bucket, too.
    s3_prefix: String = String::new();

    /// The name of the key for the bucket.
    s3_access_key_id: Option<String> = None;

    /// The key itself.
    @secret s3_secret_access_key: Option<Hidden> = None;

    /// A file with the key instead.
    s3_secret_access_key_file: Option<PathBuf> = None;

    /// Whether the bucket's name is in the path of addresses, as most servers besides AWS want it, and not
    /// in the name of the machine.
    s3_path_style: bool = true;

    /// Whether the bucket may be at an `http://` address: everybody on the way can read the files then.
    s3_allow_http: bool = false;

    /// A file with the certificate, in PEM, of an authority that is trusted besides the known ones, for
    /// servers with a certificate of their own making.
    s3_certificate_file: Option<PathBuf> = None;
}

impl Files {
    /// What contradicts itself.
    pub(super) fn contradiction(&self) -> Option<&'static str> {
        let is_ending = |ending: &String| {
            (1..=16).contains(&ending.len())
                && ending.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !self.types.iter().all(is_ending) {
            return Some(
                "files.types lists endings of names in small letters and without the dot, such as jpg, pdf",
            );
        }
        if self.max_bytes > self.quota_bytes {
            return Some(
                "files.max_bytes must not be more than files.quota_bytes, or nobody may upload such a file",
            );
        }
        self.contradiction_of_bucket()
    }

    fn contradiction_of_bucket(&self) -> Option<&'static str> {
        let key = self.s3_secret_access_key.is_some() || self.s3_secret_access_key_file.is_some();
        if self.s3_secret_access_key.is_some() && self.s3_secret_access_key_file.is_some() {
            return Some(
                "files.s3_secret_access_key and files.s3_secret_access_key_file are two keys: set one of them",
            );
        }
        let (named, known) = (self.s3_bucket.is_some(), self.s3_access_key_id.is_some());
        if named != known || named != key {
            return Some(
                "files.s3_bucket, files.s3_access_key_id and files.s3_secret_access_key \
                 (or files.s3_secret_access_key_file) belong together: set all or none",
            );
        }
        if self.s3_endpoint.is_some() && !named {
            return Some("files.s3_endpoint is for a bucket: set files.s3_bucket, too");
        }
        let endpoint = self.s3_endpoint.as_deref().unwrap_or("https://");
        let (scheme, machine) = endpoint.split_once("://").unwrap_or_default();
        if !matches!(scheme, "http" | "https") || machine.contains(['/', '?', '#', '@']) {
            return Some(
                "files.s3_endpoint must be an address like https://s3.example.org, without a path and \
                 without the bucket's name",
            );
        }
        if scheme == "http" && !self.s3_allow_http {
            return Some(
                "without TLS files can be read on the way to the bucket: use an https address in \
                 files.s3_endpoint, or set files.s3_allow_http = true",
            );
        }
        None
    }
}
