use std::sync::Arc;

use parlor_domain::{
    Actor, Authenticated, ChangeError, Changed, ConversationId, ConversationView, Cursor, CursorMove, Emoji,
    MessageBody, MessageId, Post, PostError, Posted, Presence, User, UserId,
};
use parlor_wire as wire;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use super::refusals::Refusal;
use crate::frames::{Authenticate, CloseReason, Hello};

/// Entries of one conversation that follow each other, encoded once for everybody.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) conversation: ConversationId,
    pub(crate) lines: Vec<Line>,
}

/// One encoded entry.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) seq: u64,
    pub(crate) frame: Utf8Bytes,
}

/// Something a connection must hear of, in order.
#[derive(Debug, Clone)]
pub(crate) enum Control {
    /// The person came into a conversation.
    Joined(ConversationId),
    /// The person is out of a conversation since this entry.
    Left(ConversationId, u64),
    /// A cursor moved.
    Cursor(ConversationId, UserId, Cursor),
    /// Their read cursor was moved back.
    Unread(ConversationId, u64),
    /// Something about a conversation, for those who are in it.
    About(ConversationId, Utf8Bytes),
    /// Something for everybody.
    Notice(Utf8Bytes),
    /// The person's own account changed.
    Me(Arc<User>),
}

/// What was in the mailbox.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    pub(crate) control: Vec<Control>,
    pub(crate) live: Vec<Arc<Batch>>,
    /// Logs that reach further than what was put into `live`.
    pub(crate) dirty: Vec<(ConversationId, u64)>,
    /// Anything may have been missed: look at everything again.
    pub(crate) resync: bool,
    pub(crate) ephemeral: Vec<Ephemeral>,
}

/// What may be lost: typing, for those in the conversation, and presence, for everybody.
#[derive(Debug, Clone)]
pub(crate) struct Ephemeral {
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) frame: Utf8Bytes,
}

/// What a connection's state machine is told.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A frame arrived.
    Frame(&'a str),
    /// The mailbox was emptied.
    Mail(&'a mut Mail),
    /// The job it asked for is done.
    Loaded(Loaded),
    /// A post was answered.
    Posted(u64, Result<Posted, PostError>),
    /// A message was changed, or not.
    Changed(u64, Result<Changed, ChangeError>),
    /// The typing signal was passed on, or came this many milliseconds too early.
    Typed(u64, Result<(), u64>),
    /// The client answered a ping.
    Answered,
    /// The connection is to end.
    End(CloseReason),
}

/// What a connection's state machine wants done.
#[derive(Debug)]
pub(crate) enum Action {
    /// Send this frame.
    Send(Utf8Bytes),
    /// Hand this in to be stored, and tell what comes of it.
    Post(u64, Box<Post>),
    /// Change a message, after those before, and tell what comes of it.
    Change(u64, Box<Change>),
    /// Note how far the client is.
    Move(CursorMove),
    /// Tell the others, and say whether it was allowed.
    Type(u64, ConversationId),
    /// Show the person like this.
    Show(Presence),
    /// From now on put the entries of these conversations, whose logs are known to reach so far,
    /// into the mailbox.
    Subscribe(Vec<(ConversationId, u64)>),
    /// No longer.
    Unsubscribe(ConversationId),
    /// The client is known now: put what concerns the person into the mailbox.
    Listen,
    /// Say goodbye and close.
    Close(CloseReason),
}

/// What is to be done with a message.
#[derive(Debug)]
pub(crate) enum Change {
    /// Give it this text.
    Edit(Actor, MessageId, MessageBody),
    /// Delete it.
    Delete(Actor, MessageId),
    /// Have this reaction of the actor's, or not.
    React(Actor, MessageId, Emoji, bool),
}

/// Something to be fetched; one at a time.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    /// Find out who this is, register, and make sure that it is still so.
    Authenticate(Authenticate),
    /// The upgrade said who this is: register, and make sure that it is still so.
    Confirm(Authenticated),
    /// Is the session still good?
    Recheck,
    /// The account and all conversations.
    Snapshot,
    /// One conversation.
    View(ConversationId),
    /// The ends of these logs.
    Heads(Vec<ConversationId>),
    /// A conversation's entries after this place, at most so many.
    Page(ConversationId, u64, u32),
}

/// What was fetched.
#[derive(Debug)]
pub(crate) enum Loaded {
    /// Who it is.
    Known(u64, Result<Authenticated, Refusal>),
    /// Who it is, as the upgrade said.
    Confirmed(Authenticated),
    /// Who it is could not be made sure of.
    Unavailable,
    /// There is no room for another connection of this person.
    Crowded,
    /// Who it still is; `None` when the session is over.
    Rechecked(Option<Authenticated>),
    /// The account and all conversations.
    Snapshot(Box<Snapshot>),
    /// One conversation; `None` when it is not, or no longer, one of theirs.
    View(ConversationId, Option<Box<Place>>),
    /// The ends of logs.
    Heads(Vec<(ConversationId, u64)>),
    /// Part of a log; `None` when it is not, or no longer, theirs to read.
    Page(ConversationId, Option<Page>),
    /// The store could not do it.
    Failed(Job),
}

/// Everything a client starts from.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) me: wire::Account,
    /// Whom the person blocked.
    pub(crate) blocked: Vec<Uuid>,
    pub(crate) places: Vec<Place>,
    pub(crate) notifications: wire::NotificationSummary,
    /// What people get to read during maintenance.
    pub(crate) maintenance: Option<String>,
}

/// One conversation, and where its log and the member are.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) id: ConversationId,
    pub(crate) last_seq: u64,
    pub(crate) floor_seq: u64,
    pub(crate) cursor: Cursor,
    pub(crate) shown: wire::Conversation,
}

impl Place {
    pub(crate) fn render(view: &ConversationView, presence: &dyn wire::PresenceSource) -> Self {
        Self {
            id: view.conversation.id,
            last_seq: view.conversation.last_seq,
            floor_seq: view.membership.floor_seq,
            cursor: view.membership.cursor,
            shown: wire::Conversation::render(view, presence),
        }
    }
}

/// Part of a log, encoded.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) last_seq: u64,
    pub(crate) floor_seq: u64,
    pub(crate) lines: Vec<Line>,
}

/// How far a connection has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nobody knows who it is.
    Anonymous,
    /// Known, and has not said hello.
    Known,
    /// Has said hello; the snapshot is being read.
    Loading(Hello),
    /// Streams.
    Live,
    /// Ends once the posts in flight are answered.
    Ending(CloseReason),
    /// Over: nothing is sent any more.
    Over,
}
