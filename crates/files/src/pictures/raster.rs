use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::DynamicImage;

use super::Unmade;

/// Pixels of eight bits a colour.
pub(super) struct Raster {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Whether one can see through some of it: then there is a fourth byte for each pixel.
    pub(super) alpha: bool,
    pub(super) bytes: Vec<u8>,
}

/// The most pixels on a side of what a placeholder is made from.
const PLACEHOLDER: u32 = 100;

impl From<DynamicImage> for Raster {
    fn from(image: DynamicImage) -> Self {
        let (width, height, alpha) = (image.width(), image.height(), image.color().has_alpha());
        let bytes = if alpha { image.into_rgba8().into_raw() } else { image.into_rgb8().into_raw() };
        Self { width, height, alpha, bytes }
    }
}

impl Raster {
    /// Itself so small that the longer side has at most so many pixels. It is never made larger.
    pub(super) fn within(&self, most: u32) -> Result<Self, Unmade> {
        let longer = self.width.max(self.height);
        if longer <= most {
            return Ok(Self { bytes: self.bytes.clone(), ..*self });
        }
        let side = |pixels: u32| {
            let exact = (u64::from(pixels) * u64::from(most) + u64::from(longer) / 2) / u64::from(longer);
            u32::try_from(exact).unwrap_or(most).max(1)
        };
        self.resized(side(self.width), side(self.height)).map_err(Unmade::Failed)
    }

    fn resized(&self, width: u32, height: u32) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let pixel = if self.alpha { PixelType::U8x4 } else { PixelType::U8x3 };
        let from = ImageRef::new(self.width, self.height, &self.bytes, pixel)?;
        let mut to = Image::new(width, height, pixel);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Hamming));
        Resizer::new().resize(&from, &mut to, &options)?;
        Ok(Self { width, height, alpha: self.alpha, bytes: to.into_vec() })
    }

    /// What is shown until the picture has come: a `ThumbHash`, some 25 bytes.
    pub(super) fn placeholder(&self) -> Result<Vec<u8>, Unmade> {
        let tiny = self.within(PLACEHOLDER)?;
        let rgba: Vec<u8> = if tiny.alpha {
            tiny.bytes
        } else {
            tiny.bytes
                .as_chunks::<3>()
                .0
                .iter()
                .flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX])
                .collect()
        };
        Ok(thumbhash::rgba_to_thumb_hash(tiny.width as usize, tiny.height as usize, &rgba))
    }
}
