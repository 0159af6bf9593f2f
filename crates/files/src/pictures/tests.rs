use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, ColorType, ImageDecoder, ImageEncoder, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

/// Left half red, right half blue.
fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn file(image: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Something that begins as a profile of this kind of colours does.
fn profile(kind: &[u8]) -> Vec<u8> {
    let mut profile = vec![0; 128];
    profile[16..20].copy_from_slice(kind);
    profile.extend(b"what the colours mean");
    profile
}

fn profile_of(webp: &[u8]) -> Option<Vec<u8>> {
    WebPDecoder::new(Cursor::new(webp)).unwrap().icc_profile().unwrap()
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], length.as_slice(), content].concat()
}

#[test]
fn of_a_jpeg_only_what_is_seen_stays_bit_by_bit() {
    let whole = file(&two_halves(64, 48), ImageFormat::Jpeg);
    let icc = [b"ICC_PROFILE\0\x01\x01".as_slice(), &profile(b"RGB ")].concat();
    let extra = [
        segment(0xE0, b"JFXX\0 a small picture"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0 secret"),
        segment(0xE2, &icc),
        segment(0xE2, b"MPF\0 secret"),
        segment(0xED, b"Photoshop 3.0\0 secret"),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\x01 secret"),
        segment(0xFE, b"secret comment"),
        b"\xFF\xFF\xFF".to_vec(),
    ]
    .concat();
    let dirty = [&whole[..20], &extra[..], &whole[21..], b"<script>secret</script>PK\x03\x04"].concat();
    let clean = jpeg::cleaned(&dirty).unwrap();
    assert!(!has(&clean, b"secret") && !has(&clean, b"JFXX"));
    assert!(has(&clean, b"what the colours mean") && has(&clean, b"JFIF") && has(&clean, b"Adobe"));
    let scan = whole.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    assert!(clean.ends_with(&whole[scan..]));
    assert_eq!(jpeg::cleaned(&clean).unwrap(), clean);
    assert_eq!(jpeg::cleaned(&whole).unwrap(), whole);
}

#[test]
fn a_jpeg_that_ends_too_early_is_damaged() {
    let whole = file(&two_halves(64, 48), ImageFormat::Jpeg);
    for length in 0..whole.len() {
        assert_eq!(jpeg::cleaned(&whole[..length]), Err(Unreadable::Damaged), "{length}");
    }
}

#[test]
fn a_png_keeps_how_it_moves_and_nothing_of_its_maker() {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [length.as_slice(), name, content, &[0; 4]].concat()
    };
    let whole = file(&two_halves(8, 8), ImageFormat::Png);
    let moving = chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0]);
    let extra =
        [chunk(b"tEXt", b"Comment\0secret"), chunk(b"eXIf", b"secret"), chunk(b"zzZz", b"secret")].concat();
    let dirty = [&whole[..33], &moving, &extra, &whole[33..], b"<script>secret</script>"].concat();
    let clean = png::cleaned(&dirty).unwrap();
    assert_eq!(clean, [&whole[..33], &moving, &whole[33..]].concat());
    assert!(png::moves(&clean) && !png::moves(&whole));
    for length in 0..whole.len() {
        assert_eq!(png::cleaned(&whole[..length]), Err(Unreadable::Damaged), "{length}");
    }
}

/// A WebP that moves, with words of its maker everywhere.
fn moving_webp() -> Vec<u8> {
    let mut frames = Vec::new();
    for colour in [[255, 0, 0, 255], [0, 0, 255, 255]] {
        let mut bytes = Cursor::new(Vec::new());
        RgbaImage::from_pixel(8, 8, Rgba(colour)).write_to(&mut bytes, ImageFormat::WebP).unwrap();
        let simple = bytes.into_inner();
        let mut frame = [0, 0, 0, 0, 0, 0, 7, 0, 0, 7, 0, 0, 100, 0, 0, 0].to_vec();
        riff::add(&mut frame, riff::chunks(&simple).unwrap()[0]);
        riff::add(&mut frame, (b"note", b"secret"));
        frames.push(frame);
    }
    let head = [0x02 | 0x08 | 0x04 | 0x10, 0, 0, 0, 7, 0, 0, 7, 0, 0];
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0secret";
    let chunks: [riff::Chunk<'_>; 7] = [
        (b"VP8X", &head),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &frames[0]),
        (b"ANMF", &frames[1]),
        (b"EXIF", exif),
        (b"XMP ", b"secret!"),
        (b"else", b"secret"),
    ];
    [riff::file(chunks), b"<script>secret</script>".to_vec()].concat()
}

#[test]
fn a_webp_keeps_its_frames_and_nothing_of_its_maker() {
    let made = make(&moving_webp(), ImageFormat::WebP).unwrap();
    assert!(!has(&made.bytes, b"secret"));
    let decoder = WebPDecoder::new(Cursor::new(&made.bytes)).unwrap();
    let frames = decoder.into_frames().collect_frames().unwrap();
    let red: Vec<_> = frames.iter().map(|frame| frame.buffer().get_pixel(4, 4).0[0] > 250).collect();
    assert_eq!(red, [true, false]);
    assert_eq!(webp::cleaned(&made.bytes).unwrap(), made.bytes);
    let first = image::load_from_memory(&made.thumbnails[0]).unwrap().to_rgb8();
    assert!(first.get_pixel(4, 4).0[0] > 200, "of what moves the first frame is shown small");
}

#[test]
fn a_webp_that_ends_too_early_is_damaged() {
    let whole = file(&two_halves(8, 8), ImageFormat::WebP);
    assert_eq!(webp::cleaned(&whole).unwrap(), whole);
    for length in 0..whole.len() {
        assert_eq!(webp::cleaned(&whole[..length]), Err(Unreadable::Damaged), "{length}");
    }
}

#[test]
fn a_webp_that_lies_on_its_side_is_turned() {
    let simple = file(&two_halves(40, 20), ImageFormat::WebP);
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0secret";
    let head = [0x08, 0, 0, 0, 39, 0, 0, 19, 0, 0];
    let chunks = [(b"VP8X", head.as_slice()), riff::chunks(&simple).unwrap()[0], (b"EXIF", exif)];
    let made = make(&riff::file(chunks), ImageFormat::WebP).unwrap();
    assert_eq!((made.pixels.width, made.pixels.height), (20, 40));
    assert!(!has(&made.bytes, b"secret"));
    let image = image::load_from_memory(&made.bytes).unwrap().to_rgb8();
    assert_eq!((image.get_pixel(10, 5).0, image.get_pixel(10, 35).0), ([255, 0, 0], [0, 0, 255]));
}

#[test]
fn a_gif_keeps_its_pictures_and_how_often_they_are_shown() {
    let picture = [0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4C, 1, 0];
    let control = [0x21, 0xF9, 4, 0, 10, 0, 0, 0];
    let looping = b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\x05\0\0";
    let head = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xFF\xFF\xFF";
    let clean = [head.as_slice(), looping, &control, &picture, &picture, b";"].concat();
    let dirty = [
        head.as_slice(),
        b"\x21\xFF\x0BXMP DataXMP\x06secret\0",
        b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\x05\0\x06secret\0",
        b"\x21\xFE\x06secret\0",
        &control,
        &picture,
        &control,
        b"\x21\x01\x0C\0\0\0\0\0\0\0\0\0\0\0\0\x06secret\0",
        b"\0",
        &picture,
        b";<script>secret</script>",
    ]
    .concat();
    assert_eq!(gif::cleaned(&dirty).unwrap(), clean);
    assert_eq!(gif::cleaned(&clean).unwrap(), clean);
    assert_eq!(gif::cleaned(&clean[..clean.len() - 1]).unwrap(), clean, "some have no end");
    assert_eq!(gif::cleaned(&clean[..clean.len() - 2]), Err(Unreadable::Damaged));
}

#[test]
fn t20_a_frame_of_a_gif_that_is_enormous_is_refused() {
    let gif = b"GIF89a\x01\0\x01\0\0\0\0\x2C\0\0\0\0\xFF\xFF\xFF\xFF\0\x02\x02\x4C\x01\0;";
    assert_eq!(gif::cleaned(gif), Err(Unreadable::TooManyPixels));
}

#[test]
fn small_versions_have_the_colours_of_the_picture() {
    let write = |profile: Vec<u8>, side: u32| {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        encoder.set_icc_profile(profile).unwrap();
        let image = two_halves(side, side);
        encoder.write_image(image.as_raw(), side, side, ColorType::Rgb8.into()).unwrap();
        make(&bytes, ImageFormat::Jpeg).unwrap()
    };
    let fits = write(profile(b"RGB "), 64);
    assert!(fits.thumbnails.iter().all(|one| profile_of(one) == Some(profile(b"RGB "))));
    assert!(has(&fits.bytes, b"what the colours mean"));
    let for_printing = write(profile(b"CMYK"), 64);
    assert!(for_printing.thumbnails.iter().all(|one| profile_of(one).is_none()));
}

#[test]
fn a_picture_is_made_small_and_never_large() {
    let sizes = |width, height| {
        let made = make(&file(&two_halves(width, height), ImageFormat::Png), ImageFormat::Png).unwrap();
        assert!((5..=25).contains(&made.placeholder.len()), "{} bytes", made.placeholder.len());
        made.thumbnails.map(|one| image::load_from_memory(&one).unwrap().to_rgb8().dimensions())
    };
    assert_eq!(sizes(2_000, 500), [(480, 120), (1_600, 400)]);
    assert_eq!(sizes(500, 2_000), [(120, 480), (400, 1_600)]);
    assert_eq!(sizes(600, 300), [(480, 240), (600, 300)]);
    assert_eq!(sizes(3, 2), [(3, 2), (3, 2)]);
    assert_eq!(sizes(5_000, 1), [(480, 1), (1_600, 1)]);
}

#[test]
fn what_can_be_seen_through_stays_so() {
    let image = RgbaImage::from_fn(700, 700, |x, _| Rgba([0, 255, 0, if x < 350 { 0 } else { 255 }]));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::Png).unwrap();
    let made = make(&bytes.into_inner(), ImageFormat::Png).unwrap();
    for one in made.thumbnails {
        let one = image::load_from_memory(&one).unwrap().to_rgba8();
        let (left, right) = (one.width() / 4, one.width() * 3 / 4);
        assert_eq!((one.get_pixel(left, 100).0[3], one.get_pixel(right, 100).0[3]), (0, 255));
    }
}
