//! How often something may be done.

use std::sync::Arc;

use parlor_limits::{Figures, Limits};

use crate::config;

/// The figures of the settings.
pub fn figures(limits: &config::Limits) -> Figures {
    Figures {
        message_burst: limits.message_burst,
        messages_per_second: limits.messages_per_second,
        sign_in_failures: limits.sign_in_failures,
        sign_ins_per_ip: limits.sign_ins_per_ip,
        recovery_burst: limits.recovery_burst,
        recoveries_per_hour_per_ip: limits.recoveries_per_hour_per_ip,
        registrations_per_hour_per_ip: limits.registrations_per_hour_per_ip,
        group_creates_per_hour: limits.group_creates_per_hour,
        invite_links_per_day: limits.invite_links_per_day,
        upload_burst: limits.upload_burst,
        uploads_per_hour: limits.uploads_per_hour,
    }
}

/// Forgets what counts no more, for as long as the server runs.
pub async fn forget_old(limits: Arc<Limits>) {
    let mut tick = tokio::time::interval(Limits::FORGET_EVERY);
    loop {
        tick.tick().await;
        limits.forget_old();
    }
}
