use crate::{
    ClientId, ConversationId, FilterPhrase, Forward, GroupName, HeldMessageId, MessageBody, MessageId, Post,
    ThreadAnswer, Timestamp, UserId,
};

/// What became of a message that was held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HeldState {
    /// Nobody has decided.
    Waiting,
    /// It was posted.
    Released,
    /// It is not posted.
    Rejected,
}

impl HeldState {
    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Released => "released",
            Self::Rejected => "rejected",
        }
    }
}

/// A message that waits until an admin lets it through, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// Its id while it waits; a later one is larger.
    pub id: HeldMessageId,
    /// Who wrote it.
    pub author: UserId,
    /// The id that their client gave it, under which it is posted.
    pub client_id: ClientId,
    /// Where it is to be posted.
    pub conversation: ConversationId,
    /// The text; `None` once it is posted, so that it goes when the message is deleted.
    pub body: Option<MessageBody>,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
    /// The thread it is written in; `None` for the conversation itself.
    pub thread: Option<ThreadAnswer>,
    /// Whose words they are, when it is forwarded.
    pub forward: Option<Forward>,
    /// What it says that is not to be written.
    pub phrase: FilterPhrase,
    /// When it was written.
    pub written_at: Timestamp,
    /// What became of it.
    pub state: HeldState,
    /// Who decided that; `None` while nobody has, and for whoever operates the machine.
    pub handled_by: Option<UserId>,
    /// When.
    pub handled_at: Option<Timestamp>,
}

impl HeldMessage {
    /// The most messages of one person that wait at once.
    pub const MAX_WAITING: u64 = 20;

    /// A post that breaks a rule, to be kept until somebody has decided.
    pub(crate) fn of(post: &Post, phrase: &FilterPhrase, id: HeldMessageId, now: Timestamp) -> Self {
        Self {
            id,
            author: post.actor.user,
            client_id: post.client_id,
            conversation: post.conversation,
            body: Some(post.body.clone()),
            reply_to: post.reply_to,
            thread: post.thread,
            forward: post.forward,
            phrase: phrase.clone(),
            written_at: now,
            state: HeldState::Waiting,
            handled_by: None,
            handled_at: None,
        }
    }
}

/// A message that was held back, with what is known of its place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedHeldMessage {
    /// The message.
    pub message: HeldMessage,
    /// The group it is for; `None` for one that is gone.
    pub group: Option<GroupName>,
}
