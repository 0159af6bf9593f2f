use std::io::Cursor;
use std::time::{Duration, Instant};

use image::{ExtendedColorType, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

/// Left half red, right half blue, as in the picture of somebody who lies on their side.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn written(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn read(webp: &[u8]) -> RgbaImage {
    assert_eq!(image::guess_format(webp).unwrap(), ImageFormat::WebP);
    image::load_from_memory(webp).unwrap().to_rgba8()
}

/// A JPEG with the words of a camera in it: to be turned by a quarter, and where it was taken.
fn turned() -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"45.7983 N 24.1256 E");
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif).unwrap();
    let image = two_halves(300, 300);
    encoder.write_image(image.as_raw(), 300, 300, ExtendedColorType::Rgb8).unwrap();
    bytes
}

#[tokio::test]
async fn every_type_becomes_the_middle_of_it_in_both_sizes() {
    for format in FORMATS {
        let made = Portraits::default().make(written(&two_halves(800, 400), format)).await.unwrap();
        let (small, large) = (read(&made.small), read(&made.large));
        assert_eq!((small.dimensions(), large.dimensions()), ((64, 64), (256, 256)), "{format:?}");
        for (image, left, right) in [(&small, (4, 32), (60, 32)), (&large, (10, 100), (245, 100))] {
            let [left, right] = [left, right].map(|(x, y)| image.get_pixel(x, y).0);
            assert!(left[0] > 200 && left[2] < 60, "{format:?} {left:?}");
            assert!(right[2] > 200 && right[0] < 60, "{format:?} {right:?}");
        }
    }
}

#[tokio::test]
async fn a_picture_stands_upright_and_tells_nothing_else() {
    let file = turned();
    assert!(file.windows(7).any(|part| part == b"45.7983"));
    let made = Portraits::default().make(file).await.unwrap();
    let large = read(&made.large);
    assert!(large.get_pixel(128, 10).0[0] > 200, "red is on top once it was turned");
    assert!(large.get_pixel(128, 245).0[2] > 200);
    for bytes in [&made.small, &made.large] {
        assert!(!bytes.windows(7).any(|part| part == b"45.7983"));
    }
}

#[tokio::test]
async fn what_can_be_seen_through_stays_so_and_a_tiny_picture_is_taken() {
    let image = RgbaImage::from_pixel(3, 3, Rgba([0, 255, 0, 0]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let made = Portraits::default().make(bytes.into_inner()).await.unwrap();
    assert_eq!(read(&made.large).get_pixel(100, 100).0[3], 0);
}

/// A PNG that says it has so many pixels, and has none.
fn header(width: u32, height: u32) -> Vec<u8> {
    let mut png = written(&two_halves(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    };
    !bytes.iter().fold(!0, step)
}

#[tokio::test]
async fn t20_a_picture_that_says_it_is_enormous_is_refused_by_its_header() {
    for (width, height) in [(50_000, 50_000), (12_001, 1), (1, 12_001), (10_000, 4_001), (u32::MAX >> 1, 1)] {
        let began = Instant::now();
        let refused = Portraits::default().make(header(width, height)).await;
        assert!(matches!(refused, Err(PictureError::TooManyPixels)), "{width} by {height}: {refused:?}");
        assert!(began.elapsed() < Duration::from_millis(500));
    }
}

#[tokio::test]
async fn t20_what_is_no_picture_or_not_whole_is_refused() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let others: [&[u8]; 6] =
        [b"", b"hello", svg, b"<html></html>", b"%PDF-1.7", b"BM\0\0\0\0\0\0\0\0\x36\0\0\0"];
    for file in others {
        assert!(matches!(Portraits::default().make(file.to_vec()).await, Err(PictureError::NoPicture)));
    }
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let whole = written(&two_halves(200, 200), format);
        let cut = whole[..whole.len() / 2].to_vec();
        let refused = Portraits::default().make(cut).await;
        assert!(matches!(refused, Err(PictureError::Damaged)), "{format:?}: {refused:?}");
    }
    let no_more_than_its_name = b"\x89PNG\r\n\x1a\n".to_vec();
    assert!(matches!(Portraits::default().make(no_more_than_its_name).await, Err(PictureError::Damaged)));
}
