use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parlor_domain as domain;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::Time;

/// A file that somebody uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Object))]
pub struct File {
    /// Its id.
    pub id: Uuid,
    /// What the one who uploaded it calls it.
    pub name: String,
    /// What it is, by its bytes: a media type, such as `image/jpeg`.
    pub media_type: String,
    /// How it is shown.
    pub kind: FileKind,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many pixels a picture has from left to right, or as its sender tells a video; absent for
    /// anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub width: Option<u32>,
    /// How many pixels a picture has from top to bottom, or as its sender tells a video; absent for
    /// anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub height: Option<u32>,
    /// How many milliseconds a video or a sound takes, as its sender tells; absent where they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub duration_ms: Option<u64>,
    /// How loud a sound is from its beginning to its end, as its sender tells: in base64 a byte for
    /// each of at most 100 equal parts, 255 for the loudest; absent where they did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub waveform: Option<String>,
    /// What is shown of a picture, or of a video's poster, until it has come: a `ThumbHash` in
    /// base64; absent for anything else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", oai(skip_serializing_if_is_none))]
    pub placeholder: Option<String>,
    /// Whether there are small versions of it, or of its poster, at `/files/{id}/thumbnail`.
    pub has_thumbnail: bool,
    /// When it was uploaded.
    pub created_at: Time,
}

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(poem_openapi::Enum))]
#[cfg_attr(feature = "openapi", oai(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// In its place, and large when one asks for it.
    Picture,
    /// In its place, with a player.
    Video,
    /// In its place, with a player.
    Audio,
    /// As a card with its name; it is only saved.
    Document,
}

impl File {
    /// The files of a message; `None` when it has none.
    pub(crate) fn render(files: &[domain::File]) -> Option<Vec<Self>> {
        (!files.is_empty()).then(|| files.iter().map(Into::into).collect())
    }
}

impl From<&domain::File> for File {
    fn from(file: &domain::File) -> Self {
        let (pixels, face) = (file.pixels(), file.face());
        Self {
            id: file.id.as_uuid(),
            name: file.name.to_string(),
            media_type: file.media_type.to_string(),
            kind: file.media_type.kind().into(),
            bytes: file.blob.bytes,
            width: pixels.map(|pixels| pixels.width),
            height: pixels.map(|pixels| pixels.height),
            duration_ms: file.media.duration.map(milliseconds),
            waveform: file.media.waveform.as_ref().map(|parts| STANDARD.encode(parts)),
            placeholder: face.placeholder.as_ref().map(|hash| STANDARD.encode(hash)),
            has_thumbnail: face.thumbnails.is_some(),
            created_at: file.created_at.into(),
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

impl From<FileKind> for domain::FileKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Picture => Self::Picture,
            FileKind::Video => Self::Video,
            FileKind::Audio => Self::Audio,
            FileKind::Document => Self::Document,
        }
    }
}

impl From<domain::FileKind> for FileKind {
    fn from(kind: domain::FileKind) -> Self {
        match kind {
            domain::FileKind::Picture => Self::Picture,
            domain::FileKind::Video => Self::Video,
            domain::FileKind::Audio => Self::Audio,
            domain::FileKind::Document => Self::Document,
        }
    }
}
