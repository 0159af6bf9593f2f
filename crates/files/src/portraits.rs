use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use image::codecs::webp::WebPEncoder;
use image::error::LimitErrorKind;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use parlor_domain::{MadePicture, PictureError, PictureMaker, PictureSize};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// The types that are read. Any other has no decoder in the program.
const FORMATS: [ImageFormat; 4] = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];

/// The most pixels of a file, and the most on one side.
const PIXELS: u64 = 40_000_000;
const SIDE: u32 = 12_000;

/// How much memory reading one may take, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// How many are made at a time, and how many more may wait.
const AT_ONCE: usize = 2;
const WAITING_ROOM: usize = 16;

/// How long one may take once it is its turn.
const WITHIN: Duration = Duration::from_secs(10);

/// Makes square pictures in two sizes, a few at a time, off the asynchronous threads.
///
/// What is handed in is read to pixels within limits, and only the pixels are written anew: nothing
/// else that was in the file, such as where it was taken, comes along.
pub struct Portraits {
    turns: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

impl Default for Portraits {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            room: Arc::new(Semaphore::new(AT_ONCE + WAITING_ROOM)),
        }
    }
}

#[async_trait]
impl PictureMaker for Portraits {
    async fn make(&self, file: Vec<u8>) -> Result<MadePicture, PictureError> {
        let place = Arc::clone(&self.room).try_acquire_owned().map_err(|_| PictureError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| PictureError::Busy)?;
        // The turn goes along: a file that takes too long goes on until it is read, and nobody
        // else takes its turn meanwhile.
        let work = spawn_blocking(move || {
            let made = make(&file);
            drop((turn, place));
            made
        });
        match timeout(WITHIN, work).await {
            Ok(Ok(made)) => made,
            Ok(Err(error)) => Err(PictureError::Broken(Box::new(error))),
            Err(_) => Err(PictureError::TooSlow),
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

/// The pixels, upright. What is too large is refused by its header.
fn decode(file: &[u8]) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(file).ok().filter(|format| FORMATS.contains(format));
    let reader = ImageReader::with_format(Cursor::new(file), format.ok_or(PictureError::NoPicture)?);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
        return Err(PictureError::TooManyPixels);
    }
    if decoder.total_bytes() > MEMORY {
        return Err(PictureError::TooManyPixels);
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MEMORY);
    decoder.set_limits(limits).map_err(refusal)?;
    let orientation = decoder.orientation().map_err(refusal)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// What is wrong with the file, as far as its owner can do something about it.
fn refusal(error: ImageError) -> PictureError {
    match error {
        ImageError::Limits(error) => match error.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => {
                PictureError::TooManyPixels
            }
            _ => PictureError::Damaged,
        },
        _ => PictureError::Damaged,
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
