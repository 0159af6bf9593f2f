//! Messages that people report to those who look after the server.

use std::sync::Arc;

use thiserror::Error;

use crate::messages::is_in_sight;
use crate::{
    Actor, Clock, ConversationId, Denied, Entry, GroupName, IdSource, Message, MessageBody, MessageId,
    ReportId, ReportNote, Span, Store, StoreError, Timestamp, UniqueKey, UserId,
};

/// Why somebody reports a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportReason {
    /// Advertising, or the same again and again.
    Spam,
    /// Insults, threats, hatred.
    Abuse,
    /// Against the law.
    Illegal,
    /// Something else, which the note says.
    Other,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReportState {
    /// Nobody has looked at it.
    Open,
    /// Something was done about it.
    Resolved,
    /// There was nothing to be done.
    Dismissed,
}

impl ReportState {
    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A message beside the one that was reported, as the one who reported it saw it then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextMessage {
    /// Who wrote it.
    pub author: UserId,
    /// When.
    pub written_at: Timestamp,
    /// The text.
    pub body: MessageBody,
}

/// A message that somebody reported, as it was then: what becomes of it later changes no report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The report's id; a later one is larger.
    pub id: ReportId,
    /// Who reported it.
    pub reporter: UserId,
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// At which place.
    pub seq: u64,
    /// Who wrote it.
    pub author: UserId,
    /// When.
    pub written_at: Timestamp,
    /// What it said.
    pub body: MessageBody,
    /// What stood directly before it, oldest first.
    pub before: Vec<ContextMessage>,
    /// What stood directly behind it, oldest first.
    pub after: Vec<ContextMessage>,
    /// Why it was reported.
    pub reason: ReportReason,
    /// What the one who reported it says about it.
    pub note: ReportNote,
    /// When it was reported.
    pub reported_at: Timestamp,
    /// What became of it.
    pub state: ReportState,
    /// Who decided that; `None` while nobody has, and for whoever operates the machine.
    pub handled_by: Option<UserId>,
    /// When.
    pub handled_at: Option<Timestamp>,
}

impl Report {
    /// The most reports of one person that nobody has looked at yet.
    pub const MAX_OPEN: u64 = 20;

    /// How many messages on each side are told with the reported one, at most.
    pub const CONTEXT: usize = 3;
}

/// A report with what is known of its place now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReport {
    /// The report.
    pub report: Report,
    /// The group it is about; `None` for a direct conversation, and for a group that is gone.
    pub group: Option<GroupName>,
    /// Whether the message was deleted since.
    pub is_deleted: bool,
    /// Whether the group is frozen.
    pub is_frozen: bool,
}

/// Why a message was not reported.
#[derive(Debug, Error)]
pub enum ReportError {
    /// Not theirs to know of.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It was deleted.
    #[error("the message was deleted")]
    Deleted,
    /// It is their own.
    #[error("this is your own message; you can delete it")]
    OwnMessage,
    /// They reported it, and nobody has looked at that yet.
    #[error("you have reported this message already")]
    AlreadyReported,
    /// They have to wait until somebody has looked at what they reported.
    #[error(
        "{} reports of yours wait for an answer; wait until somebody has looked at them",
        Report::MAX_OPEN
    )]
    TooMany,
    /// The store could not do it.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ReportError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict(UniqueKey::Other) => Self::AlreadyReported,
            other => Self::Store(other),
        }
    }
}

/// Reporting messages.
pub struct Reports {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
}

impl Reports {
    /// Reports kept in `store`.
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, ids: Arc<dyn IdSource>) -> Self {
        Self { store, clock, ids }
    }

    /// Reports a message that the actor sees and somebody else wrote.
    pub async fn report(
        &self,
        actor: &Actor,
        id: MessageId,
        reason: ReportReason,
        note: ReportNote,
    ) -> Result<Report, ReportError> {
        let now = self.clock.now();
        let mut work = self.store.begin().await?;
        // So that of two reports at once the second one counts the first.
        work.lock_user(actor.user).await?;
        let entry = work.message(id).await?.ok_or(Denied::NotFound)?;
        let conversation = entry.conversation;
        let standing = work.standing(conversation, actor.user).await?.ok_or(Denied::NotFound)?;
        is_in_sight(actor, &entry, &standing, now)?;
        let (author, message) = entry.actor.zip(entry.message()).ok_or(Denied::NotFound)?;
        if author == actor.user {
            return Err(ReportError::OwnMessage);
        }
        if message.changes.deleted_at.is_some() {
            return Err(ReportError::Deleted);
        }
        if work.count_open_reports(Some(actor.user)).await? >= Report::MAX_OPEN {
            return Err(ReportError::TooMany);
        }
        let around = work.log(conversation, actor.user, Span::Around(entry.seq), LOOKED_AT).await?;
        let around = around.map(|page| page.entries).unwrap_or_default();
        let beside: Vec<(u64, ContextMessage)> =
            around.iter().filter_map(|other| context(other, &entry, message)).collect();
        let (before, after): (Vec<_>, Vec<_>) = beside.into_iter().partition(|(seq, _)| *seq < entry.seq);
        let skipped = before.len().saturating_sub(Report::CONTEXT);
        let report = Report {
            id: ReportId::from_uuid(self.ids.next_id()),
            reporter: actor.user,
            message: id,
            conversation,
            seq: entry.seq,
            author,
            written_at: entry.created_at,
            body: said(message),
            before: before.into_iter().skip(skipped).map(|(_, message)| message).collect(),
            after: after.into_iter().take(Report::CONTEXT).map(|(_, message)| message).collect(),
            reason,
            note,
            reported_at: now,
            state: ReportState::Open,
            handled_by: None,
            handled_at: None,
        };
        work.insert_report(&report).await?;
        work.commit().await?;
        Ok(report)
    }
}

/// The text that is kept of a message. What its files show is not kept; they have names at least.
fn said(message: &Message) -> MessageBody {
    MessageBody::from_stored(message.in_words().into_owned())
}

/// Entries around a message among which its neighbours are looked for.
const LOOKED_AT: u32 = 30;

/// An entry as a neighbour of the reported message, when it is a message that stands in the same
/// place, the conversation or the same thread, and says something.
fn context(other: &Entry, reported: &Entry, message: &Message) -> Option<(u64, ContextMessage)> {
    let (author, found) = other.actor.zip(other.message())?;
    let thread = |message: &Message| message.thread.map(|thread| thread.seq);
    let is_beside =
        other.seq != reported.seq && found.changes.deleted_at.is_none() && thread(found) == thread(message);
    let beside = ContextMessage { author, written_at: other.created_at, body: said(found) };
    is_beside.then_some((other.seq, beside))
}
