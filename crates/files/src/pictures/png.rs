use image::codecs::png::PngEncoder;
use image::{DynamicImage, ImageEncoder};

use super::{Parts, Unmade};
use crate::decoding::Unreadable;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The chunks that say what is seen: the pixels, their colours, and how they move.
const KEPT: [&[u8; 4]; 14] = [
    b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD",
    b"acTL", b"fcTL", b"fdAT",
];

/// A chunk: its name, and all its bytes.
type Chunk<'a> = (&'a [u8], &'a [u8]);

/// The same pixels without what a camera or a program wrote beside them and without what follows after
/// the end.
pub(super) fn cleaned(file: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut clean = Vec::with_capacity(file.len());
    clean.extend(SIGNATURE);
    for chunk in chunks(file)? {
        let (name, bytes) = chunk?;
        if KEPT.iter().any(|kept| kept.as_slice() == name) {
            clean.extend(bytes);
        }
    }
    Ok(clean)
}

/// Whether it has several frames.
pub(super) fn moves(file: &[u8]) -> bool {
    chunks(file).is_ok_and(|mut chunks| chunks.any(|chunk| chunk.is_ok_and(|(name, _)| name == b"acTL")))
}

/// The chunks of a file up to its end.
fn chunks(file: &[u8]) -> Result<impl Iterator<Item = Result<Chunk<'_>, Unreadable>>, Unreadable> {
    let mut parts = Parts(file.strip_prefix(SIGNATURE).ok_or(Unreadable::Damaged)?);
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        if ended {
            return None;
        }
        let chunk = chunk(&mut parts);
        ended = chunk.is_err() || chunk.is_ok_and(|(name, _)| name == b"IEND");
        Some(chunk)
    }))
}

fn chunk<'a>(parts: &mut Parts<'a>) -> Result<Chunk<'a>, Unreadable> {
    let length = parts.0.first_chunk().ok_or(Unreadable::Damaged)?;
    // The content, and around it its length, the name and a sum of four bytes each.
    let bytes =
        parts.take(usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).saturating_add(12))?;
    Ok((&bytes[4..8], bytes))
}

/// The pixels, written anew.
pub(super) fn written(image: &DynamicImage, profile: Option<&[u8]>) -> Result<Vec<u8>, Unmade> {
    let mut bytes = Vec::new();
    let mut encoder = PngEncoder::new(&mut bytes);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.to_vec()).map_err(|error| Unmade::Failed(error.into()))?;
    }
    image.write_with_encoder(encoder).map_err(|error| Unmade::Failed(error.into()))?;
    Ok(bytes)
}
