//! Messages that are erased bit by bit, so that even a hundred thousand of them hold nobody up.

use std::collections::BTreeMap;
use std::sync::Arc;

use uuid::Uuid;

use crate::{
    ConversationId, Entry, EntryKind, ErasureId, Event, Message, Store, StoreError, Target, Timestamp,
    UnitOfWork, UserId,
};

/// Messages that are erased in one unit of work: few enough, with what the index for searching has
/// of them, that nobody who posts waits for it.
const SLICE: u32 = 25;

/// Places of a log that are looked through in one go.
const LOOKED_AT: u64 = 5_000;

/// What becomes of the messages of somebody whose account is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageFate {
    /// They stay, as those of a deleted user.
    Keep,
    /// Of each only that there was one stays.
    Erase,
}

impl MessageFate {
    /// The word for it, as the API and the audit log have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Erase => "erase",
        }
    }
}

/// Messages that were ordered to be erased. What is done of it is kept, so that it goes on where it
/// was after a restart, on whichever node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Erasure {
    /// Its id.
    pub id: ErasureId,
    /// Whose messages; `None` means everybody's.
    pub author: Option<UserId>,
    /// In which conversation; `None` means in all.
    pub conversation: Option<ConversationId>,
    /// Only what was written until this moment.
    pub until: Timestamp,
    /// How far it has come: through all logs with a lower id than this one, and in this one down to
    /// this place.
    pub reached: (ConversationId, u64),
}

impl Erasure {
    /// Nothing was looked at yet.
    const BEGINNING: (ConversationId, u64) = (ConversationId::from_uuid(Uuid::nil()), 0);

    /// All messages that somebody wrote until now.
    pub(crate) fn of(author: UserId, id: ErasureId, now: Timestamp) -> Self {
        Self { id, author: Some(author), conversation: None, until: now, reached: Self::BEGINNING }
    }

    /// All messages of one log below a place.
    pub(crate) fn below(conversation: ConversationId, seq: u64, id: ErasureId, now: Timestamp) -> Self {
        let reached = (conversation, seq);
        Self { id, author: None, conversation: Some(conversation), until: now, reached }
    }
}

/// Some messages of one log, the latest first.
struct Slice {
    conversation: ConversationId,
    seqs: Vec<u64>,
}

/// Erases the next messages; whether there may be more.
pub(crate) async fn erase_slice(
    store: &dyn Store,
    erasure: &Erasure,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let found = next_slice(store, erasure).await?;
    let mut work = store.begin().await?;
    // Another node may have been quicker.
    if work.lock_erasure(erasure.id).await?.as_ref() != Some(erasure) {
        return Ok(true);
    }
    let Some(Slice { conversation, seqs }) = found else {
        work.delete_erasure(erasure.id).await?;
        work.commit().await?;
        return Ok(false);
    };
    erase_messages(&mut *work, conversation, &seqs, now).await?;
    let lowest = seqs.last().copied().unwrap_or_default();
    work.move_erasure(erasure.id, (conversation, lowest)).await?;
    work.commit().await?;
    Ok(true)
}

/// Looks for the next messages, beside the writer, so that looking through long logs in vain costs
/// nobody anything.
async fn next_slice(store: &dyn Store, erasure: &Erasure) -> Result<Option<Slice>, StoreError> {
    let (mut conversation, mut below) = erasure.reached;
    loop {
        while below > 1 {
            let above = below.saturating_sub(LOOKED_AT + 1);
            let seqs = store
                .messages_between(conversation, (above, below), erasure.author, erasure.until, SLICE)
                .await?;
            if !seqs.is_empty() {
                return Ok(Some(Slice { conversation, seqs }));
            }
            below = above + 1;
        }
        let Some(author) = erasure.author.filter(|_| erasure.conversation.is_none()) else {
            return Ok(None);
        };
        let Some((next, last)) = store.next_log(conversation, author).await? else { return Ok(None) };
        (conversation, below) = (next, last + 1);
    }
}

/// Erases the messages at these places of a log, and tells of each that it was deleted. Those that
/// are gone already stay as they are. That the conversation was active then is not noted: nobody
/// wrote anything.
pub(crate) async fn erase_messages(
    work: &mut dyn UnitOfWork,
    conversation: ConversationId,
    seqs: &[u64],
    now: Timestamp,
) -> Result<(), StoreError> {
    work.lock_conversations(&[conversation]).await?;
    let mut found = work.messages_at(conversation, seqs).await?;
    found.retain(|entry| entry.message().is_some_and(|message| message.changes.deleted_at.is_none()));
    let Some(active_at) = work.conversation(conversation).await?.map(|found| found.active_at) else {
        return Ok(());
    };
    if found.is_empty() {
        return Ok(());
    }
    let count = u32::try_from(found.len()).unwrap_or(u32::MAX);
    let taken = work.take_seqs(&[(conversation, count)], active_at).await?;
    let first = taken.first().map_or(1, |(_, last)| last + 1 - u64::from(count));
    let deletions: Vec<Entry> =
        (first..).zip(found).filter_map(|(seq, entry)| deletion(seq, entry, now)).collect();
    let places: Vec<(u64, u64)> =
        deletions.iter().filter_map(|entry| entry.target().map(|target| (target.seq, entry.seq))).collect();
    work.erase_messages(conversation, &places, now).await?;
    for (root, seq) in answered(&deletions) {
        work.note_deleted_answer(conversation, root, seq).await?;
    }
    work.append(&deletions).await?;
    for entry in deletions {
        work.emit(Event::EntryAppended(Arc::new(entry)));
    }
    Ok(())
}

/// The entry that tells that a message was deleted, by nobody in particular.
fn deletion(seq: u64, entry: Entry, now: Timestamp) -> Option<Entry> {
    let author = entry.actor?;
    let EntryKind::Message(mut message) = entry.kind else { return None };
    message.erase(now);
    message.changes.seq = seq;
    let message = Message { replies: None, forwarded: None, ..message };
    let kind = EntryKind::Deletion(Box::new(Target { seq: entry.seq, author, message }));
    Some(Entry { conversation: entry.conversation, seq, actor: None, created_at: now, kind })
}

/// The threads in which something was deleted, each with where the last of it is told.
fn answered(deletions: &[Entry]) -> BTreeMap<u64, u64> {
    let threads = deletions.iter().filter_map(|entry| Some((entry.target()?.message.thread?.seq, entry.seq)));
    threads.collect()
}
