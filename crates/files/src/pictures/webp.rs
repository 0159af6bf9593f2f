use image::DynamicImage;
use webp::{Encoder, WebPConfig};

use super::raster::Raster;
use super::{Unmade, riff};
use crate::decoding::Unreadable;

/// What small versions are written with, of 100.
const THUMBNAIL: f32 = 78.0;
/// What a picture that has to be turned is written with: what is lost cannot be seen.
const TURNED: f32 = 92.0;

/// How hard the encoder tries to find fewer bytes, of 6. From here on it takes twice the time to save a
/// few of a hundred.
const EFFORT: i32 = 2;

/// The most bytes of a profile that comes with a small version. Those of cameras and screens have some
/// hundreds; a larger one would be more than the picture.
const PROFILE: usize = 4 * 1024;

/// What an extended file says that it has, in the first byte of its head.
mod has {
    pub(super) const ANIMATION: u8 = 0x02;
    pub(super) const ALPHA: u8 = 0x10;
    pub(super) const PROFILE: u8 = 0x20;
}

/// The same pixels without what a camera or a program wrote beside them and without what follows after
/// the end.
pub(super) fn cleaned(file: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let chunks = riff::chunks(file)?;
    let &(first, content) = chunks.first().ok_or(Unreadable::Damaged)?;
    match first {
        // A simple file has nothing else.
        b"VP8 " | b"VP8L" => return Ok(riff::file([(first, content)])),
        b"VP8X" if content.len() >= 10 => {}
        _ => return Err(Unreadable::Damaged),
    }
    let mut head = content[..10].to_vec();
    head[0] &= has::ANIMATION | has::ALPHA | has::PROFILE;
    head[1..4].fill(0);
    let mut clean = vec![(*b"VP8X", head)];
    for &(name, content) in &chunks[1..] {
        match name {
            b"ICCP" | b"ANIM" | b"ALPH" | b"VP8 " | b"VP8L" => clean.push((*name, content.to_vec())),
            b"ANMF" => clean.push((*name, frame(content)?)),
            _ => {}
        }
    }
    Ok(riff::file(clean.iter().map(|(name, content)| (name, content.as_slice()))))
}

/// A frame of a moving picture: where and how long it is shown, and its pixels.
fn frame(content: &[u8]) -> Result<Vec<u8>, Unreadable> {
    let (head, chunks) = content.split_at_checked(16).ok_or(Unreadable::Damaged)?;
    let mut frame = head.to_vec();
    for chunk in riff::within(chunks)? {
        if matches!(chunk.0, b"ALPH" | b"VP8 " | b"VP8L") {
            riff::add(&mut frame, chunk);
        }
    }
    Ok(frame)
}

/// Whether it has several frames.
pub(super) fn moves(file: &[u8]) -> bool {
    riff::chunks(file).is_ok_and(|chunks| chunks.iter().any(|(name, _)| *name == b"ANIM"))
}

/// Whether its pixels are coded without any loss.
pub(super) fn is_lossless(file: &[u8]) -> bool {
    riff::chunks(file).is_ok_and(|chunks| chunks.iter().any(|(name, _)| *name == b"VP8L"))
}

/// The pixels, written anew.
pub(super) fn written(
    image: &DynamicImage,
    profile: Option<&[u8]>,
    lossless: bool,
) -> Result<Vec<u8>, Unmade> {
    let raster = Raster::from(image.clone());
    let bytes = encoded(&raster, TURNED, lossless)?;
    match profile {
        Some(profile) => Ok(with_profile(&bytes, profile, &raster)?),
        None => Ok(bytes),
    }
}

/// A small version.
pub(super) fn thumbnail(raster: &Raster, profile: Option<&[u8]>) -> Result<Vec<u8>, Unmade> {
    let bytes = encoded(raster, THUMBNAIL, false)?;
    match profile.filter(|profile| profile.len() <= PROFILE) {
        Some(profile) => Ok(with_profile(&bytes, profile, raster)?),
        None => Ok(bytes),
    }
}

fn encoded(raster: &Raster, quality: f32, lossless: bool) -> Result<Vec<u8>, Unmade> {
    let failed = |what: String| Unmade::Failed(what.into());
    let mut config = WebPConfig::new().map_err(|()| failed("the WebP encoder has no settings".into()))?;
    config.quality = quality;
    config.lossless = i32::from(lossless);
    config.method = EFFORT;
    let (bytes, width, height) = (raster.bytes.as_slice(), raster.width, raster.height);
    let encoder = if raster.alpha {
        Encoder::from_rgba(bytes, width, height)
    } else {
        Encoder::from_rgb(bytes, width, height)
    };
    let written = encoder.encode_advanced(&config);
    written.map(|bytes| bytes.to_vec()).map_err(|error| failed(format!("WebP: {error:?}")))
}

/// The same file with what its colours mean.
fn with_profile(file: &[u8], profile: &[u8], raster: &Raster) -> Result<Vec<u8>, Unreadable> {
    let chunks = riff::chunks(file)?;
    let mut head = vec![has::PROFILE | if raster.alpha { has::ALPHA } else { 0 }, 0, 0, 0];
    for side in [raster.width, raster.height] {
        head.extend(&(side - 1).to_le_bytes()[..3]);
    }
    let pixels = chunks.into_iter().filter(|(name, _)| *name != b"VP8X");
    Ok(riff::file([(b"VP8X", head.as_slice()), (b"ICCP", profile)].into_iter().chain(pixels)))
}
