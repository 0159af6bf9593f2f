use std::time::Duration;

use crate::{SessionId, Timestamp, TokenHash, UserId};

/// How a session proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A browser, by a cookie.
    Cookie,
    /// An API client, by access and refresh tokens.
    Token,
}

/// One sign-in on one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Whose.
    pub user: UserId,
    /// How it proves itself.
    pub kind: SessionKind,
    /// The hash of the cookie's secret; `None` for a token session.
    pub cookie: Option<TokenHash>,
    /// Whether the person asked to stay signed in on this device.
    pub remember: bool,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When the session was last used, to the minute.
    pub last_used_at: Timestamp,
}

/// How long sessions live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// How long one may be idle.
    pub idle: Duration,
    /// How long one may be idle when the person asked to stay signed in.
    pub remember: Duration,
    /// How long one may live at all.
    pub absolute: Duration,
}

impl Session {
    /// Whether the session has ended by itself: idle for too long, or too old.
    pub fn is_expired(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        let idle = if self.remember { policy.remember } else { policy.idle };
        now.since(self.last_used_at) >= idle || now.since(self.created_at) >= policy.absolute
    }
}

/// A refresh token, as the store knows it: by its hash.
///
/// Each one may be exchanged for a successor. When the answer to that exchange is lost the client
/// presents the old one again; that is accepted while the successor has not been presented itself.
/// Afterwards an old token shows that two parties hold the chain, and the session ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// The hash of the secret.
    pub hash: TokenHash,
    /// The session it renews.
    pub session: SessionId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// The token it was last exchanged for.
    pub successor: Option<TokenHash>,
    /// Whether it was taken out of use because its predecessor was presented again.
    pub revoked: bool,
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const MINUTE: Duration = Duration::from_mins(1);
    const POLICY: SessionPolicy = SessionPolicy {
        idle: Duration::from_mins(30),
        remember: Duration::from_hours(720),
        absolute: Duration::from_hours(2160),
    };

    fn session(remember: bool, last_used_at: Timestamp) -> Session {
        Session {
            id: SessionId::from_uuid(Uuid::nil()),
            user: UserId::from_uuid(Uuid::nil()),
            kind: SessionKind::Cookie,
            cookie: None,
            remember,
            created_at: Timestamp::from_millis(0),
            last_used_at,
        }
    }

    #[test]
    fn an_idle_session_expires_after_half_an_hour() {
        let used = Timestamp::from_millis(1_000);
        assert!(!session(false, used).is_expired(&POLICY, used.plus(29 * MINUTE)));
        assert!(session(false, used).is_expired(&POLICY, used.plus(30 * MINUTE)));
    }

    #[test]
    fn a_remembered_session_lives_on_but_not_for_ever() {
        let used = Timestamp::from_millis(0).plus(Duration::from_hours(2136));
        assert!(!session(true, used).is_expired(&POLICY, used.plus(60 * MINUTE)));
        assert!(session(true, used).is_expired(&POLICY, used.plus(Duration::from_hours(24))));
    }
}
