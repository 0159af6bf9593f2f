use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageEncoder};

use super::{Parts, Unmade};
use crate::decoding::Unreadable;

/// What a picture that has to be turned is written with: what is lost cannot be seen.
const QUALITY: u8 = 92;

const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
const COMMENT: u8 = 0xFE;

/// The same pixels, bit by bit, without what a camera or a program wrote beside them and without what
/// follows after the end.
pub(super) fn cleaned(file: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let mut parts = Parts(file);
    let mut clean = Vec::with_capacity(file.len());
    if parts.take(2)? != [0xFF, START] {
        return Err(Unreadable::Damaged);
    }
    clean.extend([0xFF, START]);
    loop {
        let marker = marker(&mut parts)?;
        if marker == END {
            clean.extend([0xFF, END]);
            return Ok(clean);
        }
        let length = parts.take(2)?;
        let rest = usize::from(u16::from_be_bytes([length[0], length[1]]));
        let content = parts.take(rest.checked_sub(2).ok_or(Unreadable::Damaged)?)?;
        if let Some(content) = kept(marker, content) {
            clean.extend([0xFF, marker]);
            clean.extend(u16::try_from(content.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
            clean.extend(content);
        }
        if marker == SCAN {
            clean.extend(scan(&mut parts)?);
        }
    }
}

/// The next marker that has something after it. What lies between is skipped, as everybody does.
fn marker(parts: &mut Parts<'_>) -> Result<u8, Unreadable> {
    let mut before = 0;
    loop {
        let byte = parts.byte()?;
        if before == 0xFF && !matches!(byte, 0x00 | 0x01 | 0xD0..=START | 0xFF) {
            return Ok(byte);
        }
        before = byte;
    }
}

/// What stays of a segment.
fn kept(marker: u8, content: &[u8]) -> Option<Vec<u8>> {
    match marker {
        // How the colours are coded, without the small picture that may come with it.
        0xE0 if content.starts_with(b"JFIF\0") && content.len() >= 14 => {
            Some([&content[..12], &[0, 0]].concat())
        }
        0xEE if content.starts_with(b"Adobe") && content.len() >= 12 => Some(content[..12].to_vec()),
        // What the colours mean.
        0xE2 if content.starts_with(b"ICC_PROFILE\0") => Some(content.to_vec()),
        0xE0..=0xEF | COMMENT => None,
        _ => Some(content.to_vec()),
    }
}

/// The coded pixels up to the next segment.
fn scan<'a>(parts: &mut Parts<'a>) -> Result<&'a [u8], Unreadable> {
    let mut end = 0;
    loop {
        let found = parts.0[end..].iter().position(|byte| *byte == 0xFF).ok_or(Unreadable::Damaged)?;
        end += found;
        match parts.0.get(end + 1).ok_or(Unreadable::Damaged)? {
            // A byte of the pixels, or a place to begin anew at.
            0x00 | 0xD0..=0xD7 => end += 2,
            0xFF => end += 1,
            _ => return parts.take(end),
        }
    }
}

/// The pixels, written anew.
pub(super) fn written(image: &DynamicImage, profile: Option<&[u8]>) -> Result<Vec<u8>, Unmade> {
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if let Some(profile) = profile {
        encoder.set_icc_profile(profile.to_vec()).map_err(|error| Unmade::Failed(error.into()))?;
    }
    image.write_with_encoder(encoder).map_err(|error| Unmade::Failed(error.into()))?;
    Ok(bytes)
}
