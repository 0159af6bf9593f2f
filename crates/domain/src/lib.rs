//! Users, conversations, messages, groups and bans: the rules of a chat, and the ports it needs.
//!
//! The crate is pure. It knows no database, no network and no clock of its own: what it needs from
//! outside it asks through ports ([`Store`], [`PasswordHasher`], [`TokenIssuer`], [`MailSender`], [`Clock`],
//! [`IdSource`], [`EventPublisher`]), and rules are handed the present moment as `now`.
//!
//! - **Types cannot be wrong.** [`Username`], [`MessageBody`] and their like exist only when their
//!   text is acceptable; parsing happens once, at the edge.
//! - **A conversation is a log.** Every durable change is an [`Entry`] with a dense `seq`; catching
//!   up, gap detection, order and removal all follow from it.
//! - **A use case is a paragraph**: begin a [`UnitOfWork`], fetch, ask a rule, write, emit, commit.
//!   The use cases are [`Accounts`], [`Directory`], [`Messaging`], [`Conversations`], [`Groups`],
//!   [`Receipts`], [`Search`], [`Notifications`], [`Administration`], [`Retentions`] and [`Housekeeping`].
//! - **Access is decided in one place**, [`authorize`].

mod access;
mod accounts;
mod addresses;
mod administration;
mod api_tokens;
mod audit;
mod bans;
mod conversations;
mod day;
mod directory;
mod drafts;
mod erasures;
mod events;
mod exports;
mod files;
mod filters;
mod groups;
mod housekeeping;
mod ids;
mod invites;
mod mail;
mod messages;
mod nodes;
mod notifications;
mod oidc;
mod outgoing_webhooks;
mod overview;
mod pages;
mod pictures;
mod ports;
mod privacy;
mod push;
mod recovery;
mod reports;
mod retention;
mod saved;
mod scheduled;
mod search;
mod sessions;
mod store;
mod text;
mod threads;
mod time;
mod totp;
mod users;

pub use access::{Action, Actor, Denied, administrate, authorize, oversee};
pub use accounts::{
    AccessToken, AccountError, Accounts, AccountsPolicy, ApiTokenError, Authenticated, Credentials,
    FactorError, MailError, NewApiToken, NewSecrets, OidcArrival, OidcDeparture, OidcError, OidcReturn,
    PasswordError, ProfileChange, Recovery, RecoveryError, RefreshError, Refreshed, RegisterError,
    Registration, RegistrationPolicy, Renewed, SetupError, SignIn, SignInError, SignInMethods, SignedIn,
    StatusChange, Tokens, TotpError, TotpState,
};
pub use addresses::WebAddress;
pub use administration::{
    Account, AccountFilter, AccountOrder, AccountStanding, AdminError, Administration, Administrator,
    BanFilter, Belonging, DeletionPreview, ListedInvite, OutgoingWebhookError, OutgoingWebhookForm,
    ReportVerdict, ResetLink, TemporaryPassword,
};
pub use api_tokens::{ApiToken, Grant, Scope, Scopes};
pub use audit::{AuditAction, AuditChange, AuditEntry, AuditFilter, AuditTarget, AuditValue, Doer};
pub use bans::Ban;
pub use conversations::{
    Conversation, ConversationError, ConversationKind, ConversationView, Conversations, Cursor, CursorMove,
    CursorQueue, DirectKey, Membership, MovedCursor, NewConversation, Peer, Preferences, ReceiptError,
    Receipts, Seen, Standing, StandingGroup,
};
pub use day::Day;
pub use directory::Directory;
pub use drafts::{Draft, DraftError, Drafts};
pub use erasures::{Erasure, MessageFate};
pub use events::{Audience, Event, Personal, SessionEnd};
pub use exports::{Export, ExportError, ExportPlace};
pub use files::{
    Appending, Blob, ContentHash, Defect, File, FileBytes, FileError, FileFailure, FileFigures, FileInUse,
    FileKind, FileName, FileOrder, FileRefusal, FileStore, FileUse, Files, FilesPolicy, Finding,
    GroupStorage, Inspected, InvalidClaim, KnownObject, Listing, MediaClaims, MediaFacts, MediaType, OwnFile,
    PartUpload, Pixels, PostedFile, Receiving, ResumableUpload, StoredObject, Thumbnail, ThumbnailSize,
    Thumbnails, UnfinishedUploads, Upload, UploadPart, UserStorage, Verified,
};
pub use filters::{FilterAction, FilterRule, HeldMessage, HeldState, ListedHeldMessage, WordFilter};
pub use groups::{
    Freeze, Group, GroupChange, GroupError, GroupFilter, GroupListing, Groups, GroupsPolicy, Invitation,
    InviteLink, InviteLinks, ManagedGroup, ManagedGroupFilter, ManagedGroupOrder, Member, MemberRole,
    NewGroup, SlowMode, Visibility,
};
pub use housekeeping::Housekeeping;
pub use ids::{
    AuditId, BanId, ClientId, ConversationId, ErasureId, FileId, FilterRuleId, GroupId, HeldMessageId,
    InviteId, InviteLinkId, MailId, MessageId, NodeId, NotificationId, ObjectId, OutgoingWebhookId,
    PictureId, ReportId, SessionId, UploadId, UserId, WebhookDeliveryId,
};
pub use invites::{Invite, InviteError, InviteUse, NewInvite};
pub use mail::{Delivered, Errand, Mail, MailFailure, MailSender, Mails, MailsPolicy, WaitingMail};
pub use messages::{
    ChangeError, ChangePolicy, Changed, Changes, Entry, EntryKind, Forward, ForwardError, Forwarded, LogPage,
    Message, Messaging, Post, PostError, PostQueue, Posted, Reaction, ReadError, Revision, Span, Target,
};
pub use nodes::{KnownNode, Node, Presence, PresentUser};
pub use notifications::{
    Kinds, Level, Listener, Mentions, Named, NewNotification, Notification, NotificationKind,
    NotificationSettings, NotificationSummary, Notifications, QuietHours,
};
pub use oidc::{
    Identity, LinkedIdentity, OidcAttempt, OidcFailure, OidcHandshake, OidcPolicy, OidcProfile, OidcProvider,
    OidcPurpose, OidcSignUp,
};
pub use outgoing_webhooks::{
    OutgoingWebhook, OutgoingWebhooks, WebhookAddress, WebhookAnswer, WebhookContent, WebhookDelivery,
    WebhookEvent, WebhookEvents, WebhookLease, WebhookReach, WebhookSeeds, WebhookSender, WebhookState,
};
pub use overview::{DayFigures, Figures, Overview, PeopleFigures, SessionFigures, StorageFigures, Uncounted};
pub use pages::{Page, PageSize};
pub use pictures::{MadePicture, PictureError, PictureFile, PictureMaker, PictureSize, Pictures};
pub use ports::{
    Bus, BusError, Clock, EventPublisher, HashError, Heard, IdSource, PasswordHash, PasswordHasher,
    TokenHash, TokenIssuer, Verdict,
};
pub use privacy::{Block, BlockError, Blocked, Blocks, Viewer};
pub use push::{
    Push, PushDelivery, PushEndpoint, PushFailure, PushKeys, PushNews, PushPolicy, PushReach, PushSender,
    PushSubscription, PushTarget, PushWords, Pushes, SubscribeError,
};
pub use recovery::RecoveryCode;
pub use reports::{ContextMessage, ListedReport, Report, ReportError, ReportReason, ReportState, Reports};
pub use retention::{
    AppliedRetention, DatedPlace, Kept, Retention, RetentionDays, RetentionKeeper, RetentionProgress,
    RetentionScope, Retentions,
};
pub use saved::{SaveError, Saved, SavedMessage};
pub use scheduled::{Refusal, ScheduleError, Scheduled, ScheduledMessage};
pub use search::{
    Candidates, Contents, Document, Indexing, Progress, QueryError, Rebuild, Search, SearchError, SearchHit,
    SearchQuery, SearchRequest, Snippet,
};
pub use sessions::{Device, NewSession, RefreshToken, Session, SessionKind, SessionPolicy};
pub use store::{
    ApiTokenRepository, AuditRepository, BanRepository, ConversationRepository, DraftRepository,
    ErasureRepository, FileRepository, FilterRepository, GroupRepository, InviteRepository, MailRepository,
    MessageRepository, NodeRepository, NotificationRepository, OidcRepository, OutgoingWebhookRepository,
    OverviewRepository, PersonalRepository, PictureRepository, PrivacyRepository, PushRepository,
    RecoveryRepository, ReportRepository, Repositories, RetentionRepository, ScheduledRepository,
    SearchRepository, ServerRepository, SessionRepository, Store, StoreError, ThreadRepository,
    TotpRepository, UniqueKey, UnitOfWork, UploadRepository, UserRepository,
};
pub use text::{
    About, BanReason, DisplayName, Email, Emoji, FilterPhrase, GroupDescription, GroupName, InvalidText,
    MessageBody, Password, ReportNote, StatusText, TextProblem, TimeZone, TokenName, Username,
};
pub use threads::{
    Answer, InThread, MentionedInThread, Replies, Thread, ThreadAnswer, ThreadError, ThreadPage, ThreadRoot,
    ThreadState, Threads,
};
pub use time::Timestamp;
pub use totp::{NewTotp, SealedElsewhere, Totp, TotpSecret};
pub use users::{
    CustomStatus, Login, NewUser, Role, ServerMute, StoredPassword, User, UserCode, UserFilter, UserStatus,
};
