//! Pictures to pixels, within limits.

use std::io::Cursor;

use image::error::LimitErrorKind;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

/// The most pixels of a file, and the most on one side.
pub(crate) const PIXELS: u64 = 40_000_000;
const SIDE: u32 = 12_000;

/// How much memory reading one may take, in bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// A picture as it is in its file.
pub(crate) struct Decoded {
    /// The pixels; of what moves, the first ones.
    pub(crate) image: DynamicImage,
    /// How the pixels are to be turned to stand upright.
    pub(crate) orientation: Orientation,
    /// What their colours mean: an ICC profile.
    pub(crate) profile: Option<Vec<u8>>,
}

/// What is wrong with a picture, as far as its owner can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It would take too much memory.
    TooManyPixels,
    /// It is not whole, or not well formed.
    Damaged,
}

/// Reads a picture. What is too large is refused by its header.
pub(crate) fn decode(file: &[u8], format: ImageFormat) -> Result<Decoded, Unreadable> {
    let reader = ImageReader::with_format(Cursor::new(file), format);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    let (width, height) = decoder.dimensions();
    if width > SIDE || height > SIDE || u64::from(width) * u64::from(height) > PIXELS {
        return Err(Unreadable::TooManyPixels);
    }
    if decoder.total_bytes() > MEMORY {
        return Err(Unreadable::TooManyPixels);
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MEMORY);
    decoder.set_limits(limits).map_err(unreadable)?;
    let orientation = decoder.orientation().map_err(unreadable)?;
    // A picture is shown without a profile that cannot be read.
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    Ok(Decoded { image, orientation, profile })
}

impl Decoded {
    /// The pixels, turned upright.
    pub(crate) fn upright(mut self) -> DynamicImage {
        self.image.apply_orientation(self.orientation);
        self.image
    }
}

fn unreadable(error: ImageError) -> Unreadable {
    match error {
        ImageError::Limits(error) => match error.kind() {
            LimitErrorKind::DimensionError | LimitErrorKind::InsufficientMemory => Unreadable::TooManyPixels,
            _ => Unreadable::Damaged,
        },
        _ => Unreadable::Damaged,
    }
}
