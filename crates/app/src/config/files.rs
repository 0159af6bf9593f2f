use std::path::PathBuf;

use parlor_files::FileTypes;

use super::section::section;

section! {
    /// Files that people share. See `docs/operations/files.md`.
    struct Files = "files";

    /// The folder for them, best on a disk of its own. Without one it is `files` in the data folder.
    /// Several nodes need one that they share.
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
        (self.max_bytes > self.quota_bytes).then_some(
            "files.max_bytes must not be more than files.quota_bytes, or nobody may upload such a file",
        )
    }
}
