//! Persistence: one repository for each aggregate, and the unit of work.
//!
//! Reads take `&self` and writes `&mut self`, so a shared [`Store`] can only read: writing outside
//! a [`UnitOfWork`] does not compile.

mod api_tokens;
mod audit;
mod bans;
mod conversations;
mod drafts;
mod erasures;
mod files;
mod filters;
mod groups;
mod invites;
mod mail;
mod messages;
mod nodes;
mod notifications;
mod oidc;
mod outgoing_webhooks;
mod overview;
mod personal;
mod pictures;
mod privacy;
mod push;
mod recovery;
mod reports;
mod retention;
mod scheduled;
mod search;
mod server;
mod sessions;
mod threads;
mod totp;
mod uploads;
mod users;

use async_trait::async_trait;
use thiserror::Error;

pub use api_tokens::ApiTokenRepository;
pub use audit::AuditRepository;
pub use bans::BanRepository;
pub use conversations::ConversationRepository;
pub use drafts::DraftRepository;
pub use erasures::ErasureRepository;
pub use files::FileRepository;
pub use filters::FilterRepository;
pub use groups::GroupRepository;
pub use invites::InviteRepository;
pub use mail::MailRepository;
pub use messages::MessageRepository;
pub use nodes::NodeRepository;
pub use notifications::NotificationRepository;
pub use oidc::OidcRepository;
pub use outgoing_webhooks::OutgoingWebhookRepository;
pub use overview::OverviewRepository;
pub use personal::PersonalRepository;
pub use pictures::PictureRepository;
pub use privacy::PrivacyRepository;
pub use push::PushRepository;
pub use recovery::RecoveryRepository;
pub use reports::ReportRepository;
pub use retention::RetentionRepository;
pub use scheduled::ScheduledRepository;
pub use search::SearchRepository;
pub use server::ServerRepository;
pub use sessions::SessionRepository;
pub use threads::ThreadRepository;
pub use totp::TotpRepository;
pub use uploads::UploadRepository;
pub use users::UserRepository;

use crate::Event;

/// What must be unique.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UniqueKey {
    /// A username.
    Username,
    /// An e-mail address.
    Email,
    /// A message's author and client id.
    ClientId,
    /// The people of a direct conversation.
    DirectKey,
    /// Anything else.
    Other,
}

/// Why the store could not do it.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Something that must be unique is there already.
    #[error("there is one already ({0:?})")]
    Conflict(UniqueKey),
    /// Another unit of work stood in the way. Nothing was changed, and the same again may succeed
    /// at once.
    #[error("another change stood in the way")]
    Clash(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server is in maintenance: nothing is written until that ends. Reading goes on. What
    /// people get to read about it.
    #[error("the server is in maintenance: {0}")]
    ReadOnly(String),
    /// The disk is full. Reading goes on; writing works again once there is room.
    #[error("the storage is full")]
    Full(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database cannot be reached at the moment.
    #[error("the storage is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else.
    #[error("the storage failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

type Result<T> = std::result::Result<T, StoreError>;

/// Everything that can be read and, with `&mut`, written.
pub trait Repositories:
    UserRepository
    + SessionRepository
    + ApiTokenRepository
    + ConversationRepository
    + MessageRepository
    + GroupRepository
    + BanRepository
    + AuditRepository
    + ServerRepository
    + OverviewRepository
    + InviteRepository
    + NodeRepository
    + RecoveryRepository
    + ReportRepository
    + RetentionRepository
    + ThreadRepository
    + PersonalRepository
    + ScheduledRepository
    + DraftRepository
    + ErasureRepository
    + FileRepository
    + FilterRepository
    + PictureRepository
    + SearchRepository
    + PrivacyRepository
    + PushRepository
    + NotificationRepository
    + MailRepository
    + TotpRepository
    + OidcRepository
    + OutgoingWebhookRepository
    + UploadRepository
{
}

impl<T> Repositories for T where
    T: UserRepository
        + SessionRepository
        + ApiTokenRepository
        + ConversationRepository
        + MessageRepository
        + GroupRepository
        + BanRepository
        + AuditRepository
        + ServerRepository
        + OverviewRepository
        + InviteRepository
        + NodeRepository
        + RecoveryRepository
        + ReportRepository
        + RetentionRepository
        + ThreadRepository
        + PersonalRepository
        + ScheduledRepository
        + DraftRepository
        + ErasureRepository
        + FileRepository
        + FilterRepository
        + PictureRepository
        + SearchRepository
        + PrivacyRepository
        + PushRepository
        + NotificationRepository
        + MailRepository
        + TotpRepository
        + OidcRepository
        + OutgoingWebhookRepository
        + UploadRepository
{
}

/// A database, shared by all. It can only be read; writing goes through [`Store::begin`].
#[async_trait]
pub trait Store: Repositories {
    /// Begins a unit of work. Where there is one writer, this waits for its turn. MUST answer
    /// [`StoreError::ReadOnly`] while the server is in maintenance, on every node from the moment
    /// on that it was committed.
    async fn begin(&self) -> Result<Box<dyn UnitOfWork>>;

    /// Begins maintenance, with what people get to read, or ends it. MUST work during maintenance.
    async fn set_maintenance(&self, message: Option<&str>) -> Result<()>;
}

/// Changes that happen together or not at all. Dropping one undoes them.
///
/// While one is open, read *through* it: the store itself shows what was committed before.
#[async_trait]
pub trait UnitOfWork: Repositories {
    /// Notes an event, to be published after the commit, in order, or never.
    fn emit(&mut self, event: Event);

    /// Makes the changes durable, then publishes the events, and answers. Units of work that ran at
    /// the same time may publish in another order than they committed in. On an error nothing was changed,
    /// except when the connection broke in the middle: then the outcome is unknown and the caller
    /// must be able to try again safely.
    async fn commit(self: Box<Self>) -> Result<()>;
}
