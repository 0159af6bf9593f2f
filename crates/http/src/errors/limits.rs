use parlor_limits::TooOften;

use crate::problem::Problem;

impl From<TooOften> for Problem {
    fn from(refused: TooOften) -> Self {
        Self::rate_limited(refused.millis())
    }
}
