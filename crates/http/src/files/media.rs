//! What senders tell of films and sounds.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use parlor_domain::{InvalidClaim, MediaClaims, MediaFacts};

use crate::Result;
use crate::problem::Problem;

/// Checks what a sender tells; the waveform is in base64.
pub(super) fn facts(
    width: Option<u32>,
    height: Option<u32>,
    duration_ms: Option<u64>,
    waveform: Option<&str>,
) -> Result<MediaFacts> {
    let not_base64 = |_| invalid(&InvalidClaim { field: "waveform", problem: "must be base64".into() });
    let waveform = waveform.map(|text| STANDARD.decode(text).map_err(not_base64)).transpose()?;
    let claims = MediaClaims { width, height, duration_ms, waveform };
    MediaFacts::parse(claims).map_err(|claim| invalid(&claim))
}

fn invalid(claim: &InvalidClaim) -> Problem {
    Problem::invalid_fields(Vec::new()).with_field(
        claim.field,
        "out_of_range",
        format!("It {}.", claim.problem),
    )
}
