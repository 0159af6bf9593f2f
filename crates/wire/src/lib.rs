//! The JSON shapes that the HTTP API and the stream share.
//!
//! A user, a group, a conversation or a log entry looks the same in an HTTP answer and in a
//! frame, because both render the types of this crate. They are output only: what clients
//! send is declared by the HTTP crate (request bodies) and the realtime crate (frames).

mod conversations;
mod entries;
mod files;
mod groups;
mod notifications;
mod retention;
mod threads;
mod time;
mod users;

pub use conversations::{Conversation, ConversationKind, Cursor};
pub use entries::{Changes, Entry, EntryKind, Forwarded, Mentions, Message, Reaction, Target};
pub use files::{File, FileKind};
pub use groups::{Group, Member, MemberRole, Visibility};
pub use notifications::{
    Level, Notification, NotificationKind, NotificationSettings, NotificationSummary, Preferences, QuietHours,
};
pub use retention::{AppliedRetention, Retention, RetentionScope};
pub use threads::{InThread, Replies, Thread};
pub use time::Time;
pub use users::{
    Account, CustomStatus, Presence, PresenceChoice, PresenceSource, PresenceState, Role, Sight, User,
    UserStatus,
};
