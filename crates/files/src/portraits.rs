use async_trait::async_trait;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};
use parlor_domain::{MadePicture, PictureError, PictureMaker, PictureSize};

use crate::decoding::{self, Unreadable};
use crate::turns::{NoResult, Turns};

/// The types that are read. Any other has no decoder in the program.
const FORMATS: [ImageFormat; 4] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];

/// Makes square pictures in two sizes, a few at a time, off the asynchronous threads.
///
/// What is handed in is read to pixels within limits, and only the pixels are written anew: nothing
/// else that was in the file, such as where it was taken, comes along.
#[derive(Default)]
pub struct Portraits {
    turns: Turns,
}

#[async_trait]
impl PictureMaker for Portraits {
    async fn make(&self, file: Vec<u8>) -> Result<MadePicture, PictureError> {
        match self.turns.take(move || make(&file)).await {
            Ok(made) => made,
            Err(NoResult::Busy) => Err(PictureError::Busy),
            Err(NoResult::TooSlow) => Err(PictureError::TooSlow),
            Err(NoResult::Broken(error)) => Err(PictureError::Broken(Box::new(error))),
        }
    }
}

fn make(file: &[u8]) -> Result<MadePicture, PictureError> {
    let square = square(decode(file)?);
    // The smaller one from the larger one: of millions of pixels one pass is enough.
    let large = shrink(&square, PictureSize::Large);
    let small = shrink(&large, PictureSize::Small);
    Ok(MadePicture { small: encode(&small)?, large: encode(&large)? })
}

/// The pixels, upright.
fn decode(file: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(file).ok().filter(|format| FORMATS.contains(format));
    match decoding::decode(file, format.ok_or(PictureError::NoPicture)?) {
        Ok(decoded) => Ok(decoded.upright()),
        Err(Unreadable::TooManyPixels) => Err(PictureError::TooManyPixels),
        Err(Unreadable::Damaged) => Err(PictureError::Damaged),
    }
}

/// The middle of it.
fn square(image: DynamicImage) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let side = width.min(height);
    if width == height {
        return image;
    }
    image.crop_imm((width - side) / 2, (height - side) / 2, side, side)
}

fn shrink(image: &DynamicImage, size: PictureSize) -> DynamicImage {
    let pixels = size.pixels();
    // A picture that is much larger is first brought near by averaging, which costs one look at each pixel.
    if image.width() > 4 * pixels {
        image.thumbnail_exact(2 * pixels, 2 * pixels).resize_exact(pixels, pixels, FilterType::Lanczos3)
    } else {
        image.resize_exact(pixels, pixels, FilterType::Lanczos3)
    }
}

fn encode(image: &DynamicImage) -> Result<Vec<u8>, PictureError> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    let written = if image.color().has_alpha() {
        image.to_rgba8().write_with_encoder(encoder)
    } else {
        image.to_rgb8().write_with_encoder(encoder)
    };
    written.map_err(|error| PictureError::Broken(Box::new(error)))?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "portraits_tests.rs"]
mod tests;
