//! What a client says of a file when it announces it.

use std::collections::BTreeMap;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parlor_domain::{FileName, MediaFacts};

use crate::Result;
use crate::files::media::facts;
use crate::files::upload::file_name;
use crate::problem::Problem;

/// The most bytes of all of it: those of the longest name in base64, and as many as the rest needs.
const MOST: usize = 8_192;

/// The most bytes of a type.
const LONGEST_TYPE: usize = 255;

/// What is known of a file before its bytes come.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) name: FileName,
    /// The type that the sender says.
    pub(super) declared: Option<String>,
    /// What they tell of the film or the sound that it is.
    pub(super) media: MediaFacts,
}

/// Reads the value of `Upload-Metadata`.
pub(super) fn parse(header: &str) -> Result<Metadata> {
    if header.len() > MOST {
        return Err(unreadable(&format!("has more than {MOST} bytes")));
    }
    let mut values = BTreeMap::new();
    for pair in header.split(',') {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let value = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.ok_or_else(|| unreadable(&format!("has no text in base64 as `{key}`")))?;
        if values.insert(key, value).is_some() {
            return Err(unreadable(&format!("has `{key}` twice")));
        }
    }
    let name = values.get("filename").ok_or_else(|| unreadable("has no `filename`"))?;
    let declared = values.get("filetype").filter(|kind| !kind.is_empty()).cloned();
    let is_type = |kind: &String| {
        kind.len() <= LONGEST_TYPE && kind.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
    };
    if declared.as_ref().is_some_and(|kind| !is_type(kind)) {
        return Err(unreadable("has no media type as `filetype`"));
    }
    let media = facts(
        number(&values, "width")?,
        number(&values, "height")?,
        number(&values, "duration_ms")?,
        values.get("waveform").map(String::as_str),
    )?;
    Ok(Metadata { name: file_name(name)?, declared, media })
}

fn number<T: FromStr>(values: &BTreeMap<&str, String>, key: &str) -> Result<Option<T>> {
    let read = |text: &String| text.parse().map_err(|_| unreadable(&format!("has no number as `{key}`")));
    values.get(key).map(read).transpose()
}

fn unreadable(problem: &str) -> Problem {
    Problem::invalid_request(format!("`Upload-Metadata` {problem}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_all_that_has_to_be_said() {
        let told = parse("filename Z3LDvMOfZS50eHQ=").unwrap();
        assert_eq!(
            (told.name.as_str(), told.declared, told.media),
            ("grüße.txt", None, MediaFacts::default())
        );
    }

    #[test]
    fn a_film_tells_how_large_it_is_and_what_else_is_said_is_no_matter() {
        let told =
            parse("filename YS5tcDQ=,filetype dmlkZW8vbXA0, width NjQw,height NDgw,is_secret,note eA==");
        let told = told.unwrap();
        assert_eq!(told.declared.as_deref(), Some("video/mp4"));
        assert_eq!(told.media.pixels.map(|pixels| (pixels.width, pixels.height)), Some((640, 480)));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for header in [
            "",
            "filetype dmlkZW8vbXA0",
            "filename",
            "filename %%%",
            "filename /w==",
            "filename YQ==,filename YQ==",
            "filename YQ==,filetype YQo=",
            "filename YQ==,width eA==",
            "filename YQ==,width NjQw",
            "filename YQ==,,",
        ] {
            assert!(parse(header).is_err(), "{header}");
        }
        assert!(parse(&format!("filename YQ==,note {}", "YWFh".repeat(3_000))).is_err());
    }
}
