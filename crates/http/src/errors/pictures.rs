use parlor_domain::PictureError;
use poem::http::StatusCode;

use super::{BUSY_MS, chain, sentence};
use crate::problem::Problem;

impl From<PictureError> for Problem {
    fn from(error: PictureError) -> Self {
        let text = sentence(&error.to_string());
        let unprocessable = |code| Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, text.clone());
        match error {
            PictureError::NoPicture => unprocessable("not_a_picture"),
            PictureError::Damaged => unprocessable("damaged_picture"),
            PictureError::TooManyPixels => unprocessable("too_many_pixels"),
            PictureError::TooSlow => unprocessable("slow_picture"),
            PictureError::Busy => Self::busy(BUSY_MS),
            PictureError::Denied(denied) => denied.into(),
            PictureError::NotFound => Self::not_found("There is no such user."),
            PictureError::Store(error) => error.into(),
            PictureError::Broken(_) => {
                tracing::error!(error = chain(&error), "a picture could not be made");
                Self::internal()
            }
        }
    }
}
