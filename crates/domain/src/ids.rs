use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Names the thing that has this UUID.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID, for storing and for the wire.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A user's internal id. People see the [`UserCode`](crate::UserCode).
    UserId
);
id!(
    /// The id of a rule of the word filter.
    FilterRuleId
);
id!(
    /// The id of a message that waits for a decision.
    HeldMessageId
);
id!(
    /// The id of an e-mail that waits to be sent.
    MailId
);
id!(
    /// A session's id: one sign-in on one device.
    SessionId
);
id!(
    /// A conversation's id.
    ConversationId
);
id!(
    /// A group's id. A group and its conversation are one thing and share the UUID.
    GroupId
);
id!(
    /// A message's id, made by the server.
    MessageId
);
id!(
    /// The id that a message's author gave it, so that sending again does not post again.
    /// Unique with its author for ever.
    ClientId
);
id!(
    /// The id of a link that leads into a group; not its secret.
    InviteLinkId
);
id!(
    /// The id of an invitation to the server; not its token.
    InviteId
);
id!(
    /// A ban's id.
    BanId
);
id!(
    /// The id of an order to erase messages.
    ErasureId
);
id!(
    /// A report's id.
    ReportId
);
id!(
    /// The id of what was written down of something that was done.
    AuditId
);
id!(
    /// A picture's id. Another picture has another id, so that one may be kept by it for ever.
    PictureId
);
id!(
    /// A file's id: one upload by one person.
    FileId
);
id!(
    /// The id of an upload whose bytes come in parts.
    UploadId
);
id!(
    /// The name under which the file store keeps bytes. It is made by the server and says nothing of
    /// what people call the file.
    ObjectId
);
id!(
    /// A notification's id.
    NotificationId
);
id!(
    /// An outgoing webhook's id.
    OutgoingWebhookId
);
id!(
    /// The id of something that an outgoing webhook sent.
    WebhookDeliveryId
);
id!(
    /// A node's id: one run of one server process.
    NodeId
);

impl From<GroupId> for ConversationId {
    fn from(group: GroupId) -> Self {
        Self(group.0)
    }
}

impl From<ConversationId> for GroupId {
    fn from(conversation: ConversationId) -> Self {
        Self(conversation.0)
    }
}
