use std::fmt;

/// What a file is, by its bytes: an IANA media type in lower case, without parameters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediaType(String);

/// How a file is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// In its place, and large when one asks for it.
    Picture,
    /// In its place, with a player.
    Video,
    /// In its place, with a player.
    Audio,
    /// As a card with its name.
    Document,
}

/// The types that a browser shows and that cannot run anything there: pictures that were written
/// anew from what they show, sound, and moving pictures.
const SHOWN: [(&str, FileKind); 15] = [
    ("image/png", FileKind::Picture),
    ("image/jpeg", FileKind::Picture),
    ("image/gif", FileKind::Picture),
    ("image/webp", FileKind::Picture),
    ("video/mp4", FileKind::Video),
    ("video/webm", FileKind::Video),
    ("video/quicktime", FileKind::Video),
    ("audio/mpeg", FileKind::Audio),
    ("audio/ogg", FileKind::Audio),
    ("audio/mp4", FileKind::Audio),
    ("audio/x-m4a", FileKind::Audio),
    ("audio/webm", FileKind::Audio),
    ("audio/wav", FileKind::Audio),
    ("audio/x-wav", FileKind::Audio),
    ("audio/flac", FileKind::Audio),
];

impl MediaType {
    /// Of what nothing is known but its bytes.
    pub const UNKNOWN: &'static str = "application/octet-stream";

    /// A type that the program knows, or that was stored before.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The type.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How a file of this type is shown.
    pub fn kind(&self) -> FileKind {
        SHOWN.iter().find(|(name, _)| *name == self.0).map_or(FileKind::Document, |(_, kind)| *kind)
    }

    /// Whether a browser may show it in its place. Anything else is only saved: it might run as
    /// part of the page.
    pub fn is_shown(&self) -> bool {
        self.kind() != FileKind::Document
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
