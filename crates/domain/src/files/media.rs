use std::time::Duration;

use thiserror::Error;

use super::{FileKind, Pixels};

/// What the sender of a film or a sound tells of it, so that its place is known before it comes. Nobody
/// looks whether it is so: it is the sender's own file that is shown in the wrong proportions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaFacts {
    /// How large the film is, upright.
    pub pixels: Option<Pixels>,
    /// How long it takes, in whole milliseconds.
    pub duration: Option<Duration>,
    /// How loud the sound is from its beginning to its end: a byte for each of some equal parts, from
    /// silence at 0 to the loudest at 255.
    pub waveform: Option<Vec<u8>>,
}

/// The same as it came, before it was looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MediaClaims {
    /// Pixels from left to right.
    pub width: Option<u32>,
    /// Pixels from top to bottom.
    pub height: Option<u32>,
    /// How many milliseconds it takes.
    pub duration_ms: Option<u64>,
    /// How loud it is in each of its parts.
    pub waveform: Option<Vec<u8>>,
}

/// A claim that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{field} {problem}")]
pub struct InvalidClaim {
    /// The field, as the API names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

impl MediaFacts {
    /// The most pixels on one side.
    pub const MOST_PIXELS: u32 = 16_384;
    /// The longest that something takes: a week.
    pub const LONGEST: Duration = Duration::from_hours(7 * 24);
    /// The most parts of a waveform.
    pub const MOST_PARTS: usize = 100;

    /// Checks what a sender claims.
    pub fn parse(claims: MediaClaims) -> Result<Self, InvalidClaim> {
        let pixels = match (claims.width, claims.height) {
            (Some(width), Some(height)) => {
                Some(Pixels { width: side("width", width)?, height: side("height", height)? })
            }
            (None, None) => None,
            (Some(_), None) => return Err(refused("height", "is missing; give it with the width")),
            (None, Some(_)) => return Err(refused("width", "is missing; give it with the height")),
        };
        let duration = claims.duration_ms.map(Duration::from_millis);
        if duration.is_some_and(|duration| duration > Self::LONGEST) {
            let problem = format!("must be at most {}", Self::LONGEST.as_millis());
            return Err(refused("duration_ms", problem));
        }
        if claims.waveform.as_ref().is_some_and(|parts| !(1..=Self::MOST_PARTS).contains(&parts.len())) {
            return Err(refused("waveform", format!("must have 1 to {} bytes", Self::MOST_PARTS)));
        }
        Ok(Self { pixels, duration, waveform: claims.waveform })
    }

    /// What of it belongs to a file of this kind: nothing of it to what is neither film nor sound.
    #[must_use]
    pub fn of(self, kind: FileKind) -> Self {
        match kind {
            FileKind::Video => Self { waveform: None, ..self },
            FileKind::Audio => Self { pixels: None, ..self },
            FileKind::Picture | FileKind::Document => Self::default(),
        }
    }
}

fn side(field: &'static str, pixels: u32) -> Result<u32, InvalidClaim> {
    if (1..=MediaFacts::MOST_PIXELS).contains(&pixels) {
        return Ok(pixels);
    }
    Err(refused(field, format!("must be from 1 to {}", MediaFacts::MOST_PIXELS)))
}

fn refused(field: &'static str, problem: impl Into<String>) -> InvalidClaim {
    InvalidClaim { field, problem: problem.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> MediaClaims {
        MediaClaims {
            width: Some(1),
            height: Some(MediaFacts::MOST_PIXELS),
            duration_ms: Some(7 * 24 * 3_600_000),
            waveform: Some(vec![0; 100]),
        }
    }

    #[test]
    fn what_can_be_is_taken_as_it_is_told() {
        let facts = MediaFacts::parse(claims()).unwrap();
        assert_eq!(facts.pixels, Some(Pixels { width: 1, height: 16_384 }));
        assert_eq!(facts.duration, Some(MediaFacts::LONGEST));
        assert_eq!(facts.waveform.map(|parts| parts.len()), Some(100));
        assert_eq!(MediaFacts::parse(MediaClaims::default()), Ok(MediaFacts::default()));
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_field() {
        for (refused, field) in [
            (MediaClaims { width: Some(0), ..claims() }, "width"),
            (MediaClaims { width: Some(16_385), ..claims() }, "width"),
            (MediaClaims { width: None, ..claims() }, "width"),
            (MediaClaims { height: Some(0), ..claims() }, "height"),
            (MediaClaims { height: None, ..claims() }, "height"),
            (MediaClaims { duration_ms: Some(7 * 24 * 3_600_000 + 1), ..claims() }, "duration_ms"),
            (MediaClaims { duration_ms: Some(u64::MAX), ..claims() }, "duration_ms"),
            (MediaClaims { waveform: Some(Vec::new()), ..claims() }, "waveform"),
            (MediaClaims { waveform: Some(vec![0; 101]), ..claims() }, "waveform"),
        ] {
            assert_eq!(MediaFacts::parse(refused).map_err(|invalid| invalid.field), Err(field));
        }
    }

    #[test]
    fn a_file_keeps_what_belongs_to_its_kind() {
        let facts = || MediaFacts::parse(claims()).unwrap();
        let kept = |kind| {
            let kept = facts().of(kind);
            (kept.pixels.is_some(), kept.duration.is_some(), kept.waveform.is_some())
        };
        assert_eq!(kept(FileKind::Video), (true, true, false));
        assert_eq!(kept(FileKind::Audio), (false, true, true));
        assert_eq!(kept(FileKind::Picture), (false, false, false));
        assert_eq!(kept(FileKind::Document), (false, false, false));
    }
}
