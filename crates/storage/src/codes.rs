//! The numbers that stand for the domain's words in columns. They are on people's disks: add, but
//! never change one.

use parlor_domain::{
    AuditAction, FileKind, FilterAction, HeldState, Level, MemberRole, NotificationKind, Presence, Refusal,
    RegistrationPolicy, ReportReason, ReportState, RetentionScope, Role, SessionKind, UserStatus, Visibility,
    WebhookState,
};

/// A word with a number.
pub(crate) trait Code: Sized + Copy {
    /// The number of this word.
    fn code(self) -> i16;

    /// The word with this number.
    fn from_code(code: i16) -> Option<Self>;
}

macro_rules! codes {
    ($word:ident { $($variant:ident = $code:literal),+ $(,)? }) => {
        impl Code for $word {
            fn code(self) -> i16 {
                match self {
                    $(Self::$variant => $code),+
                }
            }

            fn from_code(code: i16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

codes!(Role { User = 1, Admin = 2 });
codes!(AuditAction {
    SignedIn = 1,
    SignInFailed = 2,
    PasswordChanged = 3,
    PasswordRecovered = 4,
    RecoveryCodesRenewed = 5,
    UserCreated = 6,
    UserChanged = 7,
    RoleChanged = 8,
    UserBanned = 9,
    BanLifted = 10,
    SessionsEnded = 11,
    GroupDeleted = 12,
    AuditExported = 13,
    InviteCreated = 14,
    InviteRevoked = 15,
    SettingsChanged = 16,
    ResetLinkMade = 17,
    TemporaryPasswordSet = 18,
    TotpEnabled = 19,
    TotpDisabled = 20,
    TotpRemoved = 21,
    SignedInByProvider = 22,
    IdentityLinked = 23,
    IdentityUnlinked = 24,
    UserDeleted = 30,
    MessagesErased = 31,
    HistoryCleared = 32,
    ReportHandled = 33,
    ApiTokenMade = 40,
    ApiTokenRevoked = 41,
    BannedFromGroup = 42,
    GroupBanLifted = 43,
    UserMuted = 44,
    MuteLifted = 45,
    GroupFrozen = 46,
    GroupUnfrozen = 47,
    WordFilterChanged = 48,
    HeldMessageHandled = 49,
    OutgoingWebhookMade = 50,
    OutgoingWebhookChanged = 51,
    OutgoingWebhookDeleted = 52,
    WebhookSecretReplaced = 53,
    WebhookSentByHand = 54,
    GroupChanged = 55,
    MemberRemoved = 56,
    SessionEnded = 57,
    DataExported = 58,
    RetentionSet = 59,
});
codes!(RegistrationPolicy { Open = 1, Invite = 2, Closed = 3 });
codes!(ReportReason { Spam = 1, Abuse = 2, Illegal = 3, Other = 4 });
codes!(ReportState { Open = 1, Resolved = 2, Dismissed = 3 });
codes!(UserStatus { Active = 1, Deleted = 2 });
codes!(SessionKind { Cookie = 1, Token = 2 });
codes!(MemberRole { Member = 1, Moderator = 2, Owner = 3 });
codes!(Refusal { NotMember = 1, Forbidden = 2, Muted = 3, Archived = 4, NoSuchMessage = 5, Blocked = 6, Frozen = 7, Filtered = 8 });
codes!(WebhookState { Active = 1, Paused = 2, Failed = 3 });
codes!(FileKind { Picture = 1, Video = 2, Audio = 3, Document = 4 });
codes!(FilterAction { Refuse = 1, Hold = 2 });
codes!(RetentionScope { Files = 1, MessagesAndFiles = 2 });
codes!(HeldState { Waiting = 1, Released = 2, Rejected = 3 });
codes!(Visibility { Public = 1, Private = 2 });
codes!(Presence { Online = 1, Away = 2, DoNotDisturb = 3, Invisible = 4 });
codes!(Level { All = 1, Mentions = 2, Nothing = 3 });
codes!(NotificationKind {
    Mention = 1,
    Reply = 2,
    Reaction = 3,
    Added = 4,
    Role = 5,
    BanLifted = 6,
    Announcement = 7,
    ReportHandled = 8,
    MessageRejected = 9,
    WebhookFailed = 10,
});

/// The numbers of the kinds of entries, which carry content and so are no plain words.
pub(crate) mod entry {
    pub(crate) const MESSAGE: i16 = 1;
    pub(crate) const JOIN: i16 = 2;
    pub(crate) const LEAVE: i16 = 3;
    pub(crate) const REMOVAL: i16 = 4;
    pub(crate) const RENAME: i16 = 5;
    pub(crate) const EDIT: i16 = 6;
    pub(crate) const DELETION: i16 = 7;
    pub(crate) const REACTION: i16 = 8;
    pub(crate) const REACTION_REMOVAL: i16 = 9;
    pub(crate) const PIN: i16 = 10;
    pub(crate) const UNPIN: i16 = 11;
    pub(crate) const ROLE: i16 = 12;
    pub(crate) const MUTE: i16 = 13;
    pub(crate) const UNMUTE: i16 = 14;
    pub(crate) const DESCRIPTION: i16 = 15;
    pub(crate) const VISIBILITY: i16 = 16;
    pub(crate) const ARCHIVE: i16 = 17;
    pub(crate) const UNARCHIVE: i16 = 18;
    pub(crate) const GROUP_DELETION: i16 = 19;
    pub(crate) const PICTURE: i16 = 20;
    pub(crate) const CLEAR: i16 = 21;
    pub(crate) const FREEZE: i16 = 22;
    pub(crate) const UNFREEZE: i16 = 23;
    pub(crate) const FILE_REMOVAL: i16 = 24;
    pub(crate) const RETENTION: i16 = 25;
}

/// The numbers of what e-mails are about, which carry to whom and so are no plain words.
pub(crate) mod mail {
    pub(crate) const RECOVERY_LINK: i16 = 1;
    pub(crate) const VERIFICATION: i16 = 2;
    pub(crate) const PASSWORD_CHANGED: i16 = 3;
    pub(crate) const PASSWORD_RECOVERED: i16 = 4;
    pub(crate) const TOTP_ENABLED: i16 = 5;
    pub(crate) const TOTP_DISABLED: i16 = 6;
}

/// The numbers of what browsers go to an identity provider for, which carry for whom and so are no
/// plain words.
pub(crate) mod oidc {
    pub(crate) const SIGN_IN: i16 = 1;
    pub(crate) const LINK: i16 = 2;
    pub(crate) const CONFIRM: i16 = 3;
    pub(crate) const SECOND_FACTOR: i16 = 4;
}

/// The numbers of what something was done to.
pub(crate) mod target {
    pub(crate) const USER: i16 = 1;
    pub(crate) const GROUP: i16 = 2;
}

/// The numbers of messages that are no plain ones.
pub(crate) mod mark {
    /// It was written in a thread and is shown in the conversation, too.
    pub(crate) const BROADCAST: i64 = 1;
    /// It has the words of somebody else.
    pub(crate) const FORWARDED: i64 = 2;
}
