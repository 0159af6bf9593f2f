use std::time::Duration;

use crate::settings::Settings;

/// What time itself asks of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing before this moment.
    Nothing(Duration),
    /// Ask the client whether it is there.
    Ping,
    /// It has been silent for too long.
    Dead,
    /// It has not taken anything for too long.
    Blocked,
    /// It has not said who it is.
    Unknown,
}

/// When a connection was last heard, asked and able to write. Moments are counted from its start.
#[derive(Debug, Default)]
pub(crate) struct Pulse {
    heard: Duration,
    asked: Duration,
    blocked_since: Option<Duration>,
}

impl Pulse {
    pub(crate) fn hear(&mut self, now: Duration) {
        self.heard = now;
    }

    pub(crate) fn ask(&mut self, now: Duration) {
        self.asked = now;
    }

    /// Notes whether the client takes what is written; whether that is news.
    pub(crate) fn block(&mut self, blocked: bool, now: Duration) -> bool {
        let news = blocked != self.blocked_since.is_some();
        if news {
            self.blocked_since = blocked.then_some(now);
        }
        news
    }

    /// What is due at `now`, the gravest first.
    pub(crate) fn due(&self, known: bool, settings: &Settings, now: Duration) -> Due {
        let dead = self.heard + settings.dead_after;
        let ping = self.asked + settings.ping_every;
        let blocked = self.blocked_since.map(|since| since + settings.blocked_for);
        let unknown = (!known).then_some(settings.authenticate_within);
        if now >= dead {
            Due::Dead
        } else if blocked.is_some_and(|at| now >= at) {
            Due::Blocked
        } else if unknown.is_some_and(|at| now >= at) {
            Due::Unknown
        } else if now >= ping {
            Due::Ping
        } else {
            Due::Nothing(
                [Some(dead), Some(ping), blocked, unknown].into_iter().flatten().min().unwrap_or(dead),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_silent_client_is_asked_and_then_given_up() {
        let settings = Settings::default();
        let mut pulse = Pulse::default();
        assert_eq!(pulse.due(true, &settings, seconds(0)), Due::Nothing(seconds(25)));
        assert_eq!(pulse.due(true, &settings, seconds(25)), Due::Ping);
        pulse.ask(seconds(25));
        assert_eq!(pulse.due(true, &settings, seconds(26)), Due::Nothing(seconds(50)));
        pulse.ask(seconds(50));
        assert_eq!(pulse.due(true, &settings, seconds(60)), Due::Dead);
        pulse.hear(seconds(59));
        assert_eq!(pulse.due(true, &settings, seconds(60)), Due::Nothing(seconds(75)));
    }

    #[test]
    fn r08_a_blocked_write_is_given_ten_seconds() {
        let settings = Settings::default();
        let mut pulse = Pulse::default();
        assert!(pulse.block(true, seconds(3)));
        assert!(!pulse.block(true, seconds(5)));
        assert_eq!(pulse.due(true, &settings, seconds(12)), Due::Nothing(seconds(13)));
        assert_eq!(pulse.due(true, &settings, seconds(13)), Due::Blocked);
        assert!(pulse.block(false, seconds(13)));
        assert_eq!(pulse.due(true, &settings, seconds(13)), Due::Nothing(seconds(25)));
    }

    #[test]
    fn t17_a_client_says_who_it_is_within_ten_seconds() {
        let settings = Settings::default();
        assert_eq!(Pulse::default().due(false, &settings, seconds(9)), Due::Nothing(seconds(10)));
        assert_eq!(Pulse::default().due(false, &settings, seconds(10)), Due::Unknown);
    }
}
