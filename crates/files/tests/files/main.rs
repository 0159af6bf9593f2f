//! The folder of files from outside: what is received, what is kept of it, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod folder;
mod pictures;
mod samples;
mod types;

use std::path::{Path, PathBuf};

use parlor_domain::{FileFailure, FileName, FileRefusal, FileStore, Inspected, ObjectId, Receiving};
use parlor_files::{FileTypes, Folder};
use tempfile::TempDir;
use uuid::Uuid;

/// A folder of its own.
fn open() -> (TempDir, Folder) {
    let place = tempfile::tempdir().unwrap();
    let folder = Folder::open(&place.path().join("files"), FileTypes::default()).unwrap();
    (place, folder)
}

fn object(number: u128) -> ObjectId {
    ObjectId::from_uuid(Uuid::from_u128(number))
}

async fn received(folder: &Folder, bytes: &[u8]) -> Box<dyn Receiving> {
    let mut receiving = folder.receive().await.unwrap();
    for piece in bytes.chunks(60_000) {
        receiving.write(piece).await.unwrap();
    }
    receiving
}

/// What is said of a file that came whole.
async fn inspect(
    folder: &Folder,
    name: &str,
    declared: Option<&str>,
    bytes: &[u8],
) -> Result<Inspected, FileRefusal> {
    let name = FileName::parse(name).unwrap();
    received(folder, bytes).await.inspect(&name, declared).await.unwrap()
}

/// The same, and the file as it is kept.
async fn kept(folder: &Folder, name: &str, bytes: &[u8]) -> (Inspected, Vec<u8>) {
    let mut receiving = received(folder, bytes).await;
    let inspected = receiving.inspect(&FileName::parse(name).unwrap(), None).await.unwrap().unwrap();
    receiving.keep(object(1), None).await.unwrap();
    let bytes = read(folder, object(1), 0..inspected.bytes).await.unwrap();
    folder.delete(object(1)).await.unwrap();
    (inspected, bytes)
}

async fn read(
    folder: &Folder,
    object: ObjectId,
    range: std::ops::Range<u64>,
) -> Result<Vec<u8>, FileFailure> {
    let mut pieces = folder.read(object, range).await?;
    let mut all = Vec::new();
    while let Some(piece) = pieces.next().await? {
        assert!(!piece.is_empty() && piece.len() <= 256 * 1024);
        all.extend(piece);
    }
    Ok(all)
}

/// Every file below, as paths from there, without those that programs hold a folder by.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_none_or(|name| name != "lock") {
                found.push(path.strip_prefix(folder).unwrap().to_path_buf());
            }
        }
    }
    found.sort();
    found
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
