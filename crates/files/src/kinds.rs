//! Which types of files are received, and which type a file is of.

mod known;

use std::collections::BTreeSet;
use std::io::{self, Read};

use parlor_domain::{FileRefusal, MediaType};

use known::{DEFAULT, KNOWN};

/// How many bytes of a file are enough to tell what it is.
pub(crate) const HEAD: u64 = 64 * 1024;

/// What text of any type is, as far as its bytes can tell.
const TEXT: &str = "text/plain";

/// Types that are told by what is text, too. All others that begin with letters have bytes after them
/// that no text has.
const OF_TEXT: [&str; 6] = [
    "text/html",
    "text/xml",
    "text/x-shellscript",
    "application/pdf",
    "application/postscript",
    "application/rtf",
];

/// The types of files that are received, by the endings of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTypes {
    endings: BTreeSet<String>,
}

impl Default for FileTypes {
    fn default() -> Self {
        Self::new(DEFAULT)
    }
}

impl FileTypes {
    /// Files with these endings, such as `png`. Of an ending that is none of the default ones nothing is
    /// known: files with it are received, and only saved.
    pub fn new<T: AsRef<str>>(endings: impl IntoIterator<Item = T>) -> Self {
        let ending = |text: T| text.as_ref().trim().trim_start_matches('.').to_lowercase();
        Self { endings: endings.into_iter().map(ending).collect() }
    }

    /// The endings, in the order of the alphabet.
    pub fn endings(&self) -> impl Iterator<Item = &str> {
        self.endings.iter().map(String::as_str)
    }

    /// The type of a file with this name, of which the sender says that it is of the type `declared` and
    /// in which `found` was found.
    pub(crate) fn of(
        &self,
        name: &str,
        declared: Option<&str>,
        found: Option<&str>,
    ) -> Result<MediaType, FileRefusal> {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
        if !self.endings.contains(&ending) {
            return Err(FileRefusal::Type(worded(&ending, found)));
        }
        let declared = declared.and_then(said);
        let agreed = KNOWN.iter().find(|known| {
            known.endings.contains(&ending.as_str())
                && found.is_some_and(|found| known.content.contains(&found))
                && declared
                    .as_deref()
                    .is_none_or(|said| said == known.media_type || known.said.contains(&said))
        });
        let media_type = agreed.map_or(MediaType::UNKNOWN, |known| known.media_type);
        Ok(MediaType::from_stored(media_type.to_owned()))
    }
}

/// The type that a sender says, without parameters; `None` when they say nothing by it.
fn said(declared: &str) -> Option<String> {
    let essence = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    (!essence.is_empty() && essence != MediaType::UNKNOWN).then_some(essence)
}

/// How people call a type that is not received.
fn worded(ending: &str, found: Option<&str>) -> String {
    const MOST: usize = 16;
    if (1..=MOST).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return ending.to_owned();
    }
    found.unwrap_or("unknown").to_owned()
}

/// What a file is by its content: a media type, or nothing that is known. `whole` is all of it, `head`
/// its beginning.
pub(crate) fn found(head: &[u8], whole: impl Read) -> io::Result<Option<&'static str>> {
    let told = infer::get(head).map(|told| told.mime_type());
    if told.is_some_and(|told| OF_TEXT.contains(&told)) {
        return Ok(told);
    }
    Ok(if is_text(whole)? { Some(TEXT) } else { told })
}

/// Whether it is UTF-8 without control characters other than those that lay it out. What is not, is
/// told by its first bytes mostly.
fn is_text(mut whole: impl Read) -> io::Result<bool> {
    let mut piece = vec![0; 64 * 1024];
    let mut held = 0;
    loop {
        let read = whole.read(&mut piece[held..])?;
        let filled = held + read;
        let valid = match str::from_utf8(&piece[..filled]) {
            Ok(_) => filled,
            // A character was cut in two.
            Err(error) if error.error_len().is_none() && read > 0 => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        let lays_out = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b'\x0C');
        if piece[..valid].iter().any(|byte| byte.is_ascii_control() && !lays_out(*byte)) {
            return Ok(false);
        }
        if read == 0 {
            return Ok(true);
        }
        piece.copy_within(valid..filled, 0);
        held = filled - valid;
    }
}

#[cfg(test)]
#[path = "kinds_tests.rs"]
mod tests;
