use std::net::IpAddr;
use std::time::Duration;

use crate::{Grant, SessionId, Timestamp, TokenHash, UserId};

/// How a session proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// A browser, by a cookie.
    Cookie,
    /// An API client, by access and refresh tokens, or by an [`ApiToken`](crate::ApiToken).
    Token,
}

/// What somebody signs in from, as far as it says so itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Device {
    /// The program's name for itself, without control characters; blank when it has none.
    pub user_agent: String,
    /// Where the sign-in came from.
    pub address: Option<IpAddr>,
}

impl Device {
    /// The most characters of a program's name that are kept.
    pub const MAX_CHARACTERS: usize = 300;

    /// A device that says this of itself.
    pub fn new(user_agent: &str, address: Option<IpAddr>) -> Self {
        let shown = user_agent.trim().chars().filter(|c| !c.is_control());
        Self { user_agent: shown.take(Self::MAX_CHARACTERS).collect(), address }
    }
}

/// How somebody wants to be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSession {
    /// How the session is to prove itself.
    pub kind: SessionKind,
    /// Whether to stay signed in on this device.
    pub remember: bool,
    /// What they sign in from.
    pub device: Device,
}

impl From<SessionKind> for NewSession {
    /// From a device of which nothing is known, and not to be remembered.
    fn from(kind: SessionKind) -> Self {
        Self { kind, remember: false, device: Device::default() }
    }
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
    /// The hash of the cookie's or the API token's secret; `None` for a client with refresh tokens.
    pub secret: Option<TokenHash>,
    /// What it may be used for.
    pub grant: Grant,
    /// Whether the person asked to stay signed in on this device.
    pub remember: bool,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When the session was last used, to the minute.
    pub last_used_at: Timestamp,
    /// When the person last gave their password in it.
    pub confirmed_at: Timestamp,
    /// What they signed in from.
    pub device: Device,
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

impl SessionPolicy {
    /// Whether a session has ended by itself that was begun and last used at these moments.
    pub fn is_over(&self, remember: bool, begun: Timestamp, last_used: Timestamp, now: Timestamp) -> bool {
        let idle = if remember { self.remember } else { self.idle };
        now.since(last_used) >= idle || now.since(begun) >= self.absolute
    }
}

/// How long a password that was given counts for what is dangerous.
const CONFIRMED_FOR: Duration = Duration::from_mins(10);

impl Session {
    /// Whether the person gave their password lately, so that they may do what is dangerous.
    pub fn is_confirmed(&self, now: Timestamp) -> bool {
        self.grant == Grant::Everything && now.since(self.confirmed_at) < CONFIRMED_FOR
    }

    /// Whether the session has ended by itself: idle for too long, or too old. A program's ends when
    /// its owner said.
    pub fn is_expired(&self, policy: &SessionPolicy, now: Timestamp) -> bool {
        match self.grant {
            Grant::Everything => policy.is_over(self.remember, self.created_at, self.last_used_at, now),
            Grant::Token { expires_at, .. } => expires_at.is_some_and(|end| end <= now),
            Grant::Webhook { .. } => false,
        }
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
            secret: None,
            grant: Grant::Everything,
            remember,
            created_at: Timestamp::from_millis(0),
            last_used_at,
            confirmed_at: Timestamp::from_millis(0),
            device: Device::default(),
        }
    }

    #[test]
    fn an_idle_session_expires_after_half_an_hour() {
        let used = Timestamp::from_millis(1_000);
        assert!(!session(false, used).is_expired(&POLICY, used.plus(29 * MINUTE)));
        assert!(session(false, used).is_expired(&POLICY, used.plus(30 * MINUTE)));
    }

    #[test]
    fn a_password_counts_for_ten_minutes() {
        let session = session(false, Timestamp::from_millis(0));
        assert!(session.is_confirmed(Timestamp::from_millis(599_999)));
        assert!(!session.is_confirmed(Timestamp::from_millis(600_000)));
    }

    #[test]
    fn what_a_device_says_of_itself_is_one_short_line() {
        let device = Device::new(&format!(" a\r\nb\u{1b}[31m{}", "x".repeat(400)), None);
        assert!(device.user_agent.starts_with("ab[31mxxx"));
        assert_eq!(device.user_agent.chars().count(), Device::MAX_CHARACTERS);
    }

    #[test]
    fn a_remembered_session_lives_on_but_not_for_ever() {
        let used = Timestamp::from_millis(0).plus(Duration::from_hours(2136));
        assert!(!session(true, used).is_expired(&POLICY, used.plus(60 * MINUTE)));
        assert!(session(true, used).is_expired(&POLICY, used.plus(Duration::from_hours(24))));
    }
}
