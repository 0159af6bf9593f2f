//! The container of WebP: chunks with a name and a length.

use super::Parts;
use crate::decoding::Unreadable;

/// A chunk: its name, and its content.
pub(super) type Chunk<'a> = (&'a [u8; 4], &'a [u8]);

/// The chunks of a WebP file. What follows after its end is left out.
pub(super) fn chunks(file: &[u8]) -> Result<Vec<Chunk<'_>>, Unreadable> {
    let mut parts = Parts(file);
    if parts.take(4)? != b"RIFF" {
        return Err(Unreadable::Damaged);
    }
    let content = parts.take(4).map(length)?;
    match parts.take(content)?.strip_prefix(b"WEBP") {
        Some(chunks) => within(chunks),
        None => Err(Unreadable::Damaged),
    }
}

/// The chunks in these bytes.
pub(super) fn within(bytes: &[u8]) -> Result<Vec<Chunk<'_>>, Unreadable> {
    let mut parts = Parts(bytes);
    let mut chunks = Vec::new();
    while !parts.0.is_empty() {
        let name = parts.take(4)?.first_chunk().ok_or(Unreadable::Damaged)?;
        let content = parts.take(4).map(length)?;
        chunks.push((name, parts.take(content)?));
        // A byte fills up what is uneven; at the end some leave it out.
        if content % 2 == 1 && !parts.0.is_empty() {
            parts.byte()?;
        }
    }
    Ok(chunks)
}

/// A WebP file of these chunks.
pub(super) fn file<'a>(chunks: impl IntoIterator<Item = Chunk<'a>>) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBP".to_vec();
    for chunk in chunks {
        add(&mut file, chunk);
    }
    let content = u32::try_from(file.len() - 8).unwrap_or(u32::MAX).to_le_bytes();
    file[4..8].copy_from_slice(&content);
    file
}

/// Adds a chunk to the bytes.
pub(super) fn add(bytes: &mut Vec<u8>, (name, content): Chunk<'_>) {
    bytes.extend(name);
    bytes.extend(u32::try_from(content.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(content);
    if content.len() % 2 == 1 {
        bytes.push(0);
    }
}

fn length(four: &[u8]) -> usize {
    let four = four.first_chunk().copied().unwrap_or_default();
    usize::try_from(u32::from_le_bytes(four)).unwrap_or(usize::MAX)
}
