//! Telling devices of what happens while the page is closed, through the push service of each browser.

mod endpoint;
mod gathering;
mod subscribing;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

pub use endpoint::{PushEndpoint, PushReach};
pub use gathering::{PushDelivery, PushNews};
pub use subscribing::{PushPolicy, Pushes, SubscribeError};

use crate::{
    ConversationId, DisplayName, Emoji, GroupName, MemberRole, NotificationKind, NotificationSettings,
    Presence, SessionId, SessionPolicy, Timestamp, UserId,
};

/// What a browser's push messages are encrypted with, so that only this browser reads them.
#[derive(Clone, PartialEq, Eq)]
pub struct PushKeys {
    p256dh: [u8; 65],
    auth: [u8; 16],
}

impl PushKeys {
    /// An uncompressed point on the curve P-256 and 16 secret bytes; `None` when they cannot be
    /// those. Whether the point lies on the curve is found out by encrypting.
    pub fn new(p256dh: &[u8], auth: &[u8]) -> Option<Self> {
        let keys = Self { p256dh: p256dh.try_into().ok()?, auth: auth.try_into().ok()? };
        (keys.p256dh[0] == 4).then_some(keys)
    }

    /// The browser's public key.
    pub fn p256dh(&self) -> &[u8; 65] {
        &self.p256dh
    }

    /// The secret that the browser shares with the server.
    pub fn auth(&self) -> &[u8; 16] {
        &self.auth
    }
}

impl fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PushKeys(…)")
    }
}

/// Where one signed-in browser is reached. It goes with its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushSubscription {
    /// The session of this browser.
    pub session: SessionId,
    /// Whose.
    pub user: UserId,
    /// Where to push to.
    pub endpoint: PushEndpoint,
    /// What to encrypt with.
    pub keys: PushKeys,
    /// When the person said so.
    pub created_at: Timestamp,
}

/// A browser that may be pushed to, and what its owner wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushTarget {
    /// Where.
    pub subscription: PushSubscription,
    /// Whether the person asked to stay signed in there.
    pub remember: bool,
    /// When they signed in there.
    pub signed_in_at: Timestamp,
    /// When that session was last used.
    pub last_used_at: Timestamp,
    /// How the person wants to be seen.
    pub presence: Presence,
    /// What they want to be told, and how.
    pub settings: NotificationSettings,
}

impl PushTarget {
    /// Whether anything may appear there now: the person is still signed in there, and wants to be
    /// disturbed at this hour.
    pub fn is_open(&self, sessions: &SessionPolicy, now: Timestamp) -> bool {
        !sessions.is_over(self.remember, self.signed_in_at, self.last_used_at, now)
            && self.presence != Presence::DoNotDisturb
            && !self.settings.quiet.is_some_and(|hours| hours.covers(now))
    }
}

/// What a device is told: where it happened, and, unless the person hides that, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Where; `None` when it is about the whole server.
    pub conversation: Option<ConversationId>,
    /// The message it is about.
    pub seq: Option<u64>,
    /// The place of the message whose thread it stays in.
    pub thread: Option<u64>,
    /// Whether a device should wake up for it at once: somebody may wait for an answer.
    pub urgent: bool,
    /// What may be shown of it; `None` says only that there is something.
    pub words: Option<PushWords>,
    /// When it happened.
    pub at: Timestamp,
}

impl Push {
    /// How long a device that cannot be reached may be told of it.
    pub const LIFE: Duration = Duration::from_hours(24);

    /// The most characters of a message that are told.
    pub const TEXT: usize = 160;

    /// The most reactions that are told.
    pub const REACTIONS: usize = 8;
}

/// What may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushWords {
    /// What it is; `None` for a message that is for nobody in particular.
    pub kind: Option<NotificationKind>,
    /// Who did it.
    pub actor: Option<DisplayName>,
    /// The group it happened in.
    pub group: Option<GroupName>,
    /// The role that was given.
    pub role: Option<MemberRole>,
    /// How others reacted.
    pub reactions: Vec<Emoji>,
    /// What was written, shortened.
    pub text: Option<String>,
}

/// Why a push did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PushFailure {
    /// There is nobody at this address, and never will be.
    #[error("the subscription is gone: {0}")]
    Gone(String),
    /// Perhaps later: after this time, if the service said so.
    #[error("the push service does not take it now: {0}")]
    Later(String, Option<Duration>),
    /// The service does not take this one.
    #[error("the push service refused it: {0}")]
    Refused(String),
}

/// Hands pushes to the services of the browsers' makers.
#[async_trait]
pub trait PushSender: Send + Sync {
    /// The public half of the key that every push is signed with: an uncompressed point of P-256.
    fn public_key(&self) -> [u8; 65];

    /// Sends one push, encrypted for this subscription. MUST connect to no address that
    /// [`PushReach::allows`] refuses, and MUST answer within ten seconds or so, whatever happens.
    async fn send(&self, to: &PushSubscription, push: &Push, now: Timestamp) -> Result<(), PushFailure>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QuietHours;
    use uuid::Uuid;

    const HOUR: Duration = Duration::from_hours(1);
    const POLICY: SessionPolicy =
        SessionPolicy { idle: HOUR, remember: Duration::MAX, absolute: Duration::MAX };

    fn target() -> PushTarget {
        let endpoint = PushEndpoint::parse("https://push.example/1", PushReach::World).unwrap();
        let mut point = [0; 65];
        point[0] = 4;
        PushTarget {
            subscription: PushSubscription {
                session: SessionId::from_uuid(Uuid::nil()),
                user: UserId::from_uuid(Uuid::nil()),
                endpoint,
                keys: PushKeys::new(&point, &[0; 16]).unwrap(),
                created_at: Timestamp::from_millis(0),
            },
            remember: false,
            signed_in_at: Timestamp::from_millis(0),
            last_used_at: Timestamp::from_millis(0),
            presence: Presence::Online,
            settings: NotificationSettings::default(),
        }
    }

    #[test]
    fn nothing_appears_where_one_is_not_signed_in_any_more() {
        let now = Timestamp::from_millis(0);
        assert!(target().is_open(&POLICY, now));
        assert!(!target().is_open(&POLICY, now.plus(HOUR)));
        let remembered = PushTarget { remember: true, ..target() };
        assert!(remembered.is_open(&POLICY, now.plus(24 * HOUR)));
    }

    #[test]
    fn nothing_appears_while_one_does_not_want_to_be_disturbed() {
        let now = Timestamp::from_millis(0);
        let busy = PushTarget { presence: Presence::DoNotDisturb, ..target() };
        assert!(!busy.is_open(&POLICY, now));
        let away = PushTarget { presence: Presence::Away, ..target() };
        assert!(away.is_open(&POLICY, now));
        let quiet = QuietHours::new(0, 10, 0x7f, 0);
        let asleep =
            PushTarget { settings: NotificationSettings { quiet, ..Default::default() }, ..target() };
        assert!(!asleep.is_open(&POLICY, now));
        assert!(asleep.is_open(&POLICY, now.plus(Duration::from_mins(10))));
    }

    #[test]
    fn keys_are_a_point_and_a_secret() {
        let mut point = [0; 65];
        assert_eq!(PushKeys::new(&point, &[0; 16]), None, "not an uncompressed point");
        point[0] = 4;
        assert!(PushKeys::new(&point, &[0; 16]).is_some());
        assert_eq!(PushKeys::new(&point[..64], &[0; 16]), None);
        assert_eq!(PushKeys::new(&point, &[0; 15]), None);
    }
}
