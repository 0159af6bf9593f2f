//! Files as one column: one by itself, or all of a message.

use parlor_domain::{
    Blob, ContentHash, File, FileId, FileName, MediaType, ObjectId, Pixels, Thumbnail, Thumbnails, Timestamp,
    UserId,
};
use sea_orm::DbErr;
use serde::Deserialize;

use crate::fields::Result;
use crate::parameter::Digits;
use crate::{Dialect, Kind};

/// An expression for everything about a blob, the table being called `b`; see [`read_blob`].
pub(super) fn blob<D: Dialect>() -> String {
    let [id, small, large] = ["b.id", "b.small_id", "b.large_id"].map(D::digits);
    let [hash, placeholder] = ["b.hash", "b.placeholder"].map(|column| D::plain(Kind::Bytes, column));
    D::array(&[
        &id,
        &hash,
        "b.bytes",
        "b.width",
        "b.height",
        &placeholder,
        &small,
        "b.small_bytes",
        &large,
        "b.large_bytes",
    ])
}

/// Expressions for everything about a file, the table being called `l` and the one of its blob `b`.
fn file_fields<D: Dialect>() -> [String; 6] {
    let [id, owner] = ["l.id", "l.owner_id"].map(D::digits);
    [id, owner, "l.name".into(), "l.media_type".into(), "l.created_at".into(), blob::<D>()]
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

/// The array that [`file()`] makes, with that of the blob in it as a text.
#[derive(Deserialize)]
struct FileRow(Digits, Digits, String, String, i64, String);

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
        pixels: width.zip(height).map(|(width, height)| Pixels { width, height }),
        placeholder: placeholder.as_deref().map(unhex).transpose()?,
        thumbnails: thumbnail(small, small_bytes)
            .zip(thumbnail(large, large_bytes))
            .map(|(small, large)| Thumbnails { small, large }),
    })
}

impl TryFrom<FileRow> for File {
    type Error = DbErr;

    fn try_from(FileRow(id, owner, name, media_type, created_at, blob): FileRow) -> Result<Self> {
        Ok(Self {
            id: FileId::from_uuid(id.0),
            owner: UserId::from_uuid(owner.0),
            name: read_name(&name),
            media_type: MediaType::from_stored(media_type),
            blob: read_blob(&blob)?,
            created_at: Timestamp::from_millis(created_at),
        })
    }
}

/// A name as a column. People may call a file whatever they like, and PostgreSQL's text takes no NUL.
pub(super) fn write_name(name: &FileName) -> String {
    name.as_str().replace('%', "%25").replace('\0', "%00")
}

/// A name, from [`write_name`].
fn read_name(text: &str) -> FileName {
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
