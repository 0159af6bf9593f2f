//! The file that a backup is: a tar archive in zstd's compression, so that common tools open it.
//!
//! The manifest comes first, then the database, then the files that people share. Behind them stands the SHA-256 of everything
//! before it, in a frame that tools skip: not one byte of a backup can change unnoticed.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use parlor_domain::ObjectId;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::files::{Found, Totals, object};
use super::manifest::{FORMAT, FileFacts, Manifest, OLDEST};

/// A frame that decoders skip (RFC 8878, 3.1.2), holding 32 bytes.
const SEAL: [u8; 8] = [0x50, 0x2A, 0x4D, 0x18, 32, 0, 0, 0];

/// How long the seal is with the hash.
const SEALED: u64 = 40;

/// The most that a manifest may take.
const MANIFEST_BYTES: u64 = 1 << 20;

/// Why a file is no backup that can be used.
#[derive(Debug, Error)]
pub enum Unusable {
    /// It is something else.
    #[error("it is not a backup of Parlor")]
    Foreign,
    /// It is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// A later version made it.
    #[error("it was made by a newer version of Parlor (form {0}); use that version")]
    Newer(u32),
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes a backup into an open, empty file. `go_on` is asked now and then; when it says no, the
/// rest is not written.
pub fn write(
    file: &File,
    manifest: &Manifest,
    (database, files): (&Path, &Found<'_>),
    go_on: &dyn Fn() -> bool,
) -> io::Result<()> {
    let sealing = Sealing { file, hash: Sha256::new() };
    let mut encoder = zstd::Encoder::new(sealing, 3)?;
    encoder.include_checksum(true)?;
    let mut archive = tar::Builder::new(encoder);
    let text = serde_json::to_vec_pretty(manifest)?;
    archive.append_data(&mut header(text.len() as u64), "manifest.json", text.as_slice())?;
    let content = Interruptible { inner: File::open(database)?, go_on };
    archive.append_data(&mut header(manifest.file.bytes), manifest.database.file_name(), content)?;
    files.each(|name, bytes, content| {
        let content = Interruptible { inner: content, go_on };
        archive.append_data(&mut header(bytes), name, content)
    })?;
    let Sealing { mut file, hash } = archive.into_inner()?.finish()?;
    file.write_all(&SEAL)?;
    file.write_all(&hash.finalize())?;
    file.sync_all()
}

fn header(size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.set_size(size);
    header.set_mode(0o600);
    header
}

/// The size and the hash of a file.
pub fn facts(path: &Path, go_on: &dyn Fn() -> bool) -> io::Result<FileFacts> {
    let mut content = Interruptible { inner: File::open(path)?, go_on };
    let mut hashing = Hashing { inner: io::sink(), hash: Sha256::new() };
    let bytes = io::copy(&mut content, &mut hashing)?;
    Ok(FileFacts { bytes, sha256: hex(&hashing.hash.finalize()) })
}

/// Reads a backup's manifest alone, without looking at the rest.
pub fn peek(path: &Path) -> Result<Manifest, Unusable> {
    let file = File::open(path)?;
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).map_err(|_| Unusable::Foreign)?);
    manifest(&mut archive.entries().map_err(|_| Unusable::Foreign)?)
}

/// What becomes of a file that people share: it is read to its end, and how many bytes it has is answered.
pub type Take<'a> = &'a mut dyn FnMut(ObjectId, &mut dyn Read) -> io::Result<u64>;

/// Checks every byte of a backup, writes the database that is in it to `into`, and hands on the files
/// that people share.
pub fn extract(path: &Path, into: &File, take: Take<'_>) -> Result<Manifest, Unusable> {
    let mut file = File::open(path)?;
    check_seal(&mut file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).map_err(|_| Unusable::Foreign)?);
    let mut entries = archive.entries()?;
    let manifest = manifest(&mut entries)?;
    let mut entry = entries.next().ok_or(Unusable::Damaged("it ends before the database"))??;
    if entry.path()?.to_str() != Some(manifest.database.file_name()) {
        return Err(Unusable::Damaged("the database is not in it"));
    }
    let mut hashing = Hashing { inner: into, hash: Sha256::new() };
    let bytes = io::copy(&mut (&mut entry).take(manifest.file.bytes + 1), &mut hashing)?;
    let found = FileFacts { bytes, sha256: hex(&hashing.hash.finalize()) };
    if found != manifest.file {
        return Err(Unusable::Damaged("the database is not the one that was written"));
    }
    drop(entry);
    into.sync_all()?;
    let mut found = Totals::default();
    for entry in entries {
        let mut entry = entry?;
        let name = entry.path()?.into_owned();
        let object =
            object(&name).ok_or(Unusable::Damaged("there is something in it that nobody put there"))?;
        found.add(take(object, &mut entry)?);
    }
    if found != manifest.files {
        return Err(Unusable::Damaged("not all files are in it"));
    }
    Ok(manifest)
}

fn manifest<R: Read>(entries: &mut tar::Entries<'_, R>) -> Result<Manifest, Unusable> {
    let entry = entries.next().and_then(Result::ok).ok_or(Unusable::Foreign)?;
    if entry.path()?.to_str() != Some("manifest.json") {
        return Err(Unusable::Foreign);
    }
    let mut text = Vec::new();
    entry.take(MANIFEST_BYTES).read_to_end(&mut text)?;
    let value: serde_json::Value = serde_json::from_slice(&text).map_err(|_| Unusable::Foreign)?;
    match value["format"].as_u64().and_then(|format| u32::try_from(format).ok()) {
        Some(OLDEST..=FORMAT) => serde_json::from_value(value).map_err(|_| Unusable::Damaged("its manifest")),
        Some(newer) if newer > FORMAT => Err(Unusable::Newer(newer)),
        _ => Err(Unusable::Foreign),
    }
}

/// The last 40 bytes say what all before them must be.
fn check_seal(file: &mut File) -> Result<(), Unusable> {
    let length = file.metadata()?.len();
    let mut start = [0; 4];
    if length < SEALED || file.read_exact(&mut start).is_err() || start != 0xFD2F_B528_u32.to_le_bytes() {
        return Err(Unusable::Foreign);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut hashing = Hashing { inner: io::sink(), hash: Sha256::new() };
    io::copy(&mut Read::by_ref(file).take(length - SEALED), &mut hashing)?;
    let mut seal = Vec::new();
    file.read_to_end(&mut seal)?;
    if seal.get(..SEAL.len()) != Some(SEAL.as_slice()) {
        return Err(Unusable::Damaged("its end is missing"));
    }
    if seal.get(SEAL.len()..) != Some(hashing.hash.finalize().as_slice()) {
        return Err(Unusable::Damaged("its checksum is wrong"));
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        _ = write!(text, "{byte:02x}");
        text
    })
}

struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// The file, and the hash of what was written to it.
struct Sealing<'a> {
    file: &'a File,
    hash: Sha256,
}

impl Write for Sealing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A reader that stops when nobody wants the rest.
struct Interruptible<'a, R> {
    inner: R,
    go_on: &'a dyn Fn() -> bool,
}

impl<R: Read> Read for Interruptible<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.go_on)() { self.inner.read(buffer) } else { Err(io::Error::other("the server is stopping")) }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use uuid::Uuid;

    use super::super::files::Shared;
    use super::super::manifest::{Counts, Kind};
    use super::*;
    use crate::sharing::Sharing;

    const OBJECT: &str = "000000000000000000000000000000ab";

    /// Where files are shared is asked off the asynchronous threads.
    fn backup(folder: &Path) -> std::path::PathBuf {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let _within = runtime.enter();

        let database = folder.join("database");
        fs::write(&database, b"a database, as far as the archive knows ".repeat(40)).unwrap();
        let shared = folder.join("shared");
        fs::create_dir_all(shared.join("ab")).unwrap();
        fs::write(shared.join("ab").join(OBJECT), "what somebody shared").unwrap();
        let sharing = Sharing::in_folder(&shared);
        let listing = async { Shared::hold(&sharing).await.unwrap().list().await.unwrap() };
        let files = runtime.block_on(listing);
        let manifest = Manifest {
            format: FORMAT,
            program: "0.1.0".into(),
            made_at: "20261121T033000Z".into(),
            database: Kind::Sqlite,
            epoch: Uuid::from_u128(1),
            steps: vec!["m0001_core".into()],
            counts: Counts { users: 1, conversations: 2, entries: 3 },
            file: facts(&database, &|| true).unwrap(),
            files: files.totals(),
        };
        let path = folder.join("backup");
        write(&File::create(&path).unwrap(), &manifest, (&database, &files), &|| true).unwrap();
        assert_eq!(peek(&path).unwrap(), manifest);
        path
    }

    fn extracted(path: &Path) -> Result<(Vec<u8>, String), Unusable> {
        let into = path.with_extension("extracted");
        let mut shared = String::new();
        let mut take = |object: ObjectId, content: &mut dyn Read| {
            assert_eq!(object.as_uuid().simple().to_string(), OBJECT);
            content.read_to_string(&mut shared).map(|bytes| bytes as u64)
        };
        extract(path, &File::create(&into).unwrap(), &mut take)?;
        Ok((fs::read(into).unwrap(), shared))
    }

    #[test]
    fn what_was_written_comes_out_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = backup(folder.path());
        let database = fs::read(folder.path().join("database")).unwrap();
        assert_eq!(extracted(&path).unwrap(), (database, "what somebody shared".to_owned()));
    }

    #[test]
    fn no_byte_changes_and_nothing_is_cut_off_or_added_unnoticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = backup(folder.path());
        let whole = fs::read(&path).unwrap();
        for index in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[index] ^= 0x10;
            fs::write(&path, bytes).unwrap();
            assert!(extracted(&path).is_err(), "byte {index} of {}", whole.len());
        }
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).unwrap();
            assert!(extracted(&path).is_err(), "{length} of {} bytes", whole.len());
        }
        fs::write(&path, [whole.as_slice(), b"x"].concat()).unwrap();
        assert!(extracted(&path).is_err());
    }

    #[test]
    fn a_server_that_stops_does_not_wait_for_a_backup() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("database");
        fs::write(&path, "x").unwrap();
        assert!(facts(&path, &|| false).is_err());
    }
}
