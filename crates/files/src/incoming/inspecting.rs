//! Looking at what was received.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use image::ImageFormat;
use parlor_domain::{FileFailure, FileName, FileRefusal, MediaType, Pixels};

use super::Intake;
use super::receiving::Received;
use crate::disk::failure;
use crate::kinds::{self, HEAD};
use crate::pictures::{self, Unmade};

/// The most bytes of a picture's file. It is read as a whole, and none with as many pixels as a picture
/// may have needs more.
const PICTURE: u64 = 64 * 1024 * 1024;

/// Why a file is not kept.
pub(super) enum Stopped {
    Refused(FileRefusal),
    Failed(FileFailure),
}

impl From<FileFailure> for Stopped {
    fn from(failure: FileFailure) -> Self {
        Self::Failed(failure)
    }
}

impl From<FileRefusal> for Stopped {
    fn from(refusal: FileRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(failure(error))
    }
}

impl From<Unmade> for Stopped {
    fn from(unmade: Unmade) -> Self {
        match unmade {
            Unmade::Refused(refusal) => Self::Refused(refusal),
            Unmade::Failed(error) => Self::Failed(FileFailure::Failed(error)),
        }
    }
}

/// Which type the file is of.
pub(super) fn media_type(
    intake: &Intake,
    received: &Received,
    name: &FileName,
    declared: Option<&str>,
) -> Result<MediaType, Stopped> {
    let mut file = from_the_start(received)?;
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(0))?;
    let found = kinds::found(&head, file)?;
    Ok(intake.types.of(name.as_str(), declared, found)?)
}

/// Puts in place of the received picture one that has nothing in it but what it shows, and makes its
/// small versions; how large it is, and what is shown of it until it has come.
pub(super) fn picture(
    intake: &Intake,
    received: &mut Received,
    format: ImageFormat,
) -> Result<(Pixels, Vec<u8>), Stopped> {
    if received.bytes > PICTURE {
        return Err(FileRefusal::TooManyPixels.into());
    }
    let mut file = Vec::new();
    from_the_start(received)?.read_to_end(&mut file)?;
    let made = pictures::make(&file, format)?;
    if made.bytes != file {
        let mut anew = Received::new(intake.spool.temporary()?);
        anew.add(&made.bytes)?;
        *received = anew;
    }
    received.thumbnails = Some(made.thumbnails);
    Ok((made.pixels, made.placeholder))
}

fn from_the_start(received: &Received) -> io::Result<&File> {
    let mut file = received.file.as_file();
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}
