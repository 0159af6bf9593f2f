use std::net::IpAddr;

use crate::{AuditId, GroupId, Timestamp, UserId};

/// What is written down of somebody who did something that matters to everybody's safety.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// Somebody signed in.
    SignedIn,
    /// Somebody signed in at the identity provider.
    SignedInByProvider,
    /// Somebody gave a wrong password.
    SignInFailed,
    /// Somebody changed their own password.
    PasswordChanged,
    /// Somebody got their account back with a recovery code.
    PasswordRecovered,
    /// Somebody got new recovery codes.
    RecoveryCodesRenewed,
    /// Somebody linked their account with who they are at the identity provider.
    IdentityLinked,
    /// Somebody took such a link away.
    IdentityUnlinked,
    /// An account was made, by the person or by an admin.
    UserCreated,
    /// An admin changed somebody's name or address.
    UserChanged,
    /// An account was deleted.
    UserDeleted,
    /// All messages of somebody were erased.
    MessagesErased,
    /// It was decided about a message that somebody reported.
    ReportHandled,
    /// What was written in a group was erased.
    HistoryCleared,
    /// It was set how long messages and files of a group are kept.
    RetentionSet,
    /// Somebody got another role on the server.
    RoleChanged,
    /// Somebody was shut out of the server.
    UserBanned,
    /// A ban was taken back.
    BanLifted,
    /// An admin signed somebody out everywhere.
    SessionsEnded,
    /// A group was deleted.
    GroupDeleted,
    /// The audit log was taken out as a file.
    AuditExported,
    /// Somebody was invited to the server.
    InviteCreated,
    /// An invitation was taken back.
    InviteRevoked,
    /// Something was set that counts for the whole server.
    SettingsChanged,
    /// An admin made a link with which somebody gets their account back.
    ResetLinkMade,
    /// An admin gave somebody a password with which they choose another.
    TemporaryPasswordSet,
    /// An admin changed a group that others may lead.
    GroupChanged,
    /// An admin took somebody out of a group.
    MemberRemoved,
    /// An admin signed somebody out on one device.
    SessionEnded,
    /// A token was made with which a program acts for somebody.
    ApiTokenMade,
    /// Such a token was taken out of use.
    ApiTokenRevoked,
    /// A webhook was made that tells others what happens where a bot is.
    OutgoingWebhookMade,
    /// Such a webhook was changed, paused, or let go on.
    OutgoingWebhookChanged,
    /// Such a webhook was deleted.
    OutgoingWebhookDeleted,
    /// Such a webhook got another secret.
    WebhookSecretReplaced,
    /// Such a webhook sent something because an admin wanted it to.
    WebhookSentByHand,
    /// Somebody signs in with a second factor from now on.
    TotpEnabled,
    /// Somebody took their second factor away.
    TotpDisabled,
    /// An admin took somebody's second factor away.
    TotpRemoved,
    /// What there is about somebody was taken along.
    DataExported,
    /// Somebody was shut out of a group.
    BannedFromGroup,
    /// Such a ban was taken back.
    GroupBanLifted,
    /// Somebody was kept from writing on the whole server.
    UserMuted,
    /// They may write again.
    MuteLifted,
    /// Nobody may write in a group for a while.
    GroupFrozen,
    /// People may write there again.
    GroupUnfrozen,
    /// A rule of the word filter was made, changed or taken away.
    WordFilterChanged,
    /// It was decided about a message that the word filter held back.
    HeldMessageHandled,
}

/// What it was done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditTarget {
    /// A person.
    User(UserId),
    /// A group.
    Group(GroupId),
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditValue {
    /// Words, or a number.
    Text(String),
    /// A moment.
    Moment(Timestamp),
}

/// What a field was before, and what it is since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditChange {
    /// The field's name in the API.
    pub field: String,
    /// What it was; `None` when it was not there.
    pub before: Option<AuditValue>,
    /// What it is; `None` when it is there no more.
    pub after: Option<AuditValue>,
}

impl AuditChange {
    /// A field of words that was `before` and is `after`; nothing when that is the same.
    pub(crate) fn of_text(field: &str, before: Option<&str>, after: Option<&str>) -> Option<Self> {
        let value = |text: &str| AuditValue::Text(text.to_owned());
        let (before, after) = (before.map(value), after.map(value));
        (before != after).then(|| Self { field: field.to_owned(), before, after })
    }

    /// A moment that was `before` and is `after`; nothing when that is the same.
    pub(crate) fn of_moment(
        field: &str,
        before: Option<Timestamp>,
        after: Option<Timestamp>,
    ) -> Option<Self> {
        let (before, after) = (before.map(AuditValue::Moment), after.map(AuditValue::Moment));
        (before != after).then(|| Self { field: field.to_owned(), before, after })
    }
}

/// Who did something, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Doer {
    /// The person; `None` for whoever operates the machine, and for one who is not known.
    pub user: Option<UserId>,
    /// Where they did it from.
    pub address: Option<IpAddr>,
}

/// One thing that was done. It is written in the unit of work that does it, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its id; a later one is larger.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub doer: Doer,
    /// What.
    pub action: AuditAction,
    /// To whom or what.
    pub target: Option<AuditTarget>,
    /// What is different since.
    pub changes: Vec<AuditChange>,
}

/// Which of it a list is about; what is `None` leaves nothing out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Done by this person.
    pub by: Option<UserId>,
    /// Done to this person or group.
    pub target: Option<AuditTarget>,
    /// Of this kind.
    pub action: Option<AuditAction>,
    /// At this moment or later.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}
