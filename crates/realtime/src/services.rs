use std::sync::Arc;

use parlor_domain::{Accounts, Bus, Clock, Conversations, Messaging, Node, Notifications, Store};
use parlor_limits::Limits;

use crate::queues::{Cursors, Posts};

/// What the stream needs from the rest of the server.
#[derive(Clone)]
pub struct Services {
    /// Who people are, and whether their sessions are good.
    pub accounts: Arc<Accounts>,
    /// How often people may try to sign in.
    pub limits: Arc<Limits>,
    /// The snapshot.
    pub conversations: Arc<Conversations>,
    /// What people are told of.
    pub notifications: Arc<Notifications>,
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
    /// What this server says of itself to others that share its database.
    pub node: Node,
    /// How they are rung; `None` when it has its database to itself.
    pub bus: Option<Arc<dyn Bus>>,
}
