use std::io::Cursor;
use std::time::{Duration, Instant};

use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::{AnimationDecoder, Frame, ImageFormat, Rgba, RgbaImage};
use parlor_domain::Pixels;

use super::*;

#[tokio::test]
async fn a_picture_stands_upright_and_does_not_tell_where_it_was_taken() {
    let (_place, folder) = open();
    // Where the left half is that is red, once it stands upright.
    let upright = [(1, "left"), (2, "right"), (3, "right"), (4, "left")];
    let turned = [(5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")];
    for (orientation, red) in upright.into_iter().chain(turned) {
        let file = samples::camera(160, 80, orientation);
        assert!(has(&file, b"45.7983"));
        let (told, bytes) = kept(&folder, "a.jpg", &file).await;
        assert!(!has(&bytes, b"45.7983") && !has(&bytes, b"Exif"), "{orientation}");
        let image = image::load_from_memory(&bytes).unwrap().to_rgb8();
        let (width, height) = if orientation < 5 { (160, 80) } else { (80, 160) };
        assert_eq!((image.dimensions(), told.pixels), ((width, height), Some(Pixels { width, height })));
        let (x, y) = match red {
            "left" => (10, height / 2),
            "right" => (width - 10, height / 2),
            "top" => (width / 2, 10),
            _ => (width / 2, height - 10),
        };
        let pixel = image.get_pixel(x, y).0;
        assert!(pixel[0] > 200 && pixel[2] < 60, "{orientation}: {pixel:?}");
    }
}

#[tokio::test]
async fn a_picture_that_stands_upright_loses_nothing_of_what_it_shows() {
    let (_place, folder) = open();
    for ending in ["png", "jpg", "gif", "webp"] {
        let file = samples::picture(ending);
        let (told, bytes) = kept(&folder, &format!("a.{ending}"), &file).await;
        let pixels = |file: &[u8]| image::load_from_memory(file).unwrap().to_rgba8();
        assert!(pixels(&bytes) == pixels(&file), "{ending}");
        assert!(told.placeholder.is_some_and(|placeholder| placeholder.len() <= 25));
    }
}

#[tokio::test]
async fn a_gif_that_moves_still_does() {
    let (_place, folder) = open();
    let colours = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]];
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for colour in colours {
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(20, 20, Rgba(colour)))).unwrap();
    }
    drop(encoder);
    let (told, bytes) = kept(&folder, "a.gif", &file).await;
    assert_eq!(told.media_type.as_str(), "image/gif");
    assert!(has(&bytes, b"NETSCAPE2.0"));
    let frames = GifDecoder::new(Cursor::new(bytes)).unwrap().into_frames().collect_frames().unwrap();
    let shown: Vec<_> = frames.iter().map(|frame| frame.buffer().get_pixel(9, 9).0).collect();
    assert_eq!(shown, colours);
}

/// A PNG that says it has so many pixels, and has none.
fn header(width: u32, height: u32) -> Vec<u8> {
    let mut png = samples::picture("png");
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
    let (_place, folder) = open();
    for (width, height) in [(50_000, 50_000), (12_001, 1), (1, 12_001), (10_000, 4_001), (u32::MAX >> 1, 1)] {
        let began = Instant::now();
        let refused = inspect(&folder, "a.png", None, &header(width, height)).await;
        assert_eq!(refused, Err(FileRefusal::TooManyPixels), "{width} by {height}");
        assert!(began.elapsed() < Duration::from_millis(500));
    }
}

#[tokio::test]
async fn t20_a_picture_that_is_not_whole_is_refused() {
    let (place, folder) = open();
    for ending in ["png", "jpg", "gif", "webp"] {
        let whole = samples::picture(ending);
        let cut = &whole[..whole.len() / 2];
        let refused = inspect(&folder, &format!("a.{ending}"), None, cut).await;
        assert_eq!(refused, Err(FileRefusal::Damaged), "{ending}");
    }
    assert_eq!(inspect(&folder, "a.png", None, b"\x89PNG\r\n\x1a\n").await, Err(FileRefusal::Damaged));
    assert!(tree(place.path()).is_empty());
}

#[tokio::test]
async fn a_photograph_becomes_much_smaller_in_its_small_versions() {
    let (_place, folder) = open();
    let photograph = RgbaImage::from_fn(2_000, 1_500, |x, y| {
        let wave = |at: u32, of: u32| u8::try_from((at * 255 / of) ^ (at / 40 % 2 * 16)).unwrap_or(0);
        Rgba([wave(x, 2_000), wave(y, 1_500), wave(x + y, 3_500), 255])
    });
    let mut file = Cursor::new(Vec::new());
    photograph.write_to(&mut file, ImageFormat::Png).unwrap();
    let told = inspect(&folder, "a.png", Some("image/png"), &file.into_inner()).await.unwrap();
    let [small, large] = told.thumbnails.unwrap();
    assert!(small < 20_000 && large < 150_000 && small < large, "{small} {large}");
}
