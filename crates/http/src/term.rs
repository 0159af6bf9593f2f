//! How long something lasts: until a moment, for so many minutes, or for good.

use parlor_domain::Timestamp;
use parlor_wire::Time;

use crate::Result;
use crate::problem::Problem;
use crate::services::Services;

/// When it ends; `None` when neither is said. Saying both is refused.
pub fn end(services: &Services, until: Option<&Time>, minutes: Option<u32>) -> Result<Option<Timestamp>> {
    match (until, minutes) {
        (Some(_), Some(_)) => Err(Problem::invalid_fields(Vec::new()).with_field(
            "minutes",
            "invalid",
            "Say either until when or for how long.",
        )),
        (until, minutes) => {
            Ok(until.map(|until| until.0).or(minutes.map(|n| services.administration.in_minutes(n))))
        }
    }
}
