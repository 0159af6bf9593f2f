//! Pictures that people share: written anew with nothing but what they show, and made small.

mod gif;
mod jpeg;
mod png;
mod raster;
mod riff;
mod webp;

use std::error::Error;

use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat};
use parlor_domain::{FileRefusal, MediaType, Pixels, ThumbnailSize};

use crate::decoding::{self, Unreadable};
use raster::Raster;

/// A picture that was read.
pub(crate) struct Made {
    /// Its file: upright, and with nothing in it but what it shows.
    pub(crate) bytes: Vec<u8>,
    /// How large it is.
    pub(crate) pixels: Pixels,
    /// What is shown of it until it has come: a `ThumbHash`.
    pub(crate) placeholder: Vec<u8>,
    /// Small versions of it as WebP, the smaller one first.
    pub(crate) thumbnails: [Vec<u8>; 2],
}

/// Why a picture was not made.
#[derive(Debug)]
pub(crate) enum Unmade {
    /// Something is wrong with the file.
    Refused(FileRefusal),
    /// Something else went wrong.
    Failed(Box<dyn Error + Send + Sync>),
}

impl From<Unreadable> for Unmade {
    fn from(unreadable: Unreadable) -> Self {
        Self::Refused(match unreadable {
            Unreadable::TooManyPixels => FileRefusal::TooManyPixels,
            Unreadable::Damaged => FileRefusal::Damaged,
        })
    }
}

/// In which format pictures of this type are; `None` when none is read that is of it.
pub(crate) fn format(media_type: &MediaType) -> Option<ImageFormat> {
    match media_type.as_str() {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Reads a picture, and makes of it what is kept.
pub(crate) fn make(file: &[u8], format: ImageFormat) -> Result<Made, Unmade> {
    let mut decoded = decoding::decode(file, format)?;
    // What moves is not turned: only its first frame is read.
    if format == ImageFormat::Png && png::moves(file) || format == ImageFormat::WebP && webp::moves(file) {
        decoded.orientation = Orientation::NoTransforms;
    }
    let stands = decoded.orientation == Orientation::NoTransforms;
    let profile = decoded.profile.take();
    let turned = decoded.upright();
    let bytes = match format {
        _ if !stands => turned_anew(file, format, &turned, profile.as_deref())?,
        ImageFormat::Jpeg => jpeg::cleaned(file)?,
        ImageFormat::Png => png::cleaned(file)?,
        ImageFormat::WebP => webp::cleaned(file)?,
        _ => gif::cleaned(file)?,
    };
    let pixels = Pixels { width: turned.width(), height: turned.height() };
    let (thumbnails, placeholder) = small(turned, profile.as_deref())?;
    Ok(Made { bytes, pixels, placeholder, thumbnails })
}

fn turned_anew(
    file: &[u8],
    format: ImageFormat,
    image: &DynamicImage,
    profile: Option<&[u8]>,
) -> Result<Vec<u8>, Unmade> {
    let profile = profile.filter(|profile| fits(profile, image));
    match format {
        ImageFormat::Jpeg => jpeg::written(image, profile),
        ImageFormat::WebP => webp::written(image, profile, webp::is_lossless(file)),
        _ => png::written(image, profile),
    }
}

/// Whether a profile is of the kind of colours that the picture has now: those for printing become
/// others when they are read. The kind is named at this place of every profile.
fn fits(profile: &[u8], image: &DynamicImage) -> bool {
    let kind: &[u8] = if image.color().has_color() { b"RGB " } else { b"GRAY" };
    profile.get(16..20) == Some(kind)
}

/// The small versions, and the placeholder. Each is made from the one before: of millions of pixels one
/// pass is enough.
fn small(image: DynamicImage, profile: Option<&[u8]>) -> Result<([Vec<u8>; 2], Vec<u8>), Unmade> {
    let profile = profile.filter(|profile| image.color().has_color() && fits(profile, &image));
    let large = Raster::from(image).within(ThumbnailSize::Large.pixels())?;
    let small = large.within(ThumbnailSize::Small.pixels())?;
    let thumbnails = [webp::thumbnail(&small, profile)?, webp::thumbnail(&large, profile)?];
    Ok((thumbnails, small.placeholder()?))
}

/// A cursor over the bytes of a file: what is not there makes the picture damaged.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or(Unreadable::Damaged)?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Unreadable> {
        self.take(1).map(|byte| byte[0])
    }
}

#[cfg(test)]
mod tests;
