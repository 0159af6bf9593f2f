use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use parlor_domain::{Accounts, Clock, Conversations, Messaging, Store};

use crate::queues::{Cursors, Posts};

/// What the stream needs from the rest of the server.
#[derive(Clone)]
pub struct Services {
    /// Who people are, and whether their sessions are good.
    pub accounts: Arc<Accounts>,
    /// The snapshot.
    pub conversations: Arc<Conversations>,
    /// The logs.
    pub messaging: Arc<Messaging>,
    /// The database, for the ends of logs, its epoch, and when people were last seen.
    pub store: Arc<dyn Store>,
    /// Where messages are handed in.
    pub posts: Arc<Posts>,
    /// Where cursor moves are handed in.
    pub cursors: Arc<Cursors>,
    /// The time of day.
    pub clock: Arc<dyn Clock>,
    /// What keeps people from guessing passwords. Without one, passwords are not taken over the
    /// stream, only access tokens.
    pub sign_in_guard: Option<Arc<dyn SignInGuard>>,
}

/// Keeps people from guessing passwords; the same one that guards sign-in over HTTP.
pub trait SignInGuard: Send + Sync {
    /// Whether another attempt with this login from this address may be made now; otherwise how
    /// long to wait. MUST be asked before the password is looked at.
    fn admit(&self, login: &str, ip: IpAddr) -> Result<(), Duration>;

    /// Notes what came of an attempt.
    fn note(&self, login: &str, ip: IpAddr, succeeded: bool);
}
