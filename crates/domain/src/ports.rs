//! What the domain needs from outside, besides a [`Store`](crate::Store).

use std::fmt;

use async_trait::async_trait;
use thiserror::Error;
use uuid::Uuid;

use crate::{
    AccessToken, Event, NewTotp, Password, RecoveryCode, SealedElsewhere, SessionId, Timestamp, TotpSecret,
    UserId,
};

/// The present moment.
pub trait Clock: Send + Sync {
    /// MUST be wall-clock time in UTC, the same on every node. SHOULD go on evenly when somebody sets
    /// the machine's clock, because sessions and bans end by it.
    fn now(&self) -> Timestamp;
}

/// New ids.
pub trait IdSource: Send + Sync {
    /// MUST be unique, and SHOULD grow with time (UUID version 7), so that rows stay in order.
    fn next_id(&self) -> Uuid;
}

/// Who wants to know what was committed.
pub trait EventPublisher: Send + Sync {
    /// Receives the events of one unit of work, after its commit, in the order they were emitted.
    ///
    /// MUST return at once and MUST NOT fail: what it cannot take it drops, because whoever
    /// follows a log finds out by itself that it has fallen behind.
    fn publish(&self, events: Vec<Event>);
}

/// What came over the bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// What a node rang with.
    Payload(String),
    /// Something may have been missed: the bus was cut, or more came than could be taken.
    Missed,
}

/// The bus could not take what was to be rung; nobody heard it.
#[derive(Debug, Error)]
#[error("the other nodes could not be rung")]
pub struct BusError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Doorbells between the nodes of a community. The truth is in the database; a bell says that there
/// is something to look at, and names it. Bells may be lost, repeated and reordered.
#[async_trait]
pub trait Bus: Send + Sync {
    /// Rings on every node with each of these payloads, which are at most 2,000 bytes long. MAY
    /// ring on this node too. MUST answer within a few seconds, whatever happened.
    async fn ring(&self, payloads: &[String]) -> Result<(), BusError>;

    /// Waits for what comes next. MUST answer [`Heard::Missed`] once the bus works again after it
    /// was cut.
    async fn hear(&self) -> Heard;

    /// Whether bells come in at present, as far as is known.
    fn hears(&self) -> bool;
}

/// A password's hash as a PHC string, which names its algorithm and parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash that was made or stored before.
    pub fn from_phc(text: String) -> Self {
        Self(text)
    }

    /// In place of one, for somebody who has no password. It is no PHC string, and nothing matches it.
    pub fn none() -> Self {
        Self(String::new())
    }

    /// Whether there is no password.
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// The PHC string.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Whether a presented password is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Match,
    /// It is, but the hash was made with other parameters than today's and should be made anew.
    MatchOutdated,
    /// It is not.
    Mismatch,
}

/// Why a password could not be hashed or compared.
#[derive(Debug, Error)]
pub enum HashError {
    /// Too many are waiting already; try again shortly.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hash cannot be read, or hashing broke.
    #[error("a password could not be hashed")]
    Broken(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Slow hashing of passwords.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// MUST use a fresh salt. MUST answer [`HashError::Busy`] rather than queue without a bound.
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HashError>;

    /// Compares with `hash`; with `None`, for an account that does not exist, MUST take as long
    /// and answer [`Verdict::Mismatch`].
    async fn verify(&self, password: &Password, hash: Option<&PasswordHash>) -> Result<Verdict, HashError>;
}

/// The SHA-256 of a secret token; the token itself is kept by its owner only.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The hash with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

/// Secrets that prove something, and short signed passes.
pub trait TokenIssuer: Send + Sync {
    /// A new secret of at least 160 random bits, as text for URLs and cookies, and its hash.
    fn secret(&self) -> (String, TokenHash);

    /// The hash of a secret that somebody presents.
    fn hash(&self, secret: &str) -> TokenHash;

    /// A random password that is easy to copy, at least 20 characters long.
    fn password(&self) -> Password;

    /// A new code with which somebody gets their account back, of 120 random bits.
    fn recovery_code(&self) -> RecoveryCode;

    /// A new secret for codes of two-factor sign-in, of 160 random bits and sealed for this person, and
    /// the address from which an app takes it, for the account with this name at `issuer`.
    fn new_totp(&self, user: UserId, issuer: &str, account: &str) -> NewTotp;

    /// The step of 30 s whose code this is: the present one, the one before or the next; `None` when it
    /// is the code of none of them.
    fn totp_step(
        &self,
        user: UserId,
        secret: &TotpSecret,
        code: &str,
        now: Timestamp,
    ) -> Result<Option<u64>, SealedElsewhere>;

    /// A signed pass for this session that ends by itself soon.
    fn access_token(&self, user: UserId, session: SessionId, now: Timestamp) -> AccessToken;

    /// The session that a pass is for; `None` when it is forged, for somebody else, or over.
    fn read_access_token(&self, token: &str, now: Timestamp) -> Option<SessionId>;
}
