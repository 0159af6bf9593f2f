use parlor_domain::{Denied, FileError, FileFailure, FileRefusal};
use poem::http::StatusCode;

use super::{BUSY_MS, chain, sentence};
use crate::problem::Problem;

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        let text = sentence(&error.to_string());
        match error {
            FileError::TooLarge(max) => Self::file_too_large(max),
            FileError::Quota { left, .. } => Self::quota_exceeded(left),
            FileError::NoRoom => no_room(),
            FileError::Empty | FileError::NoVideo => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text)
            }
            FileError::Sent => Self::conflict("already_sent", text),
            FileError::Incomplete => Self::new(StatusCode::BAD_REQUEST, "file_incomplete", text),
            FileError::Refused(refusal) => refusal.into(),
            FileError::TooManyUploads(_) => Self::conflict("too_many_uploads", text),
            FileError::TooManyParts(_) => Self::conflict("too_many_parts", text),
            FileError::Offset(_) => Self::conflict("upload_offset", text),
            FileError::BeyondEnd(_) => Self::new(StatusCode::PAYLOAD_TOO_LARGE, "upload_too_long", text),
            FileError::Denied(Denied::NotFound) => Self::not_found("There is no such file."),
            FileError::Denied(denied) => denied.into(),
            FileError::Failed(failure) => failure.into(),
            FileError::Store(error) => error.into(),
        }
    }
}

impl From<FileRefusal> for Problem {
    fn from(refusal: FileRefusal) -> Self {
        let code = match refusal {
            FileRefusal::Type(_) => "file_type_refused",
            FileRefusal::Damaged => "file_damaged",
            FileRefusal::TooManyPixels => "too_many_pixels",
            FileRefusal::TooSlow => "slow_picture",
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, sentence(&refusal.to_string()))
    }
}

impl From<FileFailure> for Problem {
    fn from(failure: FileFailure) -> Self {
        match failure {
            FileFailure::Full(_) => {
                tracing::error!(error = chain(&failure), "the disk for files is full");
                no_room()
            }
            FileFailure::Busy => Self::busy(BUSY_MS),
            FileFailure::Away(_) => {
                tracing::error!(error = chain(&failure), "the file storage cannot be reached");
                Self::unavailable()
            }
            FileFailure::Missing | FileFailure::Failed(_) => {
                tracing::error!(error = chain(&failure), "the file storage failed");
                Self::internal()
            }
        }
    }
}

/// 507: what is left of the disk is for the chat.
fn no_room() -> Problem {
    let detail = "There is no room for files at the moment; tell an admin, or try again later.";
    Problem::new(StatusCode::INSUFFICIENT_STORAGE, "no_room", detail)
}
