//! Files as one column: one by itself, or all of a message.

use std::time::Duration;

use parlor_domain::{
    Blob, ContentHash, File, FileId, FileName, MediaFacts, MediaType, ObjectId, Pixels, Thumbnail,
    Thumbnails, Timestamp, UserId,
};
use sea_orm::DbErr;
use serde::Deserialize;

use crate::fields::Result;
use crate::parameter::Digits;
use crate::{Dialect, Kind};

/// An expression for everything about a blob, its table being called like this; see [`read_blob`].
pub(super) fn blob<D: Dialect>(table: &str) -> String {
    let column = |name: &str| format!("{table}.{name}");
    let [id, small, large] = ["id", "small_id", "large_id"].map(|name| D::digits(&column(name)));
    let [hash, placeholder] = ["hash", "placeholder"].map(|name| D::plain(Kind::Bytes, &column(name)));
    let [bytes, width, height] = ["bytes", "width", "height"].map(column);
    let [small_bytes, large_bytes] = ["small_bytes", "large_bytes"].map(column);
    let all = [id, hash, bytes, width, height, placeholder, small, small_bytes, large, large_bytes];
    D::array(&all.each_ref().map(String::as_str))
}

/// Expressions for everything about a file, the table being called `l` and the one of its blob `b`.
fn file_fields<D: Dialect>() -> [String; 11] {
    let [id, owner] = ["l.id", "l.owner_id"].map(D::digits);
    let poster = format!("(SELECT {} FROM blob AS p WHERE p.id = l.poster_id)", blob::<D>("p"));
    [
        id,
        owner,
        "l.name".into(),
        "l.media_type".into(),
        "l.created_at".into(),
        blob::<D>("b"),
        "l.width".into(),
        "l.height".into(),
        "l.duration_ms".into(),
        D::plain(Kind::Bytes, "l.waveform"),
        poster,
    ]
}

/// An expression for a file, the table being called `l` and the one of its blob `b`; see [`read_file`].
pub(super) fn file<D: Dialect>() -> String {
    D::array(&file_fields::<D>().each_ref().map(String::as_str))
}

/// An expression for the files of the message in the row `entry`; null for a message without, of which
/// nothing else is asked. See [`read_files`].
pub(crate) fn of_message<D: Dialect>(entry: &str) -> String {
    let files = D::gather(&file_fields::<D>().each_ref().map(String::as_str), "a.position");
    format!(
        "CASE WHEN {entry}.files IS NOT NULL THEN (SELECT {files} || ''
            FROM attachment AS a CROSS JOIN file AS l CROSS JOIN blob AS b
            WHERE a.conversation_id = {entry}.conversation_id AND a.seq = {entry}.seq
                AND l.id = a.file_id AND b.id = l.blob_id) END"
    )
}

/// The array that [`file()`] makes, with those of the blob and of the poster in it as texts.
#[derive(Deserialize)]
struct FileRow(
    Digits,
    Digits,
    String,
    String,
    i64,
    String,
    Option<u32>,
    Option<u32>,
    Option<u64>,
    Option<String>,
    Option<String>,
);

/// The array that [`blob`] makes.
#[derive(Deserialize)]
struct BlobRow(
    Digits,
    String,
    u64,
    Option<u32>,
    Option<u32>,
    Option<String>,
    Option<Digits>,
    Option<u64>,
    Option<Digits>,
    Option<u64>,
);

/// A file, from [`file()`].
pub(super) fn read_file(text: &str) -> Result<File> {
    parse::<FileRow>(text)?.try_into()
}

/// The files of a message in their order, from [`of_message`].
pub(crate) fn read_files(text: Option<&str>) -> Result<Vec<File>> {
    let Some(text) = text else { return Ok(Vec::new()) };
    parse::<Vec<FileRow>>(text)?.into_iter().map(File::try_from).collect()
}

/// Bytes that are kept, from [`blob`].
pub(super) fn read_blob(text: &str) -> Result<Blob> {
    let BlobRow(id, hash, bytes, width, height, placeholder, small, small_bytes, large, large_bytes) =
        parse(text)?;
    let hash = unhex(&hash)?.try_into().map_err(|_| DbErr::Type("a hash has 32 bytes".into()))?;
    let thumbnail = |id: Option<Digits>, bytes: Option<u64>| {
        id.zip(bytes).map(|(Digits(id), bytes)| Thumbnail { object: ObjectId::from_uuid(id), bytes })
    };
    Ok(Blob {
        object: ObjectId::from_uuid(id.0),
        hash: ContentHash(hash),
        bytes,
        pixels: pixels(width, height),
        placeholder: placeholder.as_deref().map(unhex).transpose()?,
        thumbnails: thumbnail(small, small_bytes)
            .zip(thumbnail(large, large_bytes))
            .map(|(small, large)| Thumbnails { small, large }),
    })
}

impl TryFrom<FileRow> for File {
    type Error = DbErr;

    fn try_from(row: FileRow) -> Result<Self> {
        let FileRow(id, owner, name, media_type, created_at, blob, ..) = row;
        let FileRow(.., width, height, duration, waveform, poster) = row;
        Ok(Self {
            id: FileId::from_uuid(id.0),
            owner: UserId::from_uuid(owner.0),
            name: read_name(&name),
            media_type: MediaType::from_stored(media_type),
            blob: read_blob(&blob)?,
            media: MediaFacts {
                pixels: pixels(width, height),
                duration: duration.map(Duration::from_millis),
                waveform: waveform.as_deref().map(unhex).transpose()?,
            },
            poster: poster.as_deref().map(read_blob).transpose()?.map(Box::new),
            created_at: Timestamp::from_millis(created_at),
        })
    }
}

fn pixels(width: Option<u32>, height: Option<u32>) -> Option<Pixels> {
    width.zip(height).map(|(width, height)| Pixels { width, height })
}

/// A duration as a column.
pub(super) fn milliseconds(duration: Duration) -> i64 {
    duration.as_millis().try_into().unwrap_or(i64::MAX)
}

/// A name as a column. People may call a file whatever they like, and PostgreSQL's text takes no NUL.
pub(super) fn write_name(name: &FileName) -> String {
    name.as_str().replace('%', "%25").replace('\0', "%00")
}

/// A name, from [`write_name`].
pub(super) fn read_name(text: &str) -> FileName {
    FileName::from_stored(text.replace("%00", "\0").replace("%25", "%"))
}

fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| DbErr::Json(error.to_string()))
}

/// The bytes that these hexadecimal digits stand for.
fn unhex(digits: &str) -> Result<Vec<u8>> {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
    bytes.ok_or_else(|| DbErr::Type("bytes are hexadecimal digits".into()))
}
