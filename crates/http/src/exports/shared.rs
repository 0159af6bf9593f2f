//! The files that somebody shared, in an export.

use std::collections::BTreeMap;
use std::io;

use parlor_domain::{File, FileBytes, FileError, FileFailure, FileId, Files};
use parlor_wire::Time;
use serde_json::{Value, json};

use super::archive::Archive;

/// The most bytes of a name that are part of the name in the archive: with the id before them fewer than
/// any file system takes.
const MOST: usize = 150;

/// Files that are to be written, each once, the one that is being written, and those that were.
#[derive(Default)]
pub(super) struct Shared {
    waiting: BTreeMap<FileId, File>,
    current: Option<Box<dyn FileBytes>>,
    /// With where each is in the archive.
    written: Vec<(File, Option<String>)>,
}

/// Why an export was broken off at a file.
pub(super) enum Broken {
    Read(FileError),
    Write(io::Error),
}

impl From<FileError> for Broken {
    fn from(error: FileError) -> Self {
        Self::Read(error)
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl Shared {
    /// Notes files.
    pub(super) fn add<'a>(&mut self, files: impl IntoIterator<Item = &'a File>) {
        self.waiting.extend(files.into_iter().map(|file| (file.id, file.clone())));
    }

    /// What is told of those that were written, and of those whose bytes are missing.
    pub(super) fn list(&self) -> impl Iterator<Item = Value> {
        self.written.iter().map(|(file, path)| {
            json!({
                "id": file.id.as_uuid(),
                "name": file.name.as_str(),
                "path": path,
                "media_type": file.media_type.as_str(),
                "bytes": file.blob.bytes,
                "created_at": Time(file.created_at).text(),
            })
        })
    }

    /// Writes some bytes; whether there are more.
    pub(super) async fn write(&mut self, files: &Files, archive: &mut Archive) -> Result<bool, Broken> {
        if let Some(current) = &mut self.current {
            match current.next().await.map_err(FileError::from)? {
                Some(bytes) => archive.bytes(&bytes)?,
                None => self.current = None,
            }
            return Ok(true);
        }
        let Some((_, file)) = self.waiting.pop_first() else { return Ok(false) };
        match files.read(&file, 0..file.blob.bytes).await {
            Ok(bytes) => {
                let path = path(&file);
                archive.begin_file(&path, file.blob.bytes)?;
                self.current = Some(bytes);
                self.written.push((file, Some(path)));
            }
            // A message that was deleted meanwhile took it along. The rest is theirs nevertheless.
            Err(FileError::Failed(FileFailure::Missing)) => {
                tracing::warn!(file = %file.id, "a file is not in an export because its bytes are missing");
                self.written.push((file, None));
            }
            Err(error) => return Err(error.into()),
        }
        Ok(true)
    }
}

pub(super) fn read_failed(broken: Broken) -> io::Error {
    match broken {
        Broken::Read(error) => {
            tracing::warn!(%error, "an export was broken off");
            io::Error::other(error)
        }
        Broken::Write(error) => error,
    }
}

/// Where a file is in the archive: a name that no system takes for something else, with what people call
/// it as far as it is harmless.
fn path(file: &File) -> String {
    format!("files/{}-{}", file.id.as_uuid(), harmless(&file.name.shown()))
}

fn harmless(name: &str) -> String {
    let plain = |character: char| match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        other => other,
    };
    let name: String = name.chars().map(plain).collect();
    // Its ending says what it is, so that a long name loses its beginning.
    let start = name.ceil_char_boundary(name.len().saturating_sub(MOST));
    name[start..].trim_end_matches(['.', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t19_a_name_in_the_archive_leads_nowhere_else() {
        assert_eq!(harmless("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(harmless("C:\\con.txt. . "), "C__con.txt");
        let long = format!("{}.pdf", "ü".repeat(120));
        assert!(harmless(&long).ends_with("ü.pdf") && harmless(&long).len() == MOST);
        let wide = format!("{}.pdf", "🎈".repeat(1_000));
        assert!(harmless(&wide).ends_with("🎈.pdf") && harmless(&wide).len() <= MOST);
    }
}
