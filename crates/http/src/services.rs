use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parlor_domain::{
    Accounts, Actor, Administration, Blocks, Conversations, CursorQueue, Directory, Drafts, Files, Groups,
    InviteLinks, Messaging, Notifications, OutgoingWebhooks, Pictures, PostQueue, Pushes, Receipts, Reports,
    Retentions, Saved, Scheduled, Search, Store, StoreError, Threads, Timestamp, Viewer,
};
use parlor_limits::Limits;
use parlor_realtime::Realtime;
use parlor_wire::{PresenceSource, Sight};

use crate::files::{UploadPace, Uploading};
use crate::layers::Origin;
use crate::turns::Turns;

/// What the handlers call.
pub struct Services {
    /// Registration, sign-in and sessions.
    pub accounts: Arc<Accounts>,
    /// Looking after the server.
    pub administration: Administration,
    /// How often something may be done.
    pub limits: Arc<Limits>,
    /// The people of the server.
    pub directory: Directory,
    /// Who blocked whom.
    pub blocks: Blocks,
    /// Pictures of people and groups.
    pub pictures: Pictures,
    /// Files that people share.
    pub files: Arc<Files>,
    /// Turns at sending bytes of them.
    pub uploading: Uploading,
    /// Finding and opening conversations.
    pub conversations: Arc<Conversations>,
    /// How long messages and files are kept.
    pub retentions: Retentions,
    /// Reading logs.
    pub messaging: Arc<Messaging>,
    /// What people wrote and have not sent yet.
    pub drafts: Drafts,
    /// Messages that are posted later.
    pub scheduled: Scheduled,
    /// Messages that people keep.
    pub saved: Saved,
    /// Messages that people report.
    pub reports: Reports,
    /// Threads, and who follows them.
    pub threads: Threads,
    /// Finding messages.
    pub search: Search,
    /// Turns at that.
    pub searches: Turns,
    /// Groups and their members.
    pub groups: Groups,
    /// Links that lead into groups.
    pub invite_links: InviteLinks,
    /// What people are told of.
    pub notifications: Arc<Notifications>,
    /// Telling receivers of webhooks.
    pub webhooks: Arc<OutgoingWebhooks>,
    /// Telling devices while the page is closed.
    pub pushes: Arc<Pushes>,
    /// Read cursors.
    pub receipts: Arc<Receipts>,
    /// Where messages are handed in.
    pub posts: Arc<dyn PostQueue>,
    /// Where cursor moves are handed in.
    pub cursors: Arc<dyn CursorQueue>,
    /// The database, for its epoch and its health.
    pub store: Arc<dyn Store>,
    /// The stream.
    pub realtime: Arc<Realtime>,
    /// Who is at hand.
    pub presence: Arc<dyn PresenceSource>,
    /// How the server presents itself.
    pub server: ServerFacts,
    /// The machine that it runs on.
    pub machine: Machine,
    /// Whether the first admin is still to be made.
    pub setup: SetupGate,
}

impl Services {
    /// What somebody may see of others.
    pub async fn viewer(&self, actor: &Actor) -> Result<Viewer, StoreError> {
        self.directory.viewer(actor).await
    }

    /// What is known of who is at hand, as this person may see it.
    pub fn sight<'a>(&'a self, viewer: &'a Viewer) -> Sight<'a> {
        Sight { known: &*self.presence, viewer }
    }
}

/// How the server presents itself.
#[derive(Debug, Clone)]
pub struct ServerFacts {
    /// The server's name, as people see it.
    pub name: String,
    /// Where browsers reach it.
    pub public_origin: Origin,
    /// Every origin under which browsers may reach it.
    pub own_origins: Vec<Origin>,
    /// Whether plain HTTP beyond this machine was allowed on purpose.
    pub insecure: bool,
    /// The largest file that is taken for a picture, in bytes.
    pub picture_bytes: usize,
    /// How long a file may take on its way in.
    pub uploads: UploadPace,
    /// Whether the API's own page is served.
    pub api_docs: bool,
}

impl ServerFacts {
    /// Whether session cookies are marked secure. Browsers keep such cookies over TLS, and on
    /// plain HTTP only from their own machine.
    pub fn secure_cookies(&self) -> bool {
        self.public_origin.is_https() || self.public_origin.is_loopback()
    }
}

/// What there is to know of the machine that the server runs on. Asking waits for the disk.
pub struct Machine {
    /// The disk that the data folder is on; `None` where it cannot be told.
    pub disk: Box<dyn Fn() -> Option<Disk> + Send + Sync>,
    /// When the latest backup was made that the server knows of.
    pub latest_backup: Box<dyn Fn() -> Option<Timestamp> + Send + Sync>,
}

/// A disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    /// How much it holds, in bytes.
    pub size: u64,
    /// How much of it the server may still write, in bytes.
    pub free: u64,
}

/// Whether the first admin is still to be made, and what allows it.
pub struct SetupGate {
    done: AtomicBool,
    admits: Box<dyn Fn(&str) -> bool + Send + Sync>,
    discard: Box<dyn Fn() + Send + Sync>,
}

impl SetupGate {
    /// A server that waits for its first admin: `admits` knows the token, and `discard` makes it
    /// worthless once it was used.
    pub fn waiting(
        admits: impl Fn(&str) -> bool + Send + Sync + 'static,
        discard: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { done: AtomicBool::new(false), admits: Box::new(admits), discard: Box::new(discard) }
    }

    /// A server that has an admin.
    pub fn done() -> Self {
        Self { done: AtomicBool::new(true), admits: Box::new(|_| false), discard: Box::new(|| ()) }
    }

    /// Whether somebody still has to set the server up.
    pub fn is_waiting(&self) -> bool {
        !self.done.load(Ordering::Relaxed)
    }

    /// Whether this is the token that was printed.
    pub fn admits(&self, presented: &str) -> bool {
        (self.admits)(presented)
    }

    /// Opens the server; the token is good for nothing any more.
    pub fn finish(&self) {
        self.done.store(true, Ordering::Relaxed);
        (self.discard)();
    }
}
