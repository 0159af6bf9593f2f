//! Files of every type that is received, made here.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage};

/// The endings that are received unless the configuration says others, each with the type that a file
/// is of that is what it says, and such a file.
pub fn all() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    vec![
        ("png", "image/png", picture("png")),
        ("jpg", "image/jpeg", picture("jpg")),
        ("jpeg", "image/jpeg", picture("jpg")),
        ("gif", "image/gif", picture("gif")),
        ("webp", "image/webp", picture("webp")),
        ("avif", "image/avif", container(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf")),
        ("mp4", "video/mp4", container(b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2")),
        ("webm", "video/webm", container(b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm")),
        ("mov", "video/quicktime", container(b"\0\0\0\x14ftypqt  \0\0\x02\0qt  ")),
        ("avi", "video/x-msvideo", container(b"RIFF\x24\x01\0\0AVI LIST")),
        ("mp3", "audio/mpeg", container(b"ID3\x03\0\0\0\0\0\0")),
        ("ogg", "audio/ogg", container(b"OggS\0\x02")),
        ("m4a", "audio/mp4", container(b"\0\0\0\x18ftypM4A \0\0\x02\0isomiso2")),
        ("wav", "audio/wav", container(b"RIFF\x24\x01\0\0WAVEfmt ")),
        ("flac", "audio/flac", container(b"fLaC\0\0\0\x22")),
        ("pdf", "application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n".to_vec()),
        ("doc", "application/msword", container(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
        (
            "docx",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            zip(&["[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/styles.xml"]),
        ),
        ("xls", "application/vnd.ms-excel", container(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
        (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            zip(&["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml"]),
        ),
        ("ppt", "application/vnd.ms-powerpoint", container(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
        (
            "pptx",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            zip(&["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml", "ppt/slides/slide1.xml"]),
        ),
        ("odt", "application/vnd.oasis.opendocument.text", opendocument()),
        ("txt", "text/plain", b"hello\n".to_vec()),
        ("md", "text/markdown", b"# Hello\n".to_vec()),
        ("csv", "text/csv", b"a,b\n1,2\n".to_vec()),
        ("zip", "application/zip", zip(&["a.txt", "b.txt"])),
    ]
}

/// Left half red, right half blue.
pub fn two_halves(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

/// A picture in the format of this ending.
pub fn picture(ending: &str) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let format = ImageFormat::from_extension(ending).unwrap();
    two_halves(64, 48).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A JPEG with what a camera writes: how it was held, from 1 to 8, and where it was.
pub fn camera(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(b"45.7983 N 24.1256 E");
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif).unwrap();
    encoder.write_image(two_halves(width, height).as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    bytes
}

/// The beginning of a file of which nothing else is looked at.
fn container(head: &[u8]) -> Vec<u8> {
    [head, &[0; 300]].concat()
}

/// An archive with these entries, as far as it is looked at.
fn zip(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| entry(name, b"x")).collect()
}

fn opendocument() -> Vec<u8> {
    [entry("mimetype", b"application/vnd.oasis.opendocument.text"), entry("content.xml", b"x")].concat()
}

fn entry(name: &str, content: &[u8]) -> Vec<u8> {
    let mut entry = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    entry.extend([length, length].concat());
    entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    entry.extend([0, 0]);
    entry.extend(name.as_bytes());
    entry.extend(content);
    entry
}
